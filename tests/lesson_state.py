"""Runs a lesson's cells in this process, as far as a test needs them."""

import copy
import os

import numpy as np
import pandas as pd

from tools import lessons


def snapshot(namespace):
    """Return a copy of a namespace in which data can be changed without harm."""
    kept = (pd.DataFrame, pd.Series, np.ndarray, list, dict)
    return {name: copy.deepcopy(value) if isinstance(value, kept) and not name.startswith("__") else value
            for name, value in namespace.items()}


def run(lesson):
    """Run all code cells of a lesson.

    Parameters
    ----------
    lesson : Lesson

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
        with plt.rc_context():  # a lesson switches its style on: the tests after it should not see that
            for cell in lessons.read(lesson).cells:
                if cell.cell_type != "code":
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
