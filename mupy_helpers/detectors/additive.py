"""Additive regression: a trend plus seasons, fitted by least squares (lesson 03)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_switch
from mupy_helpers.detectors.base import Detector


class AdditiveRegression(Detector):
    """How far a row is from a straight trend plus seasons of sines and cosines, in standard deviations.

    The curve is fitted to the training rows by least squares and drawn on beyond them, so it is as good as the trend
    lasts. A row's score depends on its time and value only.

    Parameters
    ----------
    periods : sequence
        Lengths of the seasons: times such as "1D" for rows with a time index, numbers of rows for rows without.
    harmonics : int
        Sines and cosines per season: more follow sharper daily curves. One that two seasons share is taken once.
    trend : bool
        Whether to fit a slope.
    contamination : float

    Attributes
    ----------
    coefficients_ : ndarray of float
        Constant, slope over the whole training span (with `trend`), then sine and cosine per harmonic and season,
        in the units of the series.
    standard_deviation_ : float
        Of the training rows around the curve.

    References
    ----------
    Harvey and Shephard, "Structural Time Series Models", Handbook of Statistics 11, 1993; the same terms as in
    Taylor and Letham, "Forecasting at Scale", The American Statistician 72, 2018, without its change points.
    """

    univariate = True

    def __init__(self, periods=("1D",), harmonics=3, trend=True, contamination=0.1):
        super().__init__(contamination=contamination)
        self.periods = periods
        self.harmonics = harmonics
        self.trend = trend

    def _clock(self, n, index, first_row):
        """Time since the first training row, in nanoseconds or rows."""
        if (index is None) != (self._origin is None):
            raise ValueError("AdditiveRegression needs a time index in the rows to be scored exactly when it was "
                             "fitted with one")
        if index is None:
            return first_row + np.arange(n, dtype=float)
        if (index.tz is None) != (self._origin.tz is None):
            raise ValueError("the times of X and those of the fit must both have a time zone, or neither")
        # In whole nanoseconds first: floats would round the year away.
        return (index.as_unit("ns").asi8 - self._origin.as_unit("ns").value).astype(float)

    def _lengths(self, timed):
        if isinstance(self.periods, str) or not np.iterable(self.periods):
            raise ValueError(f"periods must be a sequence such as ('1D', '7D'), not {self.periods!r}")
        lengths = []
        for period in self.periods:
            is_number = isinstance(period, (int, float, np.number)) and not isinstance(period, bool)
            if timed == is_number:
                raise ValueError(f"period {period!r} does not suit the rows: give times such as '1D' for rows with a "
                                 "time index, numbers of rows for rows without")
            try:
                length = float(period if is_number else pd.Timedelta(period).as_unit("ns").value)
            except ValueError:
                raise ValueError(f"period {period!r} is not a length of time, such as '1D' or '12h'") from None
            if not 0 < length < np.inf:
                raise ValueError(f"period {period!r} must be longer than zero")
            lengths.append(length)
        return lengths

    def _terms(self, clock):
        terms = [np.ones(len(clock))]
        if self.trend:
            terms.append(clock / self._span)
        for cycle in self._cycles:
            angle = 2 * np.pi * (clock % cycle) / cycle
            terms += [np.sin(angle), np.cos(angle)]
        return np.column_stack(terms)

    def _fit(self, values, index):
        checked_switch(self.trend, "trend")
        harmonics = checked_count(self.harmonics, "harmonics")
        self._need_rows(values, 3, "a curve has to be fitted")
        # Refused before the sines are looked at: of a million of them that would take hours.
        self._need_rows(values, harmonics + 2, f"it has {harmonics} harmonics")
        self._refuse_constant(values)
        self._origin = None if index is None else index[0]
        self._n_fitted = len(values)
        lengths = self._lengths(index is not None)
        clock = self._clock(len(values), index, 0)
        self._span = clock[-1]
        # The last row stands for one step more: 24 hourly rows are a day.
        covered = self._span + np.median(np.diff(clock))
        short = [period for period, length in zip(self.periods, lengths) if length > covered]
        if short:
            raise ValueError(f"the training rows are shorter than the period {short[0]!r}: train on two periods or "
                             "more, or leave it out")
        # Seven times a week is once a day: what two seasons share is taken once.
        cycles = [length / harmonic for length in lengths for harmonic in range(1, self.harmonics + 1)]
        self._cycles = [cycle for i, cycle in enumerate(cycles) if not np.isclose(cycle, cycles[:i], rtol=1e-9).any()]
        terms = self._terms(clock)
        self._need_rows(values, terms.shape[1] + 1, f"it has {terms.shape[1]} coefficients")
        self.coefficients_, _, rank, _ = np.linalg.lstsq(terms, values[:, 0], rcond=1e-10)
        if rank < terms.shape[1]:
            raise ValueError("the trend and the seasons can not be told apart in the training rows: use fewer "
                             "harmonics (fewer than half the rows in a period) or train on more rows")
        left = values[:, 0] - terms @ self.coefficients_
        self.standard_deviation_ = float(np.sqrt((left ** 2).sum() / (len(left) - terms.shape[1])))
        if self.standard_deviation_ <= 1e-12 * np.ptp(values):
            raise ValueError("the curve fits every training row exactly: there is no spread to measure an anomaly by")
        return np.abs(left) / self.standard_deviation_

    def _expected(self, n, index):
        return self._terms(self._clock(n, index, self._n_fitted)) @ self.coefficients_

    def expected(self, X):
        """Return the curve at the times of rows; rows without a time index follow the training rows.

        Parameters
        ----------
        X : Series, DataFrame or array, shape (n,)

        Returns
        -------
        ndarray of float, shape (n,)
            In the units of the series.
        """
        values, index = self._fitted_rows(X)
        return self._expected(len(values), index)

    def _move_on(self, values, index):
        self._n_fitted += len(values)  # where rows without times go on

    def _score(self, values, index):
        return np.abs(values[:, 0] - self._expected(len(values), index)) / self.standard_deviation_
