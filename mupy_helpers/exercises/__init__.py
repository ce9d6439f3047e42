"""Exercises of the lessons: `check` an answer, ask for a `hint`, look at the `solution`."""

from mupy_helpers.exercises.engine import check, hint, solution

__all__ = ["check", "hint", "solution"]
