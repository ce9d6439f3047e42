"""Hotelling's T² and SPE: unusual within the usual pattern, or off the pattern (lesson 04)."""

import numpy as np
import pandas as pd
from scipy import stats

from mupy_helpers.checks import checked_count, checked_number
from mupy_helpers.detectors.base import Detector


class _Pattern(Detector):
    """Principal components of the standardised training rows, and the two statistics with their limits."""

    needs_rest = False

    def _fit(self, values, index):
        n, d = values.shape
        self._need_rows(values, 3, "a covariance has to be estimated")
        self._refuse_constant(values)
        self._centre, self._size = values.mean(axis=0), values.std(axis=0, ddof=1)
        rows = (values - self._centre) / self._size
        _, singular, directions = np.linalg.svd(rows, full_matrices=False)
        self.variances_ = singular ** 2 / (n - 1)
        real = int((self.variances_ > 1e-12 * self.variances_[0]).sum())
        self.n_components_ = self._number(real, d)
        self.components_ = directions[:self.n_components_]
        return self._score(values, index)

    def _number(self, real, d):
        if isinstance(self.n_components, float):
            share = checked_number(self.n_components, "n_components", above=0, below=1)
            shares = np.cumsum(self.variances_) / self.variances_.sum()
            number = min(int(np.searchsorted(shares, share)) + 1, real)
            if self.needs_rest and number == real and real > 1:
                number -= 1  # the share asked for leaves nothing over: leave the last one
        else:
            number = checked_count(self.n_components, "n_components")
        if number > real:
            raise ValueError(f"n_components is {number}, but the training rows vary in {real} directions only: "
                             "lower it")
        if self.needs_rest and number >= real:
            raise ValueError(f"{number} components hold all that varies in the {d} columns: the squared prediction "
                             "error needs some left over, lower n_components")
        return number

    def _standardised(self, values):
        return (values - self._centre) / self._size

    def _t2(self, values):
        projected = self._standardised(values) @ self.components_.T
        return (projected ** 2 / self.variances_[:self.n_components_]).sum(axis=1)

    def _spe(self, values):
        rows = self._standardised(values)
        return ((rows - rows @ self.components_.T @ self.components_) ** 2).sum(axis=1)

    def _t2_limit(self, alpha):
        n, a = len(self.decision_scores_), self.n_components_
        if n <= a:
            raise ValueError(f"{n} training rows are too few for a limit with {a} components")
        return a * (n ** 2 - 1) / (n * (n - a)) * stats.f.ppf(1 - alpha, a, n - a)

    def _spe_limit(self, alpha):
        rest = self.variances_[self.n_components_:]
        # Scaled chi-squared with the mean and variance of the error; exact where one direction is left over.
        mean, half_variance = rest.sum(), (rest ** 2).sum()
        return half_variance / mean * stats.chi2.ppf(1 - alpha, mean ** 2 / half_variance)


class _OneStatistic(_Pattern):
    """One of the two statistics, with its limit."""

    def __init__(self, n_components=0.9, contamination=0.1):
        super().__init__(contamination=contamination)
        self.n_components = n_components

    def _limit_at(self, alpha):
        raise NotImplementedError

    def limit(self, alpha=0.01):
        """Return the score that a Gaussian row is above with probability alpha.

        For T² a new row, by the F distribution; for SPE by the scaled chi-squared of Box.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        float
        """
        return float(self._limit_at(checked_number(alpha, "alpha", above=1e-12, below=1)))


class HotellingT2(_OneStatistic):
    """Hotelling's T²: how far a row is out along the principal components, in their standard deviations, squared.

    With all components it is the squared Mahalanobis distance.

    Parameters
    ----------
    n_components : int or float
        How many; a float below 1 is the share of variance that they must hold.
    contamination : float

    Attributes
    ----------
    components_ : ndarray of float, shape (n_components, d)
        Directions among the standardised columns.
    variances_ : ndarray of float
        Along all principal components.

    References
    ----------
    Hotelling, "Multivariate Quality Control", in Techniques of Statistical Analysis, 1947.
    """

    def _score(self, values, index):
        return self._t2(values)

    def _limit_at(self, alpha):
        return self._t2_limit(alpha)

    def explain(self, X):
        """Say how much each column adds to the score of each row: z times the inverse covariance times z.

        A column that its partners explain takes some away, so a share can be negative.

        Parameters
        ----------
        X : DataFrame, Series or array, shape (n,) or (n, d)
            As for `decision_function`.

        Returns
        -------
        DataFrame with the index and columns of X when it is one, else ndarray; float, shape (n, d)
            The sum of a row is its score.
        """
        rows = self._standardised(self._fitted_rows(X)[0])
        shares = rows * (rows @ (self.components_.T / self.variances_[:self.n_components_]) @ self.components_)
        return pd.DataFrame(shares, index=X.index, columns=X.columns) if isinstance(X, pd.DataFrame) else shares


class SPE(_OneStatistic):
    """Squared prediction error (Q statistic): how far a row is off the principal components, squared.

    Parameters
    ----------
    n_components : int or float
        As in `HotellingT2`; at least one direction must be left over.
    contamination : float

    References
    ----------
    Jackson and Mudholkar, "Control Procedures for Residuals Associated With Principal Component Analysis",
    Technometrics 21, 1979; the limit is that of Box, Annals of Mathematical Statistics 25, 1954.
    """

    needs_rest = True

    def _score(self, values, index):
        return self._spe(values)

    def _limit_at(self, alpha):
        return self._spe_limit(alpha)


class T2SPE(_Pattern):
    """The larger of T² and SPE, each divided by its limit: `threshold_` is 1.

    Parameters
    ----------
    n_components : int or float
        As in `SPE`.
    alpha : float
        Of each of the two limits: an alarm comes about twice as often.

    References
    ----------
    Jackson and Mudholkar, Technometrics 21, 1979.
    """

    needs_rest = True

    def __init__(self, n_components=0.9, alpha=0.01):
        super().__init__()
        self.n_components = n_components
        self.alpha = alpha

    def _fit(self, values, index):
        alpha = checked_number(self.alpha, "alpha", above=1e-12, below=1)
        self._limits = 1.0, 1.0
        self.decision_scores_ = super()._fit(values, index)
        self._limits = self._t2_limit(alpha), self._spe_limit(alpha)
        return self._score(values, index)

    def _score(self, values, index):
        t2_limit, spe_limit = self._limits
        return np.maximum(self._t2(values) / t2_limit, self._spe(values) / spe_limit)

    def _limit(self):
        return 1.0
