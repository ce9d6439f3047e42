"""Generalised extreme Studentized deviate test, and its seasonal hybrid (lesson 03)."""

import numpy as np
import pandas as pd
from scipy import stats

from mupy_helpers.checks import checked_count, checked_number, checked_scores
from mupy_helpers.detectors.base import LimitDetector
from mupy_helpers.thresholds import MAD_TO_SIGMA


def _median_spread(values):
    return MAD_TO_SIGMA * np.median(np.abs(values - np.median(values)))


def _steps(values, max_outliers, alpha, centre, spread):
    """Take the most extreme value out, again and again, and test how many of them were outliers."""
    n = len(values)
    left = np.arange(n)
    rows, statistics = [], []
    for _ in range(max_outliers):
        now = values[left]
        deviations, size = np.abs(now - centre(now)), spread(now)
        furthest = int(np.argmax(deviations))
        # What is left may be constant: then nothing deviates, or what deviates does so without measure.
        statistics.append(deviations[furthest] / size if size > 0 else np.inf if deviations[furthest] > 0 else 0.0)
        rows.append(left[furthest])
        left = np.delete(left, furthest)
    step = np.arange(1, max_outliers + 1)
    t = stats.t.ppf(1 - alpha / (2 * (n - step + 1)), n - step - 1)
    critical = (n - step) * t / np.sqrt((n - step - 1 + t ** 2) * (n - step + 1))
    beyond = np.flatnonzero(np.array(statistics) > critical)
    found = beyond[-1] + 1 if len(beyond) else 0
    return pd.DataFrame({"row": rows, "value": values[rows], "statistic": statistics, "critical": critical,
                         "is_outlier": step <= found}, index=pd.Index(step, name="step"))


def _labels(steps, n):
    labels = np.zeros(n, dtype=int)
    labels[steps.loc[steps["is_outlier"], "row"]] = 1
    return labels


def _checked_steps(n, max_outliers, alpha):
    alpha = checked_number(alpha, "alpha", above=1e-12, below=1)
    most = max(1, n // 10) if max_outliers is None else checked_count(max_outliers, "max_outliers")
    if most > n - 2:
        raise ValueError(f"max_outliers is {most} of {n} rows: leave at least two rows that are none")
    return most, alpha


def generalized_esd(values, max_outliers=None, alpha=0.05):
    """Test up to how many values of a Gaussian sample are outliers (generalised ESD test).

    Step i takes out the value furthest from the mean, in standard deviations, of the values still there.
    The outliers are those of all steps up to the last whose statistic is above its critical value,
    so a large outlier can not hide behind another one (masking).

    Parameters
    ----------
    values : Series or array, shape (n,)
        The approximation of the critical values is meant for 25 or more.
    max_outliers : int, optional
        How many to look for at most; a tenth of the values by default.
    alpha : float
        Probability of finding any outlier in a sample that has none.

    Returns
    -------
    DataFrame, one row per step, with the columns row (position of the value that was taken out), value, statistic,
    critical and is_outlier

    References
    ----------
    Rosner, "Percentage Points for a Generalized ESD Many-Outlier Procedure", Technometrics 25, 1983;
    NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.5.17.3.
    """
    values = checked_scores(values, "values", min_rows=3)
    if np.ptp(values) == 0 or values.std() == 0:
        raise ValueError("values are all equal: there is no spread to measure an outlier by")
    return _steps(values, *_checked_steps(len(values), max_outliers, alpha), np.mean, lambda now: now.std(ddof=1))


class GeneralizedESD(LimitDetector):
    """Distance from the mean in standard deviations, both without the outliers of the training rows.

    `labels_` are the outliers that the generalised ESD test finds among the training rows. Other rows are scored
    against the training rows without them; `threshold_` is the limit at which Grubbs' test would call one further row
    an outlier among these.

    Parameters
    ----------
    max_outliers : int, optional
    alpha : float
        As in `generalized_esd`.

    Attributes
    ----------
    steps_ : DataFrame
        What `generalized_esd` returned.
    mean_, standard_deviation_ : float
        Of the training rows without the outliers.

    References
    ----------
    Rosner, Technometrics 25, 1983; Grubbs, "Procedures for Detecting Outlying Observations in Samples",
    Technometrics 11, 1969.
    """

    univariate = True
    unsaved = ("steps_",)

    def __init__(self, max_outliers=None, alpha=0.05):
        super().__init__()
        self.max_outliers = max_outliers
        self.alpha = alpha

    def _test(self):
        return _labels(self.steps_, len(self.decision_scores_))

    def _fit(self, values, index):
        self._need_rows(values, 3, "a spread has to be estimated")
        self._refuse_constant(values)
        self.steps_ = generalized_esd(values[:, 0], self.max_outliers, self.alpha)
        kept = np.delete(values[:, 0], self.steps_.loc[self.steps_["is_outlier"], "row"])
        if len(kept) < 3 or np.ptp(kept) == 0 or kept.std() == 0:
            raise ValueError("without its outliers the training data are constant: there is no spread to measure by")
        self.mean_, self.standard_deviation_ = float(kept.mean()), float(kept.std(ddof=1))
        self._kept = len(kept)
        return self._score(values, index)

    def _score(self, values, index):
        return np.abs(values[:, 0] - self.mean_) / self.standard_deviation_

    def _limit(self):
        m = self._kept
        return stats.t.ppf(1 - float(self.alpha) / (2 * (m + 1)), m - 1) * np.sqrt(1 + 1 / m)


class SeasonalHybridESDOffline(LimitDetector):
    """Seasonal hybrid ESD (S-H-ESD): the ESD test on what is left without season and median. Looks ahead.

    The season is that of a robust STL decomposition with a season that repeats, the level is the median, so a step in
    level is found rather than followed; mean and standard deviation of the test are replaced by median and median
    absolute deviation. All of it is estimated from the whole series, so every score depends on later rows.
    `decision_function` and `predict` take the rows they get as a whole series of their own.

    Parameters
    ----------
    period : int
        Rows in a season, such as 24 for hourly rows with a daily season.
    max_share : float
        The largest share of rows that may be anomalous, between 0 and 0.5.
    alpha : float
        Level of the test.
    median_rows : int, optional
        Rows per piece that gets a median of its own; by default one median for the whole series. For long series
        with a wandering level.

    Attributes
    ----------
    season_ : ndarray of float, shape (n,)
        Of the training series, in the units of the series.

    References
    ----------
    Vallis, Hochenbaum and Kejariwal, "A Novel Technique for Long-Term Anomaly Detection in the Cloud",
    HotCloud 2014; Hochenbaum, Vallis and Kejariwal, "Automatic Anomaly Detection in the Cloud Via Statistical
    Learning", 2017.
    """

    offline = True
    univariate = True

    def __init__(self, period, max_share=0.1, alpha=0.05, median_rows=None):
        super().__init__()
        self.period = period
        self.max_share = max_share
        self.alpha = alpha
        self.median_rows = median_rows

    def _decompose(self, values):
        from statsmodels.tsa.seasonal import STL

        period = checked_count(self.period, "period", at_least=2)
        self._need_rows(values, 2 * period + 1, f"it needs two seasons of {period} rows and one row more")
        if np.ptp(values) == 0:
            raise ValueError("the series is constant: there is nothing to measure an anomaly by")
        cycles = -(-len(values) // period)
        # A window far wider than the series gives every season the same shape; so few of them need to be computed.
        season = STL(values, period=period, seasonal=10 * cycles + 1, seasonal_deg=0, robust=True,
                     seasonal_jump=max(1, cycles // 10)).fit().seasonal
        rest = values - season
        pieces = len(values) if self.median_rows is None else checked_count(self.median_rows, "median_rows", period)
        # The last piece takes what is left over, so that none is too short for a median.
        starts = np.arange(0, max(len(values) - pieces, 0) + 1, pieces)
        for begin, end in zip(starts, np.append(starts[1:], len(values))):
            rest[begin:end] -= np.median(rest[begin:end])
        if _median_spread(rest) <= 1e-12 * np.ptp(values):
            raise ValueError("without its season half of the series or more is constant: there is no spread to "
                             "measure an anomaly by")
        return season, rest

    def _label(self, rest):
        share = checked_number(self.max_share, "max_share", above=0, below=0.5)
        most, alpha = _checked_steps(len(rest), max(1, int(share * len(rest))), self.alpha)
        return _labels(_steps(rest, most, alpha, np.median, _median_spread), len(rest))

    def _fit(self, values, index):
        self.season_, rest = self._decompose(values[:, 0])
        self._flags = self._label(rest)
        return np.abs(rest - np.median(rest)) / _median_spread(rest)

    def _test(self):
        return self._flags

    def _limit(self):
        # The test has no single limit: this one parts the two kinds of rows as well as one number can.
        return self.decision_scores_[self._flags == 0].max()

    def _score(self, values, index):
        rest = self._decompose(values[:, 0])[1]
        return np.abs(rest - np.median(rest)) / _median_spread(rest)

    def predict(self, X, return_confidence=False):
        """Test a whole series of its own.

        Parameters
        ----------
        X : Series or array, shape (n,)
        return_confidence : bool
            As in PyOD.

        Returns
        -------
        ndarray of int, shape (n,)
            1 for an anomaly; with `return_confidence` also PyOD's confidences.
        """
        values, _ = self._fitted_rows(X)
        labels = self._label(self._decompose(values[:, 0])[1])
        return (labels, self.predict_confidence(X)) if return_confidence else labels
