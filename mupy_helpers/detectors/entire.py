"""The same detector on a whole series, or on its newest row (lesson 03)."""

import numpy as np
from sklearn.base import clone

from mupy_helpers.checks import checked_count, checked_rows, same_kind
from mupy_helpers.detectors.base import Detector


def _fitted(detector, series, fit_rows):
    """A copy fitted on the first rows, and the rows after them."""
    values, _ = checked_rows(series, "series")
    if isinstance(detector, type) or not all(hasattr(detector, each) for each in ("fit", "decision_function")):
        raise TypeError(f"detector must be one of ours or of PyOD's, such as HotellingT2(), not {detector!r}")
    ours = isinstance(detector, Detector)
    rows = series if ours and hasattr(series, "iloc") else values
    if ours and detector.offline:
        if fit_rows is not None:
            raise ValueError(f"{type(detector).__name__} looks at the whole series: leave fit_rows out")
        return clone(detector).fit(rows), rows[:0]
    if fit_rows is None:
        raise ValueError("fit_rows is missing: say how many of the first rows are the past to fit on")
    fit_rows = checked_count(fit_rows, "fit_rows")
    if fit_rows > len(values):
        raise ValueError(f"fit_rows is {fit_rows}, but the series has {len(values)} rows")
    first, later = (rows.iloc[:fit_rows], rows.iloc[fit_rows:]) if hasattr(rows, "iloc") else (
        rows[:fit_rows], rows[fit_rows:])
    return clone(detector).fit(first), later


def detect_entire(detector, series, fit_rows=None):
    """Score every row of a series by a detector that is fitted on its first rows.

    The rows after the fit get the score that they would have got on the day: cut the series short anywhere after the
    fit, and the scores before the cut stay the same. The first `fit_rows` scores are those of the training rows.
    A detector with Offline in its name is fitted on the whole series instead, and its scores change with the end.

    Parameters
    ----------
    detector : one of ours or of PyOD's
        A copy of it is fitted; it stays as it is.
    series : DataFrame, Series or array, shape (n,) or (n, d)
    fit_rows : int
        How many of the first rows to fit on; left out for a detector with Offline in its name.

    Returns
    -------
    Series with the index of the series, or ndarray when it had none; float, shape (n,)

    Raises
    ------
    ValueError
        Also when the scores of a detector that is not ours depend on later rows in the same call, as those of PyOD's
        ECOD and COPOD do.
    """
    fitted, later = _fitted(detector, series, fit_rows)
    scores = fitted.decision_scores_
    if len(later):
        new = np.asarray(fitted.decision_function(later), dtype=float)
        if not isinstance(detector, Detector) and len(later) > 1:
            half = (len(later) + 1) // 2
            if not np.allclose(fitted.decision_function(later[:half]), new[:half], rtol=1e-6, atol=1e-9):
                raise ValueError(f"{type(detector).__name__} scores a row by the rows given with it, also by later "
                                 "ones: use detect_last row by row, or another detector")
        scores = np.concatenate([scores, new])
    return same_kind(np.array(scores, dtype=float), series)


def detect_last(detector, series, fit_rows=None):
    """Score the newest row of a series: the last value of `detect_entire`.

    Parameters
    ----------
    detector : one of ours or of PyOD's
        A copy of it is fitted; it stays as it is.
    series : DataFrame, Series or array, shape (n,) or (n, d)
    fit_rows : int
        As in `detect_entire`.

    Returns
    -------
    float
    """
    fitted, later = _fitted(detector, series, fit_rows)
    if not len(later):
        return float(fitted.decision_scores_[-1])
    if not isinstance(detector, Detector):
        later = later[-1:]  # others score rows one by one, or should: there is nothing around it to look at
    return float(fitted.decision_function(later)[-1])
