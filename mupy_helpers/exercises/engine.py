"""The engine behind `check`, `hint` and `solution`; the exercises themselves are in `bank`."""

import difflib
import html
import importlib
import pkgutil
import re
import sys
from dataclasses import dataclass

SIGNS = {"right": "✔ Right.", "wrong": "✘ Not yet.", "open": "… Not attempted yet.", "hint": "➜", "solution": "➜"}
BORDERS = {"right": "solid", "wrong": "double", "open": "dotted", "hint": "dashed", "solution": "dashed"}

_hints_shown = {}


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that people give, and a part of the message that it must get.

    Parameters
    ----------
    code : str
        Python that sets the exercise's variables.
    message : str
        Words that the answer to it must contain.
    """

    code: str
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of the bank.

    Parameters
    ----------
    id : str
        Lesson and number, such as "03.2".
    minutes : float
        How long it takes somebody who meets it for the first time.
    names : tuple of str
        The variables or functions that the learner fills in.
    check : callable
        Takes the lesson's namespace (dict), returns None when right, else the message that names the misconception.
    why : str
        One sentence on why it matters, said when the answer is right.
    hints : tuple of three str
        Each closer than the one before.
    solution : str
        Python code.
    wrong : tuple of Wrong, at least two
    """

    id: str
    minutes: float
    names: tuple
    check: callable
    why: str
    hints: tuple
    solution: str
    wrong: tuple


class Feedback:
    """An answer to the learner, as text and as HTML; its kind shows in words and line style, not by colour alone.

    Parameters
    ----------
    kind : {"right", "wrong", "open", "hint", "solution"}
    text : str
    code : str, optional
        Shown as code below the text.
    """

    def __init__(self, kind, text, code=""):
        self.kind, self.text, self.code = kind, text, code.strip("\n")

    def __repr__(self):
        return f"{SIGNS[self.kind]} {self.text}" + (f"\n\n{self.code}" if self.code else "")

    def _repr_html_(self):
        code = f"<pre>{html.escape(self.code)}</pre>" if self.code else ""
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(self.text))
        return (f'<div role="status" style="border-left: 6px {BORDERS[self.kind]} currentColor; padding: 0.4em 0.9em; '
                f'margin: 0.2em 0;"><strong>{SIGNS[self.kind]}</strong> {text}{code}</div>')


def load_bank(lesson):
    """Return the exercises of a lesson.

    Parameters
    ----------
    lesson : str
        Two digits, such as "03".

    Returns
    -------
    dict from exercise id to Exercise; empty when the lesson has none.
    """
    if not isinstance(lesson, str) or not re.fullmatch(r"\d\d", lesson, re.ASCII):
        return {}
    name = f"mupy_helpers.exercises.bank.lesson_{lesson}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return {}
    return {exercise.id: exercise for exercise in module.EXERCISES}


def find(exercise_id):
    """Return the exercise with this id.

    Parameters
    ----------
    exercise_id : str
        Such as "03.2".

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        When there is none; the message names the nearest id.
    """
    if not isinstance(exercise_id, str):
        raise ValueError(f'the exercise is named by a string, such as check("00.1"), not {exercise_id!r}')
    # Any other start is a typing error, and no name of a module.
    bank = load_bank(exercise_id[:2]) if re.match(r"\d\d\.", exercise_id, re.ASCII) else {}
    if exercise_id not in bank:
        near = difflib.get_close_matches(exercise_id.zfill(4), bank or _all_ids(), n=1, cutoff=0)
        raise ValueError(f'there is no exercise {exercise_id!r}: did you mean "{near[0]}"?')
    return bank[exercise_id]


def _all_ids():
    modules = pkgutil.iter_modules(importlib.import_module("mupy_helpers.exercises.bank").__path__)
    return [name for module in modules if module.name.startswith("lesson_") for name in load_bank(module.name[7:])]


def judge(exercise, namespace):
    """Judge the answer that stands in a namespace.

    Parameters
    ----------
    exercise : Exercise
    namespace : dict
        Names and values, as in a notebook after the starter cell was run.

    Returns
    -------
    Feedback
    """
    missing = [name for name in exercise.names if name not in namespace]
    if missing:
        return _not_there(missing[0])
    unfilled = [name for name in exercise.names if namespace[name] is ...]
    if unfilled:
        listed = " and ".join(f"`{name}`" for name in unfilled)
        return Feedback("open", f"Replace the ... of {listed} in the cell above and run it, then run this cell again.")
    try:
        problem = exercise.check(_Names(namespace))
    except NotAttempted:
        name = exercise.names[0]
        is_function = callable(namespace[name])
        still = "returns nothing: fill in its body" if is_function else "holds `...`: replace each of them"
        return Feedback("open", f"`{name}` still {still}, then run this again.")
    except _NameMissing as error:
        return _not_there(error)
    except (Exception, SystemExit) as error:  # an answer of any type may come in: whatever it breaks must not end in a traceback
        kind = type(namespace[exercise.names[0]]).__name__
        problem = (f"`{exercise.names[0]}` is of type {kind}, and looking at it failed with "
                   f"{type(error).__name__}: {error}. Compare with what the task asks for.")
    return Feedback("right", exercise.why) if problem is None else Feedback("wrong", problem)


class NotAttempted(Exception):
    """Raised by a check when the starter code is still as it was."""


class _NameMissing(Exception):
    """Raised when a check needs a variable of the lesson that is not there."""


class _Names(dict):
    """A namespace that tells a variable that is not there from any other missing key."""

    def __missing__(self, name):
        raise _NameMissing(name)


def _not_there(name):
    return Feedback("open", f"`{name}` does not exist yet: run the cell above, and the cells before it.")


def _shown(feedback):
    """Show feedback at once in a notebook, where a cell shows its last value only; elsewhere return it."""
    from IPython import get_ipython
    from IPython.display import display

    return feedback if get_ipython() is None else display(feedback)


def check(exercise_id):
    """Check the answer to an exercise.

    Parameters
    ----------
    exercise_id : str
        Such as "03.2".

    Returns
    -------
    Feedback, or None in a notebook, where it is shown at once
        Not attempted yet; right, and why it matters; or wrong, and what was misunderstood.
    """
    return _shown(judge(find(exercise_id), sys._getframe(1).f_globals))


def hint(exercise_id):
    """Give the next of three hints, each closer than the one before.

    Parameters
    ----------
    exercise_id : str

    Returns
    -------
    Feedback, or None in a notebook, where it is shown at once
    """
    exercise = find(exercise_id)
    shown = min(_hints_shown.get(exercise_id, 0), len(exercise.hints) - 1)
    _hints_shown[exercise_id] = shown + 1
    last = shown + 1 == len(exercise.hints)
    more = f' That was the last hint: solution("{exercise_id}") shows the code.' if last else ""
    return _shown(Feedback("hint", f"Hint {shown + 1} of {len(exercise.hints)}: {exercise.hints[shown]}{more}"))


def solution(exercise_id):
    """Show the solution of an exercise.

    Parameters
    ----------
    exercise_id : str

    Returns
    -------
    Feedback, or None in a notebook, where it is shown at once
    """
    exercise = find(exercise_id)
    return _shown(Feedback("solution", f"One way to solve {exercise_id}:", exercise.solution))
