"""Labels and scores row by row: what every metric of this package asks of them before it counts."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd


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


def row_values(values, name):
    """Return one value a row, or say why they cannot be had.

    Parameters
    ----------
    values : array-like, Series or DataFrame with one column, shape (n,)
    name : str
        What to call it in the message.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    if isinstance(values, (pd.Series, pd.DataFrame)) and isinstance(values.index, pd.DatetimeIndex):
        if not values.index.is_monotonic_increasing or values.index.has_duplicates:
            raise ValueError(f"{name} is not in time order without duplicates: sort_index() it and drop duplicate stamps")
    rows = values.to_numpy() if isinstance(values, (pd.Series, pd.DataFrame)) else np.asarray(values)
    if rows.ndim == 2 and rows.shape[1] == 1:
        rows = rows[:, 0]
    if rows.ndim != 1:
        raise ValueError(f"{name} must hold one value a row, but its shape is {rows.shape}")
    if not len(rows):
        raise ValueError(f"{name} has no rows")
    missing = int(pd.isna(rows).sum())
    if missing:
        raise ValueError(f"{name} has {missing} missing values: decide what they mean, or leave these rows out")
    return rows


def row_labels(values, name="labels"):
    """Return labels or alarms as bool, or say what is wrong with them.

    Parameters
    ----------
    values : array-like of True and False, or 1 and 0, shape (n,)
    name : str
        What to call it in the message.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    rows = row_values(values, name)
    if rows.dtype == bool:
        return rows
    if not ((rows == 0) | (rows == 1)).all():
        raise ValueError(f"{name} must hold True and False, or 1 and 0, only; compare scores with a threshold first")
    return rows.astype(bool)


def row_scores(values, name="scores"):
    """Return scores as float, or say what is wrong with them.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    name : str
        What to call it in the message.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    rows = row_values(values, name)
    if rows.dtype.kind not in "biuf":
        try:
            rows = rows.astype(float)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} must be numbers, one a row, higher meaning more anomalous") from error
    rows = rows.astype(float, copy=False)
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} holds infinite values: replace them with a number larger than all others")
    return rows


def check_same_rows(first, second, names):
    """Refuse two columns that do not speak of the same rows.

    Parameters
    ----------
    first, second : array-like, Series or DataFrame
    names : pair of str
        What to call them in the message.

    Raises
    ------
    ValueError
    """
    if len(first) != len(second):
        raise ValueError(f"{names[0]} has {len(first)} rows and {names[1]} {len(second)}: they must be the same rows")
    with_index = (pd.Series, pd.DataFrame)
    if isinstance(first, with_index) and isinstance(second, with_index) and not first.index.equals(second.index):
        raise ValueError(f"{names[0]} and {names[1]} have different indexes: align them first, "
                         f"for example {names[1]}.reindex({names[0]}.index)")


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
    pair = row_labels(labels, "labels"), row_labels(is_alarm, "is_alarm")
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


def checked_fraction(value, name):
    """Return a number between 0 and 1, or say that it is none.

    Parameters
    ----------
    value : float
    name : str
        What to call it in the message.

    Returns
    -------
    float

    Raises
    ------
    ValueError
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}")
    return float(value)


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
