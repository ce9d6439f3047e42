"""Runs a lesson's cells in this process, as far as a test needs them."""

import os
import warnings

import numpy as np
import pandas as pd

from tools import lessons


def snapshot(namespace):
    """Return a copy of a namespace in which data can be changed without harm."""
    def copied(value):  # data only: the copy of an artist would take its whole figure along
        if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
            return value.copy()
        if isinstance(value, list):
            return [copied(part) for part in value]
        return {key: copied(part) for key, part in value.items()} if isinstance(value, dict) else value

    return {name: value if name.startswith("__") else copied(value) for name, value in namespace.items()}


def run(lesson, solved=False, part="all"):
    """Run all code cells of a lesson.

    Parameters
    ----------
    lesson : Lesson
    solved : bool
        With every exercise solved.
    part : {"all", "core", "workshop"}
        Which path through the lesson.

    Returns
    -------
    (dict, dict): the namespace after the last cell, and for each exercise id the namespace in which it is checked.
    """
    import matplotlib.pyplot as plt

    namespace = {"__name__": "__main__", "display": lambda *objects: None}
    at_check = {}
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
            for cell, is_core, is_workshop in lessons.paths(lessons.read(lesson, solved=solved).cells):
                if cell.cell_type != "code" or not {"all": True, "core": is_core, "workshop": is_workshop}[part]:
                    continue
                found = lessons.CHECK.search(cell.source)
                if found:
                    at_check[found[1]] = snapshot(namespace)
                code = cell.source.removeprefix("%%time\n")
                exec(compile(code, f"{lesson.name}, cell {cell.id}", "exec"), namespace)
    finally:
        plt.show = show
        plt.close("all")
        os.chdir(before)
    return namespace, at_check
