"""What every detector, window and threshold refuses, said in the same words everywhere."""

import math
from numbers import Integral, Real

import numpy as np
import pandas as pd


def checked_index(index, name="X"):
    """Return a time index in order, or None when the rows have no times.

    Parameters
    ----------
    index : Index, shape (n,)
    name : str
        What to call the rows in the message.

    Returns
    -------
    DatetimeIndex, or None when the index holds something else than times

    Raises
    ------
    ValueError
        When a time is missing, not in order, or there twice.
    """
    if not isinstance(index, pd.DatetimeIndex):
        return None
    if index.hasnans:
        raise ValueError(f"{name} has {int(index.isna().sum())} rows without a time: drop them or find their times")
    if index.has_duplicates:
        raise ValueError(f"{name} has {int(index.duplicated().sum())} duplicate time stamps, the first at "
                         f"{index[index.duplicated()][0]}: decide which row to keep, for example with "
                         "df[~df.index.duplicated()]")
    if not index.is_monotonic_increasing:
        raise ValueError(f"{name} is not in time order: use sort_index()")
    return index


def checked_rows(X, name="X", min_rows=1):
    """Return rows as a new array of floats with their times, or say what is wrong with them.

    Parameters
    ----------
    X : DataFrame, Series or array, shape (n,) or (n, d)
        A time index, where there is one, must be in order without duplicates.
    name : str
        What to call it in the message.
    min_rows : int

    Returns
    -------
    values : ndarray of float, shape (n, d)
    index : DatetimeIndex or None

    Raises
    ------
    TypeError
        When there is something else than numbers in it.
    ValueError
        When values are missing or infinite, when the shape is wrong or there are too few rows.
    """
    index = checked_index(X.index, name) if isinstance(X, (pd.DataFrame, pd.Series)) else None
    try:
        values = np.array(X)
        if values.dtype.kind not in "biufO":
            raise TypeError
        if values.dtype.kind == "O" and any(isinstance(value, (str, bytes)) for value in values.flat):
            raise TypeError  # float("12") would pass in silence
        if values.dtype.kind == "O":
            values[pd.isna(values)] = np.nan  # pandas' own missing value is no float
        values = values.astype(float)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold numbers only: leave columns of text or times out, "
                        "and give rows of equal length") from None
    if values.ndim == 1:
        values = values[:, np.newaxis]
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"{name} must have rows and columns, shape (n,) or (n, d), not {np.shape(X)}")
    if np.isnan(values).any():
        raise ValueError(f"{name} has {int(np.isnan(values).sum())} missing values (NaN): fill them or drop their rows")
    if np.isinf(values).any():
        raise ValueError(f"{name} has {int(np.isinf(values).sum())} infinite values: find where they come from")
    if len(values) < min_rows:
        raise ValueError(f"{name} has {len(values)} rows, too few: give at least {min_rows}")
    return values, index


def checked_scores(scores, name="scores", min_rows=1):
    """Return one score per row as a new array of floats, or say what is wrong with them.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    name : str
        What to call it in the message.
    min_rows : int

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    values, _ = checked_rows(scores, name, min_rows)
    if values.shape[1] != 1:
        raise ValueError(f"{name} must hold one score per row, not {values.shape[1]} columns")
    return values[:, 0]


def checked_flags(flags, name="is_alarm"):
    """Return True and False, one per row, as a new array, or say what is wrong with them.

    Parameters
    ----------
    flags : Series or array of bool (or of 0 and 1), shape (n,)
    name : str
        What to call it in the message.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    values = checked_scores(flags, name)
    if not np.isin(values, (0.0, 1.0)).all():
        raise ValueError(f"{name} must hold True and False only: compare the scores with a threshold first")
    return values.astype(bool)


def checked_count(value, name, at_least=1):
    """Return a whole number, or say what it should have been.

    Parameters
    ----------
    value : int
    name : str
    at_least : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value < at_least:
        raise ValueError(f"{name} must be a whole number of {at_least} or more, not {value!r}")
    return int(value)


def checked_number(value, name, above=-math.inf, below=math.inf):
    """Return a number strictly between two bounds, or say what it should have been.

    Parameters
    ----------
    value : float
    name : str
    above, below : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
    """
    real = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    if not real or not above < value < below:
        wanted = {(False, False): "a finite number", (True, False): f"a number above {above}",
                  (False, True): f"a number below {below}", (True, True): f"a number between {above} and {below}"}
        raise ValueError(f"{name} must be {wanted[math.isfinite(above), math.isfinite(below)]}, not {value!r}")
    return float(value)


def same_kind(values, like):
    """Give an array the index of what it was computed from.

    Parameters
    ----------
    values : ndarray, shape (n,)
    like : Series, DataFrame or array with n rows

    Returns
    -------
    Series with the same index when `like` has one, else the array itself
    """
    return pd.Series(values, index=like.index) if isinstance(like, (pd.Series, pd.DataFrame)) else values
