"""What the prose of 00_start_here says in numbers that stand in no output beside it."""

CLAIMS = {
    "Eight readings of a cold room": lambda names: len(names["readings"]) == 8,
    "Seven dots lie near 2 °C and one does not": lambda names: sum(1.5 < x < 2.5 for x in names["readings"]) == 7,
}

FACTS = {
    "By then the room stood at 28 °C": "told before any data is loaded; lesson 01 shows the recording",
}
