"""Several detectors as one: scores on one scale, put together; and the amplitude terms of PAI (lesson 07)."""

import copy

import numpy as np
import pandas as pd
from scipy.special import erf
from sklearn.base import clone

from mupy_helpers.checks import checked_choice, checked_count, checked_rows, checked_scores, checked_switch
from mupy_helpers.detectors.base import Detector
from mupy_helpers.thresholds import MAD_TO_SIGMA

SCALES = ("rank", "z", "robust_z", "probability")
COMBINATIONS = ("mean", "median", "max", "vote")


class ScoreScale:
    """Brings the scores of a detector on a scale that others share, fitted on its training scores alone.

    - "rank": the share of the training scores that are lower, ties counted half; all that is above them is 1, so that
      it can not tell far from very far;
    - "z": standard deviations above the mean;
    - "robust_z": above the median, in median absolute deviations times 1.4826;
    - "probability": erf(z / sqrt(2)), 0 where that is negative: the Gaussian scaling of Kriegel et al., and that of
      PyOD's `predict_proba(method="unify")`.

    Parameters
    ----------
    scale : {"rank", "z", "robust_z", "probability"}

    References
    ----------
    Kriegel, Kröger, Schubert and Zimek, "Interpreting and Unifying Outlier Scores", SDM 2011.
    """

    def __init__(self, scale="robust_z"):
        self.scale = scale

    def fit(self, scores):
        """Learn the scale from training scores.

        Parameters
        ----------
        scores : Series or array, shape (n,)

        Returns
        -------
        ScoreScale, itself
        """
        checked_choice(self.scale, SCALES, "scale")
        values = checked_scores(scores, min_rows=2)
        if self.scale == "rank":
            self._ordered = np.sort(values)
            return self
        robust = self.scale == "robust_z"
        self._centre = np.median(values) if robust else values.mean()
        self._size = MAD_TO_SIGMA * np.median(np.abs(values - self._centre)) if robust else values.std()
        if not self._size > 0:
            raise ValueError("half of the training scores or more are equal: their median absolute deviation is zero; "
                             "use the scale 'rank' or 'z'" if robust and np.ptp(values) > 0 else
                             "the training scores are constant: there is no scale in them")
        return self

    def transform(self, scores):
        """Bring scores on the scale.

        Parameters
        ----------
        scores : Series or array, shape (m,)

        Returns
        -------
        ndarray of float, shape (m,)
        """
        values = checked_scores(scores, min_rows=0)
        if self.scale == "rank":
            if not hasattr(self, "_ordered"):
                raise ValueError("the scale is not fitted yet: call fit with training scores first")
            sides = [np.searchsorted(self._ordered, values, side) for side in ("left", "right")]
            return (sides[0] + sides[1]) / 2 / len(self._ordered)
        if not hasattr(self, "_size"):
            raise ValueError("the scale is not fitted yet: call fit with training scores first")
        z = (values - self._centre) / self._size
        return np.maximum(erf(z / np.sqrt(2)), 0) if self.scale == "probability" else z


def combine_scores(scores, how="mean", weights=None):
    """Put the scores of several detectors, on one scale, together row by row.

    Parameters
    ----------
    scores : DataFrame or array, shape (n, k)
        One column for each detector. With "vote", True and False or 1 and 0.
    how : {"mean", "median", "max", "vote"}
        "vote" is the (weighted) share of the detectors that say 1.
    weights : sequence of float, shape (k,), optional
        For "mean" and "vote"; zero or more, not all zero. They need not add up to 1.

    Returns
    -------
    ndarray of float, shape (n,)

    References
    ----------
    Aggarwal and Sathe, "Theoretical Foundations and Algorithms for Outlier Ensembles", SIGKDD Explorations 17, 2015.
    """
    values, _ = checked_rows(scores, "scores")
    checked_choice(how, COMBINATIONS, "how")
    if how == "vote" and not np.isin(values, (0, 1)).all():
        raise ValueError("a vote needs True and False: compare each detector's scores with its threshold first")
    if weights is not None:
        if how not in ("mean", "vote"):
            raise ValueError(f"weights have no meaning for {how!r}: leave them out")
        weights = checked_scores(weights, "weights")
        if len(weights) != values.shape[1]:
            raise ValueError(f"{len(weights)} weights for {values.shape[1]} columns of scores: give one for each")
        if (weights < 0).any() or not weights.sum() > 0:
            raise ValueError("weights must be zero or more, and not all zero")
    if how == "max":
        return values.max(axis=1)
    return np.median(values, axis=1) if how == "median" else np.average(values, axis=1, weights=weights)


class ScoreEnsemble(Detector):
    """Several detectors as one: each one's scores on the scale of its training scores, then put together.

    It looks ahead and depends on the rows scored together only where one of its detectors does.

    Parameters
    ----------
    detectors : list of detectors, ours or of PyOD's
        Copies of them are fitted.
    scale : {"rank", "z", "robust_z", "probability"}
        As in `ScoreScale`.
    combine : {"mean", "median", "max", "vote"}
        As in `combine_scores`. In a vote a detector says 1 above the (1 - contamination) quantile of its training
        scores.
    weights : sequence of float, optional
        One for each detector, for "mean" and "vote".
    prefit : bool
        True when the detectors are fitted already, on the same rows that are given to `fit`: then they are used as
        they are.
    contamination : float

    Attributes
    ----------
    detectors_ : list
        The fitted ones.
    scales_ : list of ScoreScale
        Empty for a vote.
    """

    def __init__(self, detectors, scale="robust_z", combine="mean", weights=None, prefit=False, contamination=0.1):
        super().__init__(contamination=contamination)
        self.detectors = detectors
        self.scale = scale
        self.combine = combine
        self.weights = weights
        self.prefit = prefit

    @property
    def sequential(self):
        """Whether scoring goes on from the last training rows, as it does in one of the detectors."""
        return any(getattr(detector, "sequential", False) for detector in self.detectors)

    def _given(self, detector, values, index):
        """Rows for a detector: with times and names for ours, plain numbers for others."""
        if not isinstance(detector, Detector) or not (self._named or index is not None):
            return values
        return pd.DataFrame(values, index=index, columns=self.columns_)

    def _fit(self, values, index):
        checked_switch(self.prefit, "prefit")
        checked_choice(self.combine, COMBINATIONS, "combine")
        if not isinstance(self.detectors, (list, tuple)) or not self.detectors:
            raise ValueError("detectors must be a list of one detector or more")
        for detector in self.detectors:
            if not (hasattr(detector, "fit") and hasattr(detector, "decision_function")):
                raise TypeError(f"{type(detector).__name__} is no detector: it needs fit and decision_function")
            if getattr(detector, "offline", False):
                raise ValueError(f"{type(detector).__name__} looks at the whole series: an ensemble scores new rows")
        self.detectors_ = list(self.detectors) if self.prefit else [
            (clone if hasattr(one, "get_params") else copy.deepcopy)(one) for one in self.detectors]
        columns = []
        for detector in self.detectors_:
            if not self.prefit:
                detector.fit(self._given(detector, values, index))
            if not hasattr(detector, "decision_scores_"):
                raise ValueError(f"{type(detector).__name__} has no decision_scores_: " + (
                    "fit it first, or set prefit=False" if self.prefit else "it does not follow PyOD's interface"))
            columns.append(self._checked(detector, detector.decision_scores_, len(values)))
        # Votes need no scale, and a detector whose scores are mostly equal has none.
        self.scales_ = [] if self.combine == "vote" else [ScoreScale(self.scale).fit(column) for column in columns]
        self._limits = [np.quantile(column, 1 - self.contamination) for column in columns]
        return self._together(columns)

    def _checked(self, detector, scores, n):
        scores = checked_scores(scores, f"the score of {type(detector).__name__}", min_rows=0)
        if len(scores) != n:
            raise ValueError(f"{type(detector).__name__} has {len(scores)} scores for {n} rows: "
                             "all detectors must be fitted on the same rows and score each of them")
        return scores

    def _scaled(self, columns):
        if self.combine == "vote":
            return np.column_stack([column > limit for column, limit in zip(columns, self._limits, strict=True)])
        return np.column_stack([scale.transform(column)
                                for scale, column in zip(self.scales_, columns, strict=True)])

    def _together(self, columns):
        return combine_scores(self._scaled(columns), self.combine, self.weights)

    def _columns(self, values, index):
        return [self._checked(detector, detector.decision_function(self._given(detector, values, index)), len(values))
                for detector in self.detectors_]

    def _score(self, values, index):
        return self._together(self._columns(values, index))

    def _move_on(self, values, index):
        moved = [copy.copy(detector) for detector in self.detectors_]
        for detector in moved:
            if isinstance(detector, Detector):
                detector.score_next(self._given(detector, values, index))
        self.detectors_ = moved

    def scaled_scores(self, X):
        """Return each detector's own scores on the common scale, or its votes, before they are put together.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)

        Returns
        -------
        DataFrame of float, shape (n, k)
            One column for each detector, called by its class and numbered where two are of the same class.
        """
        values, index = self._fitted_rows(X)
        names = [type(detector).__name__ for detector in self.detectors_]
        names = [f"{name} {names[:place].count(name) + 1}" if names.count(name) > 1 else name
                 for place, name in enumerate(names)]
        return pd.DataFrame(self._scaled(self._columns(values, index)), columns=names,
                            index=X.index if isinstance(X, (pd.Series, pd.DataFrame)) else None)


class AmplitudeDeviation(Detector):
    """How far a row is from the usual level, and how far the level has moved lately: what learned scores forget.

    Two terms for each column, in robust standard deviations of the training rows: the distance of the row from the
    training median, and the distance of the mean of the last `window` rows from the mean of the `window` rows before
    them. The score is the larger of the two, of the largest column. Put it beside a learned detector in a
    `ScoreEnsemble`. It is causal: where PAI compares the rows before with the rows after, ours compares those before
    with those before them. Gaps in time are not looked at, and the second term is 0 until 2 * `window` rows are known.

    Parameters
    ----------
    window : int
    terms : {"both", "level", "shift"}
        Which of the two count: both, only the distance from the median, or only that of the means.
    contamination : float

    References
    ----------
    After Zhang et al., "PAI: Preserving Amplitude Information in Representation-Based Time-Series Anomaly Detection",
    2026.
    """

    sequential = True

    def __init__(self, window=24, terms="both", contamination=0.1):
        super().__init__(contamination=contamination)
        self.window = window
        self.terms = terms

    def _fit(self, values, index):
        window = checked_count(self.window, "window")
        checked_choice(self.terms, ("both", "level", "shift"), "terms")
        self._need_rows(values, 2 * window + 1, "it compares the means of two windows")
        self._refuse_constant(values)
        self._median = np.median(values, axis=0)
        mad = MAD_TO_SIGMA * np.median(np.abs(values - self._median), axis=0)
        # A column that mostly stands still has no median deviation: its standard deviation takes the place.
        self._unit = np.where(mad > 0, mad, values.std(axis=0))
        self._memory = values[:0]
        scores = self._score(values, index)
        self._memory = values[1 - 2 * window:].copy()
        return scores

    def _move_on(self, values, index):
        self._memory = np.concatenate([self._memory, values])[1 - 2 * int(self.window):]

    def _score(self, values, index):
        rows = pd.DataFrame((np.concatenate([self._memory, values]) - self._median) / self._unit)
        level = rows.abs()
        means = rows.rolling(self.window).mean()
        shift = (means - means.shift(self.window)).abs().fillna(0.0)
        worst = {"level": level, "shift": shift, "both": np.maximum(level, shift)}[self.terms].max(axis=1)
        return worst.to_numpy()[len(self._memory):]
