"""Labels and alarms row by row: what the metrics of this package share."""

import math
from typing import NamedTuple

import numpy as np

from mupy_helpers.checks import check_same_rows, checked_flags


class PrecisionRecall(NamedTuple):
    """How many of the alarms were right, and how much of what happened was found.

    Parameters
    ----------
    precision : float
        From 0 to 1; NaN when there is nothing to be right about: no alarm, as a rule.
    recall : float
        From 0 to 1; NaN when there was nothing to find.
    """

    precision: float
    recall: float

    @property
    def f1(self):
        """Their harmonic mean: 0 when one of them is 0, otherwise NaN when one of them is NaN."""
        if self.precision == 0 or self.recall == 0:
            return 0.0
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def labels_and_alarms(labels, is_alarm):
    """Return labels and alarms of the same rows as bool.

    Parameters
    ----------
    labels, is_alarm : array-like of True and False, or 1 and 0, shape (n,)

    Returns
    -------
    pair of ndarray of bool, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    pair = checked_flags(labels, "labels"), checked_flags(is_alarm, "is_alarm")
    check_same_rows(labels, is_alarm, ("labels", "is_alarm"))
    return pair


def runs(marked):
    """Find the runs of True.

    Parameters
    ----------
    marked : ndarray of bool, shape (n,)

    Returns
    -------
    first, last : ndarray of int
        The first and the last row of each run.
    """
    edges = np.flatnonzero(np.diff(marked.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2] - 1


def mean_or_nan(values):
    """Average what there is.

    Parameters
    ----------
    values : ndarray of float

    Returns
    -------
    float
        NaN when there is nothing.
    """
    return float(np.mean(values)) if len(values) else math.nan
