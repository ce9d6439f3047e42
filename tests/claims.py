"""What the lessons' prose says in numbers that do not stand in an output beside it.

`CLAIMS` holds for each lesson phrases of its prose, each with a function of the lesson's variables, as they are after
its last cell, that tells whether the phrase is true. `FACTS` holds phrases with numbers that no code of the lesson can
show, each with the reason. `test_exercises.py` checks both, and that every other number stands in an output.
"""

CLAIMS = {
    "00_start_here": {
        "Eight readings of a cold room": lambda names: len(names["readings"]) == 8,
        "Seven dots lie near 2 °C and one does not": lambda names: sum(1.5 < x < 2.5 for x in names["readings"]) == 7,
    },
}

FACTS = {
    "00_start_here": {
        "By then the room stood at 28 °C": "told before any data is loaded; lesson 01 shows the recording",
    },
}
