"""Tables and columns: rows of numbers, scores, alarms, spans and the readings of a store."""

import math

import numpy as np
import pandas as pd

from mupy_helpers.checks.times import checked_index, checked_times

# Squares of larger numbers, summed over many rows, are no longer finite.
LARGEST = 1e140


def check_unmasked(values, name="X"):
    """Refuse an array in which values are masked: NumPy would bring back what is under the mask.

    Parameters
    ----------
    values : anything
    name : str
        What to call it in the message.

    Raises
    ------
    ValueError
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} has {int(np.ma.count_masked(values))} masked values: fill them or drop their rows")


def checked_rows(X, name="X", min_rows=1, largest=LARGEST):
    """Return rows as a new array of floats with their times, or say what is wrong with them.

    Parameters
    ----------
    X : DataFrame, Series or array, shape (n,) or (n, d)
        A time index, where there is one, must be in order without duplicates.
    name : str
        What to call it in the message.
    min_rows : int
    largest : float
        Refuse numbers beyond it; infinity where they are only compared with each other.

    Returns
    -------
    values : ndarray of float, shape (n, d)
    index : DatetimeIndex or None

    Raises
    ------
    TypeError
        When there is something else than numbers in it.
    ValueError
        When values are missing, infinite or absurdly large, when the shape is wrong or there are too few rows.
    """
    index = checked_index(X.index, name) if isinstance(X, (pd.DataFrame, pd.Series)) else None
    check_unmasked(X, name)
    try:
        values = np.array(X)
        if values.ndim == 0 or values.dtype.kind not in "biufO":
            raise TypeError
        if values.dtype.kind == "O" and any(isinstance(value, (str, bytes)) for value in values.flat):
            raise TypeError  # float("12") would pass in silence
        if values.dtype.kind == "O":
            values[pd.isna(values)] = np.nan  # pandas' own missing value is no float
        values = values.astype(float)
    except (TypeError, ValueError, OverflowError):
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
    if largest < math.inf and (np.abs(values) > largest).any():
        raise ValueError(f"{name} has values beyond {largest:.0e}, whose squares are too large to calculate with: "
                         "find where they come from, or use another unit")
    if len(values) < min_rows:
        raise ValueError(f"{name} has {len(values)} rows, too few: give at least {min_rows}")
    return values, index


def checked_matrix(values, name, largest=LARGEST):
    """Return rows as `checked_rows` does, but in single precision where they are.

    Parameters
    ----------
    values : array, shape (n, d) or (n,)
    name : str
        What to call it in the message.
    largest : float

    Returns
    -------
    ndarray of float or float32, shape (n, d)

    Raises
    ------
    TypeError, ValueError
    """
    rows, _ = checked_rows(values, name, largest=largest)
    return rows.astype(np.float32) if np.asarray(values).dtype == np.float32 else rows


def checked_scores(scores, name="scores", min_rows=1, largest=LARGEST):
    """Return one score per row as a new array of floats, or say what is wrong with them.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    name : str
        What to call it in the message.
    min_rows : int
    largest : float
        As in `checked_rows`.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    TypeError, ValueError
    """
    values, _ = checked_rows(scores, name, min_rows, largest)
    if values.shape[1] != 1:
        raise ValueError(f"{name} must hold one score per row, not {values.shape[1]} columns: its shape is "
                         f"{values.shape}")
    return values[:, 0]


def checked_flags(flags, name="is_alarm"):
    """Return True and False, one per row, as a new array, or say what is wrong with them.

    Parameters
    ----------
    flags : Series, DataFrame with one column or array of bool (or of 0 and 1), shape (n,)
        A time index, where there is one, must be in order without duplicates.
    name : str
        What to call it in the message.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
    """
    if isinstance(flags, (pd.Series, pd.DataFrame)):
        checked_index(flags.index, name)
        flags = flags.to_numpy()
    check_unmasked(flags, name)
    try:
        values = np.asarray(flags)
    except ValueError:
        raise ValueError(f"{name} must hold one value per row: its rows differ in length") from None
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"{name} must hold one value per row, but its shape is {values.shape}")
    if not len(values):
        raise ValueError(f"{name} has no rows")
    if values.dtype.kind == "V":
        raise ValueError(f"{name} must hold one value per row, not records of {len(values.dtype.names or ())} fields")
    missing = 0 if values.dtype == bool else int(pd.isna(values).sum())
    if missing:
        raise ValueError(f"{name} has {missing} missing values: decide what they mean, for example .fillna(False), "
                         "or leave these rows out")
    if not ((values == 0) | (values == 1)).all():
        raise ValueError(f"{name} must hold True and False only (or 1 and 0): compare the scores with a threshold "
                         "first")
    return values.astype(bool)


def checked_alarm(is_alarm, name="is_alarm"):
    """Return the alarms as bool with their times, or say what is wrong with them.

    Parameters
    ----------
    is_alarm : Series of True and False with a time index, in order, without missing values and duplicate stamps
    name : str
        What to call it in the message.

    Returns
    -------
    Series of bool

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(is_alarm, pd.Series) or not isinstance(is_alarm.index, pd.DatetimeIndex):
        raise TypeError(f"{name} must be a Series of True and False with a time index, such as df['room_temp'] > 10")
    if not len(is_alarm):
        return is_alarm.astype(bool)
    return pd.Series(checked_flags(is_alarm, name), is_alarm.index, name=is_alarm.name)


def check_same_rows(first, second, names):
    """Refuse two columns that do not speak of the same rows.

    Parameters
    ----------
    first, second : array-like, Series or DataFrame
    names : pair of str
        What to call them in the message.

    Raises
    ------
    TypeError, ValueError
    """
    for rows, name in zip((first, second), names, strict=True):
        if not np.iterable(rows) or not hasattr(rows, "__len__"):
            raise TypeError(f"{name} must hold one value per row, not be a {type(rows).__name__}")
    if len(first) != len(second):
        raise ValueError(f"{names[0]} has {len(first)} rows and {names[1]} {len(second)}: they must be the same rows")
    with_index = (pd.Series, pd.DataFrame)
    if isinstance(first, with_index) and isinstance(second, with_index) and not _same_index(first.index, second.index):
        raise ValueError(f"{names[0]} and {names[1]} have different indexes: align them first, "
                         f"for example {names[1]}.reindex({names[0]}.index)")


def _same_index(first, second):
    # pandas compares dates with times, and warns that it will not for long.
    return {first.inferred_type, second.inferred_type} != {"date", "datetime64"} and first.equals(second)


def checked_spans(spans, name="spans"):
    """Return the spans with start and end as time stamps, or say what is wrong with them.

    Parameters
    ----------
    spans : DataFrame with the columns start and end
    name : str
        What to call it in the message.

    Returns
    -------
    DataFrame with the same rows and columns

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(spans, pd.DataFrame) or not {"start", "end"} <= set(spans.columns):
        raise TypeError(f"{name} must be a DataFrame with the columns start and end")
    if spans.columns.has_duplicates:
        raise ValueError(f"{name} has two columns of the same name")
    spans = spans.assign(**{side: checked_times(spans[side], f"the {side}s of {name}") for side in ("start", "end")})
    if (spans["start"].dt.tz is None) != (spans["end"].dt.tz is None):
        raise ValueError(f"the starts and ends of {name} must both have a time zone, or neither")
    if spans[["start", "end"]].isna().any(axis=None):
        raise ValueError(f"{name} has a span without a start or an end")
    if (spans["end"] < spans["start"]).any():
        raise ValueError(f"{name} has a span that ends before it starts")
    return spans


def checked_readings(store, columns, name="store"):
    """Return readings with a time index, in which values may be missing, or say what is wrong with them.

    Parameters
    ----------
    store : DataFrame with a time index, in order without duplicates
    columns : sequence of str
        Those that it must have: numbers.
    name : str
        What to call it in the message.

    Returns
    -------
    DataFrame
        These columns are of float; the others stay as they are.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(store, pd.DataFrame) or checked_index(store.index, name) is None:
        raise TypeError(f"{name} must be a DataFrame with a DatetimeIndex: the readings of one store")
    if store.columns.nlevels > 1 or store.columns.has_duplicates:
        raise ValueError(f"{name} must have columns of one level, each name once")
    missing = [column for column in columns if column not in store]
    if missing:
        raise ValueError(f"{name} lacks the columns {', '.join(missing)}")
    wrong = [column for column in columns if not pd.api.types.is_numeric_dtype(store[column].dtype)
             or pd.api.types.is_complex_dtype(store[column].dtype)]
    if wrong:
        raise TypeError(f"{name} must hold numbers: make them of the columns {', '.join(wrong)}, for example by "
                        "pd.to_numeric")
    other = {column: float for column in columns if store[column].dtype != float}
    store = store.astype(other) if other else store
    beyond = [column for column in columns if (store[column].abs() > LARGEST).any()]
    if beyond:
        raise ValueError(f"{name} has infinite or absurdly large values in the columns {', '.join(beyond)}: find where "
                         "they come from")
    return store


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
