"""EWMA and CUSUM control charts for small lasting shifts, and their average run lengths (lesson 03)."""

from itertools import accumulate

import numpy as np
from scipy import stats
from scipy.signal import lfilter

from mupy_helpers.checks import checked_number
from mupy_helpers.detectors.base import LimitDetector


class _Chart(LimitDetector):
    """Standardises rows with the training mean and standard deviation, then follows them by a statistic."""

    sequential = True
    univariate = True

    def _fit(self, values, index):
        self.target_ = float(values.mean()) if self.target is None else checked_number(self.target, "target")
        if self.sigma is None:
            self._need_rows(values, 2, "a standard deviation has to be estimated")
            self._refuse_constant(values)
            self.sigma_ = float(values.std(ddof=1))
        else:
            self.sigma_ = checked_number(self.sigma, "sigma", above=0)
        checked_number(self.limit, "limit", above=0)
        statistics, self._state = self._follow(self._standardised(values), self._start())
        return statistics

    def _standardised(self, values):
        return (values[:, 0] - self.target_) / self.sigma_

    def _score(self, values, index):
        return self._follow(self._standardised(values), self._state)[0]

    def _move_on(self, values, index):
        self._state = self._follow(self._standardised(values), self._state)[1]

    def _limit(self):
        return self.limit


class EWMAChart(_Chart):
    """Exponentially weighted moving average: how far it is from the target, in its own standard deviations.

    z = weight * x + (1 - weight) * z before, from the target on; score = abs(z - target) divided by the standard
    deviation that z has in the long run, sigma * sqrt(weight / (2 - weight)).
    Scoring goes on from the last z of the training rows. The limits take rows to be independent: with rows that
    resemble their neighbours, alarms come far more often than the average run length says.

    Parameters
    ----------
    weight : float
        Of the newest row, in (0, 1]; small weights see small shifts.
    limit : float
        `threshold_`, in standard deviations of z; 2.962 gives one false alarm in 500 rows for a weight of 0.2.
    target, sigma : float, optional
        Mean and standard deviation when all is well; estimated from the training rows by default.

    References
    ----------
    Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1, 1959;
    Lucas and Saccucci, "Exponentially Weighted Moving Average Control Schemes", Technometrics 32, 1990.
    """

    def __init__(self, weight=0.2, limit=2.962, target=None, sigma=None):
        super().__init__()
        self.weight = weight
        self.limit = limit
        self.target = target
        self.sigma = sigma

    def _start(self):
        return 0.0

    def _follow(self, rows, state):
        weight = _checked_weight(self.weight)
        z = lfilter([weight], [1, weight - 1], rows, zi=[(1 - weight) * state])[0]
        return np.abs(z) / np.sqrt(weight / (2 - weight)), z[-1]


class CUSUMChart(_Chart):
    """Cumulative sums of what rows are above (or below) the target by more than an allowance; the larger of the two.

    upper = max(0, upper before + (x - target) / sigma - allowance), lower alike for rows below the target.
    The sums are not set back after an alarm, so an alarm lasts until the rows have made up for what was summed.
    Scoring goes on from the last sums of the training rows. Like those of the EWMA, the limits take rows to be
    independent.

    Parameters
    ----------
    allowance : float
        In standard deviations; half the shift that is to be found soonest.
    limit : float
        `threshold_`, the decision interval in standard deviations; 5 gives one false alarm in 465 rows for an
        allowance of 0.5.
    target, sigma : float, optional
        As in `EWMAChart`.

    References
    ----------
    Page, "Continuous Inspection Schemes", Biometrika 41, 1954;
    Montgomery, "Introduction to Statistical Quality Control", chapter 9.
    """

    def __init__(self, allowance=0.5, limit=5.0, target=None, sigma=None):
        super().__init__()
        self.allowance = allowance
        self.limit = limit
        self.target = target
        self.sigma = sigma

    def _start(self):
        return 0.0, 0.0

    def _follow(self, rows, state):
        allowance = _checked_allowance(self.allowance)
        upper, lower = (list(accumulate(excess.tolist(), lambda total, now: max(0.0, total + now), initial=start))[1:]
                        for excess, start in zip((rows - allowance, -rows - allowance), state))
        return np.maximum(upper, lower), (upper[-1], lower[-1])


def _checked_weight(weight):
    weight = checked_number(weight, "weight", above=0)
    if weight > 1:
        raise ValueError(f"weight must be in (0, 1], not {weight}")
    return weight


def _checked_allowance(allowance):
    allowance = checked_number(allowance, "allowance")
    if allowance < 0:
        raise ValueError(f"allowance must be zero or more, not {allowance}")
    return allowance


def _solve(nodes, kernel, constant):
    """Solve L = constant + kernel @ L for the run lengths at the nodes; return that of the first, or infinity."""
    try:
        lengths = np.linalg.solve(np.eye(len(nodes)) - kernel, constant)
    except np.linalg.LinAlgError:
        return np.inf
    # Beyond the digits of a float the solution is noise, also below one row.
    return lengths[0] if ((lengths >= 1 - 1e-9) & (lengths < 1e12)).all() else np.inf


def _one_sided_cusum(allowance, limit, shift, nodes, weights):
    # Page's integral equation; its unknowns are the run lengths from the sums at the nodes and from a sum of zero.
    sums = np.concatenate([[0.0], (nodes + 1) * limit / 2])
    moved = allowance - shift - sums[:, np.newaxis]
    kernel = stats.norm.pdf(sums + moved) * np.concatenate([[0.0], weights * limit / 2])
    kernel[:, 0] = stats.norm.cdf(moved[:, 0])
    return _solve(sums, kernel, np.ones(len(sums)))


def average_run_length(chart, shift=0.0):
    """Compute how many rows pass on average until a chart raises its first alarm.

    Exact but for the numerical integration, for independent Gaussian rows, a known target and sigma,
    and a chart that starts at its target.

    Parameters
    ----------
    chart : EWMAChart or CUSUMChart
    shift : float
        How far the mean is off the target, in standard deviations, from the first row on.

    Returns
    -------
    float
        Rows, the one with the alarm included. Without a shift: rows between false alarms.

    References
    ----------
    Crowder, "A Simple Method for Studying Run-Length Distributions of Exponentially Weighted Moving Average Charts",
    Technometrics 29, 1987; Page, Biometrika 41, 1954; for two sides, Montgomery, equation 9.7.
    """
    if not isinstance(chart, (EWMAChart, CUSUMChart)):
        raise TypeError(f"chart must be an EWMAChart or a CUSUMChart, not {type(chart).__name__}")
    shift = checked_number(shift, "shift", above=-1e6, below=1e6)
    limit = checked_number(chart.limit, "limit", above=0, below=1e6)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    if isinstance(chart, CUSUMChart):
        allowance = checked_number(_checked_allowance(chart.allowance), "allowance", below=1e6)
        upper, lower = (_one_sided_cusum(allowance, limit, side, nodes, weights) for side in (shift, -shift))
        # A side that is too long to be calculated adds no alarms to the other one's.
        return _stated(1 / (1 / upper + 1 / lower) if min(upper, lower) < np.inf else np.inf)
    weight = _checked_weight(chart.weight)
    edge = limit * np.sqrt(weight / (2 - weight))
    z = np.concatenate([[0.0], nodes * edge])
    needed = (z - (1 - weight) * z[:, np.newaxis]) / weight  # the row that takes the average from one node to another
    kernel = stats.norm.pdf(needed - shift) / weight * np.concatenate([[0.0], weights * edge])
    return _stated(_solve(z, kernel, np.ones(len(z))))


def _stated(length):
    if not np.isfinite(length):
        raise ValueError("the run length is too long to be calculated: take a smaller allowance or limit, or a "
                         "smaller shift")
    return float(length)
