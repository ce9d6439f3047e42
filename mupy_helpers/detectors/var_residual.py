"""Vector autoregression: how badly did the rows before predict this one? (lesson 03)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.base import Detector


class VARResidual(Detector):
    """Size of the one-step error of a vector autoregression, on several columns at once.

    Each column is predicted from the last `lags` rows of all columns (statsmodels' VAR, least squares). The score is
    the squared Mahalanobis distance of the errors from zero by their training covariance: for Gaussian errors it is
    chi-squared with as many degrees of freedom as columns. The first `lags` training rows score 0.
    Scoring goes on from the last training rows. A row after a gap is predicted from the rows before the gap.

    Parameters
    ----------
    lags : int
    contamination : float

    Attributes
    ----------
    model_ : VARResults
        Of statsmodels, for the standardised columns.

    References
    ----------
    Lütkepohl, "New Introduction to Multiple Time Series Analysis", 2005, chapter 3.
    """

    sequential = True
    unsaved = ("model_",)

    def __init__(self, lags=2, contamination=0.1):
        super().__init__(contamination=contamination)
        self.lags = lags

    def _fit(self, values, index):
        from statsmodels.tsa.api import VAR

        lags, d = checked_count(self.lags, "lags"), values.shape[1]
        if d < 2:
            raise ValueError("VARResidual needs two columns or more, that can predict each other")
        self._need_rows(values, lags * (d + 1) + d + 2, f"it estimates {d * lags + 1} coefficients per column")
        self._refuse_constant(values)
        self._centre, self._size = values.mean(axis=0), values.std(axis=0)
        rows = (values - self._centre) / self._size
        if np.linalg.matrix_rank(rows, tol=1e-9 * np.sqrt(len(rows))) < d:
            raise ValueError("some columns are sums or multiples of others in the training rows: leave them out")
        self.model_ = VAR(rows).fit(maxlags=lags, trend="c")
        self._intercept, self._coefficients = np.array(self.model_.intercept), np.array(self.model_.coefs)
        covariance = np.atleast_2d(self.model_.sigma_u)
        if np.linalg.eigvalsh(covariance)[0] <= 1e-12:
            raise ValueError("the rows before predict some columns exactly: there is no error to measure by; "
                             "leave out columns that are copies or delayed copies of others")
        self._precision = np.linalg.inv(covariance)
        self._memory = rows[-lags:]
        return np.concatenate([np.zeros(lags), self._shares(rows).sum(axis=1)])

    def _shares(self, rows):
        """What each column adds to the scores of all rows but the first lags ones."""
        lags = len(self._memory)
        expected = np.broadcast_to(self._intercept, (len(rows) - lags, rows.shape[1])).copy()
        for back, matrix in enumerate(self._coefficients, start=1):
            expected += rows[lags - back:len(rows) - back] @ matrix.T
        errors = rows[lags:] - expected
        return errors * (errors @ self._precision)

    def _continued(self, values):
        return np.concatenate([self._memory, (values - self._centre) / self._size])

    def _move_on(self, values, index):
        rows = self._continued(values)
        self._memory = rows[len(rows) - len(self._memory):]

    def _score(self, values, index):
        return self._shares(self._continued(values)).sum(axis=1)

    def explain(self, X):
        """Say how much each column adds to the score of each row.

        Errors that usually go together count less, so a column's share can be negative.

        Parameters
        ----------
        X : DataFrame or array, shape (n, d)
            As for `decision_function`.

        Returns
        -------
        DataFrame with the index and columns of X when it is one, else ndarray; float, shape (n, d)
            The sum of a row is its score.
        """
        shares = self._shares(self._continued(self._fitted_rows(X)[0]))
        return pd.DataFrame(shares, index=X.index, columns=X.columns) if isinstance(X, pd.DataFrame) else shares
