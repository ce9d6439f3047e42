"""Times: an index, stamps, time zones and lengths of time."""

import warnings
from numbers import Number

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
        When a time is missing, not in order, there twice, or too far from ours to be counted in nanoseconds.
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
    try:
        ends = index[[0, -1]].as_unit("ns") if len(index) else index
        ends.max() - ends.min()
    except (pd.errors.OutOfBoundsDatetime, pd.errors.OutOfBoundsTimedelta, OverflowError):
        raise ValueError(f"{name} has times from {index[0]} to {index[-1]}: such times can not be counted in "
                         "nanoseconds; find where they come from") from None
    return index


def checked_times(column, name):
    """Return a column as times, or say that it holds something else.

    Parameters
    ----------
    column : Series
        Of times or of their text; numbers are none, as nobody knows what they count. Values may be missing.
    name : str
        What to call it in the message.

    Returns
    -------
    Series of times

    Raises
    ------
    ValueError
    """
    try:
        if any(isinstance(value, Number) and not pd.isna(value) for value in column):
            raise TypeError
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # pandas 2 warns of several time zones, where 3 refuses
            return pd.to_datetime(column, format="ISO8601")
    except (TypeError, ValueError, OverflowError, FutureWarning):
        raise ValueError(f"{name} must be times, such as '2015-10-23 06:00', all with one time zone or all "
                         f"without, not {list(column)[:3]}") from None


def checked_stamp(value, name):
    """Return a time stamp, or say that there is none.

    Parameters
    ----------
    value : timestamp-like
    name : str
        What to call it in the message.

    Returns
    -------
    Timestamp

    Raises
    ------
    ValueError
    """
    try:
        stamp = pd.Timestamp(value)
    except (TypeError, ValueError):
        stamp = pd.NaT
    if pd.isna(stamp):
        raise ValueError(f"{name} is not a time: give one such as '2015-10-23 06:00', not {value!r}")
    return stamp


def check_same_zone(index, others, names):
    """Refuse times of which only some have a time zone: nobody knows which of them came first.

    Parameters
    ----------
    index : DatetimeIndex
    others : list of Timestamp
    names : pair of str
        What to call them in the message.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise TypeError(f"{names[0]} must be a DatetimeIndex, such as df.index")
    if any((each.tz is None) != (index.tz is None) for each in others):
        raise ValueError(f"{names[0]} and {names[1]} must both have a time zone, or neither: tz_localize one of them")


def checked_length(value, name, zero=False):
    """Return a length of time, or say what it should have been.

    Parameters
    ----------
    value : timedelta-like
    name : str
        What to call it in the message.
    zero : bool
        Whether it may be zero.

    Returns
    -------
    Timedelta

    Raises
    ------
    ValueError
    """
    wanted = "of zero or more" if zero else "longer than zero"
    try:
        length = pd.Timedelta(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a time {wanted}, such as '1h', not {value!r}") from None
    if not (length >= pd.Timedelta(0) if zero else length > pd.Timedelta(0)):  # also refuses NaT
        raise ValueError(f"{name} must be a time {wanted}, such as '1h', not {length}")
    return length
