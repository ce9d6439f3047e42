"""What all our detectors share: PyOD's interface, and the same refusals."""

import sys

import numpy as np
import pandas as pd
from pyod.models.base import BaseDetector
from sklearn.exceptions import NotFittedError

from mupy_helpers.checks import LARGEST, checked_choice, checked_number, checked_rows


def _checked_contamination(contamination):
    share = checked_number(contamination, "contamination", above=0)
    if share > 0.5:
        raise ValueError(f"contamination must be in (0, 0.5], not {contamination}")
    return share


class Detector(BaseDetector):
    """PyOD's interface around two methods: `_fit` returns the training scores, `_score` those of other rows.

    A sequential detector takes the rows it scores to follow the rows it was fitted on directly: it goes on from the
    memory it had after them. Every call begins at that same point, and scoring changes nothing in the detector.
    With a time index, rows to be scored must therefore come after the last row of the fit.
    Rows count one after the other, however long a gap in time between them is.

    Parameters
    ----------
    contamination : float
        The share of the training rows that `labels_` calls anomalous, in (0, 0.5]; it sets `threshold_`.
        Detectors that have a limit of their own use that instead and do not take this parameter.

    Attributes
    ----------
    decision_scores_ : ndarray of float, shape (n,)
        The scores of the training rows.
    threshold_ : float
        Rows with a score above it are anomalous.
    labels_ : ndarray of int, shape (n,)
        1 for an anomalous training row, else 0.
    """

    offline = False
    sequential = False
    unsaved = ()  # attributes that scoring does not need and that a file can not hold
    univariate = False

    def __init__(self, contamination=0.1):
        super().__init__(contamination=_checked_contamination(contamination))

    def _fit(self, values, index):
        raise NotImplementedError

    def _score(self, values, index):
        raise NotImplementedError

    def _move_on(self, values, index):
        """Take rows just scored into the memory, by new attributes: copies of the detector share the old ones."""
        if self.sequential or self.offline:
            raise NotImplementedError

    def _limit(self):
        """The detector's own threshold; None leaves it to the contamination."""
        return None

    def _test(self):
        """Labels of the training rows by a test of the detector's own; None leaves them to the threshold."""
        return None

    def _rows(self, X):
        values, index = checked_rows(X)
        name = type(self).__name__
        if self.univariate and values.shape[1] != 1:
            raise ValueError(f"{name} scores a single column, not {values.shape[1]}: choose one, such as df['room']")
        return values, index

    def _refuse_constant(self, values):
        # A spread so small that its square is zero is none either.
        constant = (np.ptp(values, axis=0) == 0) | (values.std(axis=0) == 0)
        if constant.any():
            which = ", ".join(str(column) for column in np.array(self.columns_, dtype=object)[constant])
            raise ValueError(f"constant in the training rows: {'columns' if constant.sum() > 1 else 'column'} {which}. "
                             f"{type(self).__name__} can not tell what is usual there: leave that out, or train on "
                             "more rows")

    def _finite(self, function, values, index, largest=sys.float_info.max):
        """Scores that are numbers, or words on the rows for which there are none."""
        with np.errstate(all="ignore"):  # what comes of it is looked at below
            scores = np.asarray(function(values, index), dtype=float)
        wrong = ~(np.abs(scores) <= largest)  # NaN among them
        if wrong.any():
            raise ValueError(f"{type(self).__name__} has no finite score for {int(wrong.sum())} rows of X, the first "
                             f"is row {int(wrong.argmax())}: its values are too far from the others to calculate with; "
                             "find where they come from, or use another unit")
        return scores

    def _need_rows(self, values, at_least, why):
        if len(values) < at_least:
            raise ValueError(f"{len(values)} training rows are too few for {type(self).__name__}: {why}, "
                             f"give at least {at_least}")

    def fit(self, X, y=None):
        """Fit on rows of the past.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            A time index, where there is one, must be in order without duplicates.
        y : ignored

        Returns
        -------
        The detector itself.

        Raises
        ------
        TypeError, ValueError
            Says what is wrong with the rows or with a parameter.
        """
        values, index = self._rows(X)
        self.contamination = _checked_contamination(self.contamination)
        self._set_n_classes(None)
        self.n_features_in_ = values.shape[1]
        self.columns_ = list(X.columns) if isinstance(X, pd.DataFrame) else list(range(values.shape[1]))
        self._named = isinstance(X, pd.DataFrame)
        self._last_time = None if index is None else index[-1]
        self.decision_scores_ = self._finite(self._fit, values, index, LARGEST)
        self._process_decision_scores()
        limit, labels = self._limit(), self._test()
        if limit is not None:
            self.threshold_ = float(limit)
            self.labels_ = (self.decision_scores_ > self.threshold_).astype(int)
        if labels is not None:
            self.labels_ = labels
        return self

    def _fitted_rows(self, X):
        if not hasattr(self, "decision_scores_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit with rows of the past first")
        values, index = self._rows(X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(f"X has {values.shape[1]} columns, but {type(self).__name__} was fitted on "
                             f"{self.n_features_in_}: give the same ones")
        if self._named and isinstance(X, pd.DataFrame) and list(X.columns) != self.columns_:
            raise ValueError(f"X has the columns {list(X.columns)}, but {type(self).__name__} was fitted on "
                             f"{self.columns_}: give the same ones in the same order")
        if self.sequential and index is not None and self._last_time is not None:
            if (index.tz is None) != (self._last_time.tz is None):
                raise ValueError("the times of X and those of the fit must both have a time zone, or neither")
            if index[0] <= self._last_time:
                raise ValueError(f"X begins at {index[0]}, but {type(self).__name__} was fitted up to "
                                 f"{self._last_time} and goes on from there: score later rows; those of the training "
                                 "rows are in decision_scores_")
        return values, index

    def decision_function(self, X):
        """Score rows; a sequential detector takes them to follow its training rows.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            The columns of the fit, in the same order.

        Returns
        -------
        ndarray of float, shape (n,)
            Higher is more anomalous.

        Raises
        ------
        TypeError, ValueError
        """
        values, index = self._fitted_rows(X)
        return self._finite(self._score, values, index)

    def predict_proba(self, X, method="linear", return_confidence=False):
        """Turn scores into probabilities of being normal and anomalous, as PyOD does.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
        method : {"linear", "unify"}
        return_confidence : bool

        Returns
        -------
        ndarray of float, shape (n, 2)
            With `return_confidence` also PyOD's confidences, shape (n,).

        Raises
        ------
        TypeError, ValueError
        """
        checked_choice(method, ("linear", "unify"), "method")
        values, _ = self._fitted_rows(X)
        return super().predict_proba(X if hasattr(X, "shape") else values, method, return_confidence)

    def score_next(self, X):
        """Score rows and take them into the memory, so that the next call goes on after them. Changes the detector.

        Rows given in any number of calls get the scores that `decision_function` gives them all together.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            The rows that follow those of the fit and of the calls before.

        Returns
        -------
        ndarray of float, shape (n,)

        Raises
        ------
        TypeError, ValueError
            Also when the detector looks ahead.
        """
        if self.offline:
            raise ValueError(f"{type(self).__name__} looks at the whole series: it can not score rows as they come")
        values, index = self._fitted_rows(X)
        scores = self._finite(self._score, values, index)
        self._move_on(values, index)
        if index is not None:
            self._last_time = index[-1]
        return scores


class LimitDetector(Detector):
    """A detector with a limit of its own instead of a contamination."""

    def __init__(self):
        super().__init__()

    def _limit(self):
        raise NotImplementedError
