"""Single arguments: numbers, switches, choices, functions and paths."""

import math
from numbers import Integral, Real
from pathlib import Path

import numpy as np

# More rows than this are not looked at, nor is anything counted further; also the largest seed.
MOST = 2**32 - 1


def _as_float(value):
    """A number as float, infinite where it is too large for one; None where it is none."""
    # NumPy calls lengths of time whole numbers, and Python calls True one.
    if not isinstance(value, Real) or isinstance(value, (bool, np.bool_, np.timedelta64)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def checked_count(value, name, at_least=1, at_most=MOST):
    """Return a whole number, or say what it should have been.

    Parameters
    ----------
    value : int
    name : str
    at_least : int
    at_most : int
        Less where that many would take all memory, or days.

    Returns
    -------
    int

    Raises
    ------
    ValueError
    """
    if _as_float(value) is None or not isinstance(value, Integral) or value < at_least:
        raise ValueError(f"{name} must be a whole number of {at_least} or more, not {value!r}")
    if value > at_most:
        raise ValueError(f"{name} must be at most {at_most}, not {_as_float(value):.3g}")
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
    number = _as_float(value)
    if number is None or not above < number < below:
        wanted = {(False, False): "a finite number", (True, False): f"a number above {above}",
                  (False, True): f"a number below {below}", (True, True): f"a number between {above} and {below}"}
        raise ValueError(f"{name} must be {wanted[math.isfinite(above), math.isfinite(below)]}, not {value!r}")
    return number


def checked_float(value, name, missing=False):
    """Return a number that may be infinite, or say that it is none.

    Parameters
    ----------
    value : float
    name : str
    missing : bool
        Whether it may be NaN.

    Returns
    -------
    float

    Raises
    ------
    ValueError
    """
    wanted = "a number, or NaN" if missing else "a number"
    number = _as_float(value)
    if number is None or math.isnan(number) and not missing:
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    return number


def checked_fraction(value, name):
    """Return a number from 0 to 1, or say that it is none.

    Parameters
    ----------
    value : float
    name : str

    Returns
    -------
    float

    Raises
    ------
    ValueError
    """
    number = _as_float(value)
    if number is None or not 0 <= number <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}")
    return number


def checked_switch(value, name):
    """Return True or False, or say that it is neither.

    Parameters
    ----------
    value : bool, or 0 or 1
    name : str

    Returns
    -------
    bool

    Raises
    ------
    ValueError
    """
    if not isinstance(value, (bool, np.bool_)) and not (isinstance(value, int) and value in (0, 1)):
        raise ValueError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def checked_choice(value, choices, name):
    """Return one of several words, or say which there are.

    Parameters
    ----------
    value : str
    choices : sequence or dict of str
    name : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def checked_path(path, name="path"):
    """Return a path, or say that there is none.

    Parameters
    ----------
    path : path-like
    name : str

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
    """
    try:
        checked = Path(path)
    except TypeError:
        raise TypeError(f"{name} must be a path such as 'data/store.csv', not {path!r}") from None
    if "\0" in str(checked):
        raise ValueError(f"{name} must be a path, and {str(checked)!r} has a null character in it")
    return checked


def file_error(error, what, path):
    """Return the system's error of a file with words that say which file, and what was to be done with it.

    Parameters
    ----------
    error : OSError
    what : str
        Such as "can not be read".
    path : Path

    Returns
    -------
    OSError
        Of the same kind, such as `FileNotFoundError`.
    """
    why = "there is no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror or error
    return OSError(error.errno, f"{path} {what}: {why}") if error.errno else OSError(f"{path} {what}: {why}")


def check_callable(value, name):
    """Refuse what is neither None nor a function, before any work is done.

    Parameters
    ----------
    value : callable or None
    name : str

    Raises
    ------
    TypeError
    """
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be a function, not {value!r}")
