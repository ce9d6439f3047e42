"""The toy exercise of lesson 00."""

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong


def _check_warmest(names):
    answer = names["warmest"]
    readings = names["readings"]
    if problem := not_a_number("warmest", answer):
        return problem
    if answer == min(readings):
        return "That is the coldest reading: the task asks for the other end of the list."
    if answer == len(readings):
        return "That is how many readings there are, not the largest among them."
    if answer == readings.index(max(readings)):
        return "That is the position of the warmest reading: the task asks for the temperature there."
    if answer != max(readings):
        return "That is not the warmest reading: did every reading of the list take part in the comparison?"
    return None


EXERCISES = [
    Exercise(
        id="00.1",
        minutes=2,
        names=("warmest",),
        check=_check_warmest,
        why="One reading far from the others is how many an anomaly first shows itself, "
            "and the largest is the quickest look.",
        hints=(
            "Python has a built-in function that finds the largest value of a list.",
            "It is called max, and it takes the list.",
            "Replace the ... by max(readings).",
        ),
        solution="warmest = max(readings)",
        wrong=(
            Wrong("warmest = min(readings)", "coldest reading"),
            Wrong("warmest = len(readings)", "how many readings"),
            Wrong("warmest = readings.index(max(readings))", "position"),
            Wrong("warmest = readings", "one number"),
            Wrong("warmest = readings[0]", "every reading"),
        ),
    ),
]
