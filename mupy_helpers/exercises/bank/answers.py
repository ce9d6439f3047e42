"""What checks have in common: is the answer of the right kind?"""

import numbers

import numpy as np
import pandas as pd


def not_a_number(name, value):
    """Return a message when the value is not one number, else None."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        kind = type(value).__name__
        hint = " (a whole Series or array: pick or compute one value)" if np.ndim(value) else ""
        return f"`{name}` should be one number, it is of type {kind}{hint}."
    if np.isnan(value):
        return f"`{name}` is NaN: a missing value went into the calculation."
    return None


def not_a_mask(name, value, like):
    """Return a message when the value is not a boolean Series with the index of `like`, else None."""
    if not isinstance(value, pd.Series):
        return f"`{name}` should be a Series of True and False, one for each row; it is of type {type(value).__name__}."
    if value.dtype != bool:
        return f"`{name}` should hold True and False, it holds {value.dtype}: compare with something, such as `<`."
    if not value.index.equals(like.index):
        return (f"`{name}` has {len(value)} rows where the data has {len(like)}: give one "
                f"value for each row, do not filter.")
    return None


def not_a_day(name, value, like):
    """Return a message when the value is not a time stamp in the index of `like`, else None."""
    if isinstance(value, (pd.Series, pd.DataFrame, pd.Index, np.ndarray)):
        return (f"`{name}` should be a day, one time stamp; it is a whole {type(value).__name__}: "
                f"pick one, for example with .idxmax().")
    if isinstance(value, numbers.Real):
        return (f"`{name}` should be a day, it is the number found there: .idxmax() gives "
                f"the day where .max() gives the value.")
    try:
        day = pd.Timestamp(value)
    except (TypeError, ValueError):
        return (f"`{name}` should be a day, one time stamp such as "
                f"{like.index[0]:%Y-%m-%d}; this is {type(value).__name__}.")
    if day not in like.index:
        return (f"`{name}` is not a day of the data, which run from "
                f"{like.index[0]:%Y-%m-%d} to {like.index[-1]:%Y-%m-%d}.")
    return None
