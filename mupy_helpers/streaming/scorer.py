"""One fitted detector, fed with readings as they come: the same scores as on the whole frame (lesson 08)."""

import copy
from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from mupy_helpers.checks import checked_rows, checked_stamp
from mupy_helpers.detectors.base import Detector


def one_row(values):
    """Return one reading as an array of floats, or say what is wrong with it.

    Parameters
    ----------
    values : sequence of float, shape (d,)

    Returns
    -------
    ndarray of float, shape (1, d)

    Raises
    ------
    TypeError, ValueError
    """
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
        raise TypeError(f"values must be one number for each column, in their order, not {values!r}")
    return checked_rows([list(values)], "values")[0]


class StreamScorer:
    """Scores rows as they come, one or many at a time, by a fitted detector.

    The detector given stays as it is. Its scores on a stream are those that `decision_function` gives the same rows
    in one frame, however they are cut into calls. Detectors of ours go on from their memory; those of PyOD must score
    a row by that row alone.

    Parameters
    ----------
    detector : one of ours or of PyOD's
        Fitted, and without Offline in its name.

    Raises
    ------
    TypeError, ValueError
        Says what is wrong with the detector.
    """

    def __init__(self, detector):
        if not hasattr(detector, "decision_function") or isinstance(detector, type):
            raise TypeError(f"detector must be a fitted detector, not a {type(detector).__name__}")
        try:
            check_is_fitted(detector, ["decision_scores_"])
        except NotFittedError as error:
            raise NotFittedError(f"this {type(detector).__name__} is not fitted yet: call fit with healthy rows "
                                 "first") from error
        self._ours = isinstance(detector, Detector)
        if self._ours and detector.offline:
            raise ValueError(f"{type(detector).__name__} looks at the whole series: it can not score rows as they come")
        self.detector = copy.copy(detector)  # shallow is enough: a detector moves on by new attributes only
        self._before, self._newest = None, None
        self._timed, self._tried = None, self._ours
        self._last_time = detector._last_time if self._ours and detector.sequential else None

    @property
    def columns(self):
        """The names of the columns it was fitted on, or None where they had none."""
        return list(self.detector.columns_) if self._ours and self.detector._named else None

    @property
    def last_time(self):
        """The time that the next row must be later than, or None."""
        return self._last_time

    def score(self, X):
        """Score the rows that come next.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            One reading is an array of shape (1, d). With times in one call, all calls must have them.

        Returns
        -------
        ndarray of float, shape (n,)
            Higher is more anomalous.

        Raises
        ------
        TypeError, ValueError
            The rows have not been taken then: the next call goes on as if this one had not been.
        """
        values, index = checked_rows(X)
        timed = index is not None
        if self._timed is not None and timed != self._timed:
            raise ValueError("give the times of the rows in all calls, or in none")
        if timed and self._last_time is not None:
            if (index.tz is None) != (self._last_time.tz is None):
                raise ValueError("the times of X and those before must both have a time zone, or neither")
            if index[0] <= self._last_time:
                raise ValueError(f"X begins at {index[0]}, but rows up to {self._last_time} have been seen: put "
                                 "readings in order first, as Monitor does")
        if self._ours:
            before = copy.copy(self.detector)
            scores = self.detector.score_next(X)
        else:
            before = self.detector
            if not self._tried:
                self._try(values[:1])
            scores = np.asarray(self.detector.decision_function(values), dtype=float)
        self._before, self._newest, self._tried, self._timed = before, X, True, timed
        if timed:
            self._last_time = index[-1]
        return scores

    def _try(self, row):
        alone = self.detector.decision_function(row)
        among = self.detector.decision_function(np.concatenate([row, row + 1, 2 * row - 1, row - 3]))
        if not np.allclose(alone, among[:1], rtol=1e-6, atol=1e-9):
            raise ValueError(f"{type(self.detector).__name__} scores a row by the rows given with it: it can not "
                             "score rows as they come")

    def score_one(self, values, time=None):
        """Score one reading.

        Parameters
        ----------
        values : sequence of float, shape (d,)
            In the order of the columns of the fit.
        time : Timestamp, optional

        Returns
        -------
        float
        """
        try:
            index = None if time is None else pd.DatetimeIndex([checked_stamp(time, "time").as_unit("ns")])
        except pd.errors.OutOfBoundsDatetime:
            raise ValueError(f"time is {time}: such times can not be counted in nanoseconds; find where it comes "
                             "from") from None
        row, columns = one_row(values), self.columns
        if columns is not None and row.shape[1] != len(columns):
            raise ValueError(f"a row must have {len(columns)} values, one for each column, not {row.shape[1]}")
        return float(self.score(pd.DataFrame(row, index=index, columns=columns))[0])

    def explain_last(self):
        """Say how much each column adds to the score of the newest row.

        Returns
        -------
        ndarray of float, shape (d,), or None
            None where nothing has been scored yet, or where the detector can not say; the one column of a detector of
            single columns adds all of it.
        """
        if self._before is None:
            return None
        if hasattr(self._before, "explain"):
            return np.asarray(self._before.explain(self._newest), dtype=float)[-1]
        if np.ndim(self._newest) == 1 or np.shape(self._newest)[1] == 1:
            return np.asarray(self._before.decision_function(self._newest), dtype=float)[-1:]
        return None

    def state(self):
        """Return what has changed since the detector was fitted, beside the detector's own memory.

        Returns
        -------
        dict
        """
        return {"timed": self._timed, "last_time": self._last_time}

    @classmethod
    def resumed(cls, detector, state):
        """Go on with a detector that has moved on already.

        Parameters
        ----------
        detector : one of ours or of PyOD's
        state : dict
            As from `state`.

        Returns
        -------
        StreamScorer
        """
        scorer = cls(detector)
        scorer._timed, scorer._last_time = state["timed"], state["last_time"]
        return scorer

    def save(self, path):
        """Write detector and memory into one file without code: arrays and a line of JSON.

        A detector of PyOD's is not written: it must be given to `load` again.

        Parameters
        ----------
        path : str or Path
            Must end in .npz; a file of that name is replaced in one step, so that a crash leaves the old or the new.

        Returns
        -------
        Path
        """
        from mupy_helpers.streaming.files import packed_scorer, write

        return write(path, "StreamScorer", packed_scorer(self))

    @classmethod
    def load(cls, path, detector=None):
        """Read a scorer from a file that `save` has written, and go on where it was.

        Parameters
        ----------
        path : str or Path
        detector : PyOD detector, optional
            The fitted one, where the file holds none.

        Returns
        -------
        StreamScorer

        Raises
        ------
        ValueError
            When the file is none of ours or damaged.
        """
        from mupy_helpers.streaming.files import read, scorer_from

        return read(path, "StreamScorer", lambda content: scorer_from(content, detector))
