"""Moving-median decomposition: level, season and what is left, from the past only (lesson 03)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.base import Detector
from mupy_helpers.thresholds import MAD_TO_SIGMA


class MovingMedianDecomposition(Detector):
    """How far a row is from the median of the rows before it, and from its usual place in the season.

    The level is the median of the `window` rows before the row; the season is the median of what was left above the
    level one, two, ... `n_seasons` periods before. The score is what is left after both, in robust standard
    deviations (1.4826 median absolute deviations from zero) of the training rows.
    The first rows of the fit, without a whole window and season before them, score 0.
    Scoring goes on from the last window and seasons of the training rows.

    Parameters
    ----------
    window : int
        Rows before the row; with a period, take a multiple of it, else the level takes part of the season.
    period : int, optional
        Rows in a season; no season by default. It is counted in rows: fill gaps in time first, such as with
        df.asfreq("1h").ffill(), or the season is out of step after them.
    n_seasons : int
        How many periods back the season is looked up.
    contamination : float

    Attributes
    ----------
    scale_ : float
        One robust standard deviation of what is left, in the units of the series.
    """

    sequential = True
    univariate = True

    def __init__(self, window, period=None, n_seasons=7, contamination=0.1):
        super().__init__(contamination=contamination)
        self.window = window
        self.period = period
        self.n_seasons = n_seasons

    def _lags(self):
        if self.period is None:
            return range(0)
        period, n_seasons = checked_count(self.period, "period", 2), checked_count(self.n_seasons, "n_seasons")
        return range(period, period * n_seasons + 1, period)

    def _expected(self, values):
        """The median before each row plus its season; NaN where a whole window or one season is missing."""
        level = pd.Series(values).rolling(checked_count(self.window, "window")).median().shift(1).to_numpy()
        lags = self._lags()
        if not lags:
            return level
        # What is further back than the first row is not known anyway.
        known = lags[:max(1, (len(values) - 1) // lags.step)]
        before = pd.concat([pd.Series(values - level).shift(lag) for lag in known], axis=1)
        return level + before.median(axis=1).to_numpy()

    def _fit(self, values, index):
        values = values[:, 0]
        window, lags = checked_count(self.window, "window"), self._lags()
        first = window + (lags[0] if lags else 0)
        self._need_rows(values, first + 2, f"nothing is expected of the first {first}")
        self._refuse_constant(values[:, np.newaxis])
        left = np.abs(values - self._expected(values))[first:]
        # Where most rows are equal to what was expected, the mean is what tells the size of the rest.
        scale = MAD_TO_SIGMA * np.median(left) or np.sqrt(np.pi / 2) * left.mean()
        if scale == 0:
            raise ValueError("every training row is as expected from those before it: there is no spread to measure "
                             "an anomaly by, train on more rows")
        self.scale_ = float(scale)
        self._memory = self._newest(values)
        return np.concatenate([np.zeros(first), left / self.scale_])

    def expected(self, X):
        """Return what level and season let expect of rows that follow the training rows.

        Parameters
        ----------
        X : Series, DataFrame or array, shape (n,)

        Returns
        -------
        ndarray of float, shape (n,)
            In the units of the series.
        """
        values = self._fitted_rows(X)[0][:, 0]
        return self._expected(np.concatenate([self._memory, values]))[len(self._memory):]

    def _newest(self, values):
        """The rows that the next ones need: those of a window, as long ago as the oldest season."""
        return values[-(int(self.window) + (self._lags() or [0])[-1]):].copy()

    def _move_on(self, values, index):
        self._memory = self._newest(np.concatenate([self._memory, values[:, 0]]))

    def _score(self, values, index):
        expected = self._expected(np.concatenate([self._memory, values[:, 0]]))[len(self._memory):]
        return np.abs(values[:, 0] - expected) / self.scale_
