"""Runs a lesson's cells in this process, as far as a test needs them, and answers its exercises on the way."""

import contextlib
import gc
import numbers
import os
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mupy_helpers.exercises.engine import Feedback, judge
from tools import lessons

_ABSENT = object()


@dataclass(frozen=True)
class Judged:
    """What the answers to an exercise got, each given where the exercise stands; a str is what made an answer fail.

    Parameters
    ----------
    starter : Feedback
    solution : Feedback or str
        With no exercise before it attempted, as the wrong answers are.
    solved : Feedback
        The solution, with every exercise before it solved.
    wrong : list of Feedback or str
        One for each wrong answer of the bank.
    values : list of float and Timestamp
        The numbers and times of the right answer that a message must not give away.
    """

    starter: Feedback
    solution: Feedback
    solved: Feedback
    wrong: list
    values: list


def snapshot(namespace):
    """Return a copy of a namespace in which data can be changed without harm."""
    def copied(value):  # data only: the copy of an artist would take its whole figure along
        if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
            return value.copy()
        if isinstance(value, list):
            return [copied(part) for part in value]
        return {key: copied(part) for key, part in value.items()} if isinstance(value, dict) else value

    return {name: value if name.startswith("__") else copied(value) for name, value in namespace.items()}


def code_cells(lesson, part="all", solved=False):
    """Return the code cells of a lesson, or of a path through it.

    Parameters
    ----------
    lesson : Lesson
    part : {"all", "core", "workshop"}
    solved : bool
        With every exercise's starter cell replaced by its solution.
    """
    return [cell for cell, is_core, is_workshop in lessons.paths(lessons.read(lesson, solved=solved).cells)
            if cell.cell_type == "code" and {"all": True, "core": is_core, "workshop": is_workshop}[part]]


def path(lesson, part):
    """Return the sources of all code cells of a lesson, and for each whether it is on a path."""
    chosen = {cell.id for cell in code_cells(lesson, part)}
    cells = code_cells(lesson)
    return [_source(cell) for cell in cells], [cell.id in chosen for cell in cells]


def _source(cell):
    return cell.source.removeprefix("%%time\n")


@contextlib.contextmanager
def _as_in_a_notebook(lesson):
    import matplotlib.pyplot as plt

    gc.collect()  # the lesson before: its functions and the variables around them hold each other
    before, show = os.getcwd(), plt.show
    os.chdir(lesson.notebook.parent)
    plt.show = lambda *_, **__: plt.close("all")
    try:
        # A lesson switches its style on: the tests after it should not see that.
        with plt.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("error")
            # As in a notebook: deprecations show where the lesson's own lines cause them, not inside of libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.filterwarnings("error", category=DeprecationWarning, module="__main__")
            if pd.__version__ < "3":  # pandas 2 warns where 3 gives NaN: the median of missing values alone
                warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
            yield
    finally:
        plt.show = show
        plt.close("all")
        os.chdir(before)


def _execute(lesson, cell, namespace):
    exec(compile(_source(cell), f"{lesson.name}, cell {cell.id}", "exec"), namespace)


def run(lesson, part="all"):
    """Run the code cells of a lesson, exercises as the reader finds them.

    Parameters
    ----------
    lesson : Lesson
    part : {"all", "core", "workshop"}
        Which path through the lesson.

    Returns
    -------
    dict
        The variables after the last cell.
    """
    namespace = {"__name__": "__main__", "display": lambda *objects: None}
    with _as_in_a_notebook(lesson):
        for cell in code_cells(lesson, part):
            _execute(lesson, cell, namespace)
    return namespace


def solve(lesson, exercises):
    """Run all code cells of a lesson with every exercise solved, and try its other answers where it stands.

    Parameters
    ----------
    lesson : Lesson
    exercises : list of Exercise
        Of this lesson.

    Returns
    -------
    namespace : dict
        The variables after the last cell; those that hold an exercise's answer, as before any exercise was attempted.
    judged : dict of str to Judged
        By exercise id.
    """
    exercises, judged = {exercise.id: exercise for exercise in exercises}, {}
    namespace = {"__name__": "__main__", "display": lambda *objects: None}
    answers = {}  # name: what the solution set, and what stood there without it
    with _as_in_a_notebook(lesson):
        cells = code_cells(lesson)
        for place, (cell, solved) in enumerate(zip(cells, code_cells(lesson, solved=True))):
            if cell.source == solved.source:
                _execute(lesson, cell, namespace)
                continue
            exercise = exercises[lessons.CHECK.search(cells[place + 1].source)[1]]
            before = dict(namespace)
            _unsolve(namespace, answers)
            _execute(lesson, cell, namespace)
            untouched = dict(namespace)
            solution, names = _answered(exercise, untouched, exercise.solution)
            values = [value for name in exercise.names for value in right_values(names.get(name))]
            wrong = [_answered(exercise, untouched, each.code)[0] for each in exercise.wrong]
            # Functions of the lesson look their variables up in this dict: it must stay the same one.
            namespace.clear()
            namespace.update(before)
            _execute(lesson, solved, namespace)
            judged[exercise.id] = Judged(judge(exercise, untouched), solution, judge(exercise, namespace), wrong,
                                         values)
            for name, value in namespace.items():
                if value is not before.get(name, _ABSENT):
                    answers[name] = value, untouched.get(name, _ABSENT)
        _unsolve(namespace, answers)
    return namespace, judged


def right_values(value):
    """Return the numbers and times of an answer that a message must not give away; single digits are too common."""
    if isinstance(value, (list, tuple, set, frozenset)) and len(value) <= 10:
        return [inner for part in value for inner in right_values(part)]
    if isinstance(value, dict) and len(value) <= 10:
        return right_values(list(value.values()))
    if isinstance(value, pd.Timestamp):
        return [value]
    is_number = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)) and np.isfinite(value)
    return [abs(float(value))] if is_number and len(re.findall(r"\d", f"{value:.12g}".lstrip("0."))) > 1 else []


def _answered(exercise, namespace, code):
    """Return the feedback on an answer, and the variables with it."""
    names = snapshot(namespace)
    try:
        exec(code, names)
        return judge(exercise, names), names
    except Exception as error:  # kept for the test of this answer: the others are judged all the same
        return f"{type(error).__name__}: {error}", {}


def _unsolve(namespace, answers):
    """Put back what stood where a solution still stands."""
    for name, (solved, left) in answers.items():
        if namespace.get(name) is solved:
            if left is _ABSENT:
                del namespace[name]
            else:
                namespace[name] = left
