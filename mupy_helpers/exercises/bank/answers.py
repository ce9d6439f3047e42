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
        return f"`{name}` has {len(value)} rows where the data has {len(like)}: give one value for each row, do not filter."
    return None
