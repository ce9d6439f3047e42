"""Where to draw the line: thresholds from scores, and alarms from thresholds (lessons 03 and 04).

A row is called anomalous when its score is above the threshold, never when it is equal to it.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from mupy_helpers.checks import LARGEST, checked_count, checked_flags, checked_number, checked_scores, same_kind

# Makes the median absolute deviation of Gaussian numbers an estimate of their standard deviation.
MAD_TO_SIGMA = 1 / stats.norm.ppf(0.75)


def quantile(scores, share=0.01):
    """Return the score that a share of the given scores is above.

    Parameters
    ----------
    scores : Series or array, shape (n,)
        Of rows that are thought to be healthy.
    share : float
        The share of alarms wanted, between 0 and 1.

    Returns
    -------
    float
    """
    share = checked_number(share, "share", above=0, below=1)
    return float(np.quantile(checked_scores(scores, min_rows=2), 1 - share))


def mad(scores, n_sigmas=3.0):
    """Return the median plus so many robust standard deviations (median absolute deviation times 1.4826).

    Parameters
    ----------
    scores : Series or array, shape (n,)
    n_sigmas : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Also when more than half of the scores are equal: their median deviation is zero and says nothing.

    References
    ----------
    Leys et al., "Detecting outliers: do not use standard deviation around the mean, use absolute deviation around
    the median", Journal of Experimental Social Psychology 49, 2013.
    """
    n_sigmas = checked_number(n_sigmas, "n_sigmas", above=0)
    values = checked_scores(scores, min_rows=2)
    median = np.median(values)
    deviation = np.median(np.abs(values - median))
    if deviation == 0:
        raise ValueError("the median absolute deviation of the scores is zero, because half of them or more are "
                         "equal: use quantile() instead")
    return float(median + n_sigmas * MAD_TO_SIGMA * deviation)


@dataclass(frozen=True)
class PeaksOverThreshold:
    """A threshold from the tail of the scores, and how well it is known.

    Parameters
    ----------
    threshold : float
        The score that a healthy row is above with probability `risk`.
    lower, upper : float
        Confidence band of the threshold; upper is infinite when the peaks do not bound it.
    start : float
        The high score from which the tail is modelled.
    shape, scale : float
        Of the generalised Pareto distribution of what peaks are above the start.
        A shape above 0 is a heavy tail, 0 is exponential, below 0 the tail ends.
    n_peaks, n_scores : int
    risk, confidence : float
    """

    threshold: float
    lower: float
    upper: float
    start: float
    shape: float
    scale: float
    n_peaks: int
    n_scores: int
    risk: float
    confidence: float


# The log likelihood where an excess is impossible: finite, so that the search can calculate with it.
IMPOSSIBLE = -1e100


def _log_likelihood(excess, shape, scale):
    """Of the generalised Pareto distribution."""
    if abs(shape) < 1e-9:
        return -len(excess) * math.log(scale) - excess.sum() / scale
    inner = 1 + shape * excess / scale
    if inner.min() <= 0:
        return IMPOSSIBLE
    return -len(excess) * math.log(scale) - (1 + 1 / shape) * np.log(inner).sum()


def _maximum(function, grid):
    """The largest value of a function on an interval: best point of a grid, refined between its neighbours."""
    values = [function(point) for point in grid]
    best = int(np.argmax(values))
    bounds = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(lambda point: -function(point), bounds=bounds, method="bounded",
                                     options={"xatol": 1e-10 * max(1.0, abs(grid[best]))})
    return (found.x, -found.fun) if -found.fun > values[best] else (grid[best], values[best])


# Below a shape of -1 the likelihood has no maximum; above 5 no threshold would mean anything.
SHAPES = np.linspace(-0.999, 5.0, 121)


def _level(start, shape, scale, ratio):
    """The return level: the score above which the share ratio of the peaks lies."""
    if abs(shape) < 1e-9:
        return start - scale * math.log(ratio)
    return start + scale * math.expm1(-shape * math.log(ratio)) / shape


def _profile(excess, height, ratio):
    """The best log likelihood of all tails whose return level lies this high above the start."""

    def at(shape):
        unit = _level(0.0, shape, 1.0, ratio)  # the level is proportional to the scale
        return _log_likelihood(excess, shape, height / unit)

    return _maximum(at, SHAPES)


def peaks_over_threshold(scores, risk=1e-3, start=0.95, confidence=0.95):
    """Extrapolate the tail of healthy scores to a risk too small to be counted (extreme value theory).

    What the peaks above a high start exceed it by follows, for nearly every distribution of scores, a generalised
    Pareto distribution. It is fitted by maximum likelihood; the threshold is its return level,
    start + scale / shape * ((risk * n_scores / n_peaks) ** -shape - 1), and the band is that of the profile
    likelihood, which is not symmetric. It takes the scores to be independent: peaks that come in runs make it too
    narrow. The share of peaks is taken as known.

    Parameters
    ----------
    scores : Series or array, shape (n,)
        Of rows that are thought to be healthy.
    risk : float
        Probability that a healthy row is above the threshold; must be smaller than the share of peaks, 1 - start.
    start : float
        The quantile of the scores at which the tail begins, between 0 and 1.
    confidence : float
        Of the band, between 0 and 1.

    Returns
    -------
    PeaksOverThreshold

    Raises
    ------
    ValueError
        Also when fewer than 10 scores differ above the start.

    References
    ----------
    Coles, "An Introduction to Statistical Modeling of Extreme Values", 2001, chapter 4;
    Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017.
    """
    risk = checked_number(risk, "risk", above=1e-50, below=1)
    start = checked_number(start, "start", above=0, below=1)
    confidence = checked_number(confidence, "confidence", above=0, below=1)
    values = checked_scores(scores, min_rows=20)
    level = float(np.quantile(values, start))
    excess = values[values > level] - level
    if len(np.unique(excess)) < 10:
        raise ValueError(f"only {len(np.unique(excess))} different scores lie above the start, too few to model a "
                         "tail: give more scores or a lower start")
    ratio = risk * len(values) / len(excess)
    if ratio >= 1:
        raise ValueError(f"risk {risk} is not smaller than the share of peaks, {len(excess) / len(values):.3g}: "
                         "use quantile(), or a lower start")
    unit = np.median(excess)
    excess = excess / unit  # the search is the same for scores of any size

    def over_scales(shape):
        smallest = max(1e-3, -shape * excess.max() * (1 + 1e-12))
        return _maximum(lambda log_scale: _log_likelihood(excess, shape, math.exp(log_scale)),
                        np.linspace(math.log(smallest), math.log(smallest) + 12, 61))

    shape, best = _maximum(lambda shape: over_scales(shape)[1], SHAPES)
    scale = math.exp(over_scales(shape)[0])
    if shape > 4.9:
        raise ValueError("the tail of the scores is too heavy to extrapolate: take the logarithm of the scores first")
    height = _level(0.0, shape, scale, ratio)
    allowed = best - stats.chi2.ppf(confidence, 1) / 2

    def gap(log_height):
        return _profile(excess, math.exp(log_height), ratio)[1] - allowed

    def edge(direction):
        # Out from the estimate by ever larger strides until the likelihood has dropped enough.
        inner, stride = math.log(height), 0.05
        if gap(inner) <= 0:  # for a confidence near 0 it has dropped by the errors of the search
            return height
        for _ in range(12):
            outer = inner + direction * stride
            if gap(outer) < 0:
                return math.exp(optimize.brentq(gap, min(inner, outer), max(inner, outer), xtol=1e-9))
            inner, stride = outer, 1.6 * stride
        return math.inf if direction > 0 else 0.0

    if shape <= -0.5:
        # Below this the likelihood is not regular: the fit hugs the largest score, and the band means nothing.
        warnings.warn(f"the tail ends at once (shape {shape:.2f}): its threshold is hardly more than the largest score "
                      "and its band is too narrow; give more scores, or maxima of longer stretches", stacklevel=2)
    threshold, lower, upper = (float(level + unit * size) for size in (height, edge(-1), edge(1)))
    return PeaksOverThreshold(threshold, lower, upper, level,
                              float(shape), float(scale * unit), len(excess), len(values), risk, confidence)


def bhattacharyya_distance(a, b):
    """Measure how far apart two groups of numbers are, each taken to be Gaussian.

    Parameters
    ----------
    a, b : arrays, shapes (n,) and (m,)

    Returns
    -------
    float
        (mean difference)² / (4 (var a + var b)) + log((var a + var b) / (2 sd a sd b)) / 2; 0 for equal groups.

    References
    ----------
    Bhattacharyya, "On a measure of divergence between two statistical populations", Bulletin of the Calcutta
    Mathematical Society 35, 1943.
    """
    a, b = checked_scores(a, "a", min_rows=2), checked_scores(b, "b", min_rows=2)
    if a.var() == 0 or b.var() == 0:  # also where the squares are too small to be counted
        raise ValueError("a and b must each hold at least two different numbers: a constant has no spread")
    total = a.var() + b.var()
    return float((a.mean() - b.mean()) ** 2 / (4 * total) + np.log(total / (2 * a.std() * b.std())) / 2)


def bhattacharyya(scores, max_share=0.5, min_rows=5):
    """Cut the scores in two where the groups below and above are furthest apart (Bhattacharyya distance).

    Every cut between two different scores is tried. It finds the cut where the two groups are clearly apart.
    Where they overlap it cuts too high, in the tail; and it always finds a cut, also where there is no anomaly:
    look at the distance of the two groups (`bhattacharyya_distance`), too.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    max_share : float
        The largest share of the scores that may be anomalous, between 0 and 1.
    min_rows : int
        The fewest scores in a group; a spread of fewer would mean little.

    Returns
    -------
    float
        Half way between the two scores at the cut.
    """
    max_share = checked_number(max_share, "max_share", above=0, below=1)
    min_rows = checked_count(min_rows, "min_rows", at_least=2)
    ordered = np.sort(checked_scores(scores, min_rows=2 * min_rows))
    n = len(ordered)
    if ordered[0] == ordered[-1]:
        raise ValueError("the scores are all equal: there is nothing to cut")
    centred = (ordered - ordered.mean()) / (ordered[-1] - ordered[0])  # else the squares lose digits
    below = np.arange(1, n)
    sums, squares = np.cumsum(centred)[:-1], np.cumsum(centred ** 2)[:-1]
    mean_below, mean_above = sums / below, (centred.sum() - sums) / (n - below)
    var_below = squares / below - mean_below ** 2
    var_above = ((centred ** 2).sum() - squares) / (n - below) - mean_above ** 2
    # A group of equal scores would be infinitely far from any other: its spread is at least a hundredth of the whole.
    smallest = 1e-4 * centred.var()
    var_below, var_above = np.maximum(var_below, smallest), np.maximum(var_above, smallest)
    allowed = (np.diff(ordered) > 0) & (below >= min_rows) & (n - below >= min_rows) & (n - below <= max_share * n)
    if not allowed.any():
        raise ValueError(f"no cut leaves {min_rows} or more scores on each side and at most {max_share:.0%} above: "
                         "the scores are too few or nearly all equal")
    total = var_below + var_above
    distance = (mean_below - mean_above) ** 2 / (4 * total) + np.log(total / (2 * np.sqrt(var_below * var_above))) / 2
    cut = int(np.argmax(np.where(allowed, distance, -np.inf)))
    return float((ordered[cut] + ordered[cut + 1]) / 2)


def cost_optimal(scores, is_anomaly, *, missed, false_alarm):
    """Return the threshold at which missed rows and false alarms together cost least.

    Where several cost the same, the highest of them: fewer alarms for the same price.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    is_anomaly : Series or array of bool, shape (n,)
    missed, false_alarm : float
        The price of one anomalous row that is not above the threshold, and of one healthy row that is.

    Returns
    -------
    float
        Half way between two scores; just above the largest score when no alarm is worth its price.
    """
    missed = checked_number(checked_number(missed, "missed", above=0), "missed", below=LARGEST)
    false_alarm = checked_number(checked_number(false_alarm, "false_alarm", above=0), "false_alarm", below=LARGEST)
    values, labels = checked_scores(scores, min_rows=2), checked_flags(is_anomaly, "is_anomaly")
    if len(values) != len(labels):
        raise ValueError(f"{len(values)} scores and {len(labels)} labels: give one of each per row")
    levels, group = np.unique(values, return_inverse=True)
    # Entry i is the cost of a threshold just below level i; the last one of a threshold above all levels.
    missed_rows = np.concatenate([[0], np.cumsum(np.bincount(group, labels, len(levels)))])
    false_rows = (~labels).sum() - np.concatenate([[0], np.cumsum(np.bincount(group, ~labels, len(levels)))])
    cost = missed * missed_rows + false_alarm * false_rows
    best = len(levels) - int(np.argmin(cost[::-1]))
    if best == len(levels):
        return float(np.nextafter(levels[-1], np.inf))
    if best == 0:
        return float(np.nextafter(levels[0], -np.inf))
    middle = (levels[best - 1] + levels[best]) / 2
    return float(middle if middle < levels[best] else levels[best - 1])


def cost_optimal_by(scores, cost, n_candidates=200):
    """Return the threshold whose alarms cost least by any measure of cost, such as `metrics.expected_cost`.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    cost : callable
        Takes the alarms (bool, one per row, with the index of the scores) and returns their cost.
    n_candidates : int
        How many quantiles of the scores are tried at most, besides no alarm at all.
        The numbers of alarms that they raise grow by a constant factor: where one row in a thousand is to be called,
        most candidates of an even spacing would call a hundred times too many.

    Returns
    -------
    float
        The highest of the cheapest candidates.
    """
    values = checked_scores(scores, min_rows=2)
    n_candidates = checked_count(n_candidates, "n_candidates")
    if not callable(cost):
        raise TypeError(f"cost must be a function of the alarms, not {cost!r}")
    n_alarms = np.concatenate([[0], np.geomspace(1, len(values) - 1, n_candidates).round().astype(int)])
    candidates = np.unique(np.sort(values)[len(values) - 1 - n_alarms])  # its last one raises no alarm
    costs = [float(cost(same_kind(values > candidate, scores))) for candidate in candidates]
    if np.isnan(costs).any():
        raise ValueError("cost returned NaN for a threshold: a cost must be a number")
    return float(candidates[len(costs) - 1 - int(np.argmin(costs[::-1]))])


def hysteresis(scores, on, off):
    """Raise an alarm when the score goes above one level, and end it when it comes down to another. Causal.

    Parameters
    ----------
    scores : Series or array, shape (n,)
    on : float
        The alarm begins at a row whose score is above this.
    off : float
        It ends at a row whose score is not above this; at most `on`.

    Returns
    -------
    Series or ndarray of bool, shape (n,)
    """
    on, off = checked_number(on, "on"), checked_number(off, "off")
    if off > on:
        raise ValueError(f"off ({off}) must not be above on ({on}): an alarm would end before it begins")
    values = checked_scores(scores)
    # Between the levels a row goes on as the last row outside them did; before the first such row all is quiet.
    decided = np.where((values > on) | (values <= off), np.arange(len(values)), -1)
    last = np.maximum.accumulate(decided)
    return same_kind((last >= 0) & (values[last] > on), scores)


def k_of_n(is_alarm, k, n):
    """Keep an alarm only where at least k of the last n rows, this one included, raise it. Causal.

    Parameters
    ----------
    is_alarm : Series or array of bool, shape (rows,)
        What comes before its first row counts as no alarm.
    k, n : int

    Returns
    -------
    Series or ndarray of bool, shape (rows,)
    """
    k, n = checked_count(k, "k"), checked_count(n, "n")
    if k > n:
        raise ValueError(f"k ({k}) must not be above n ({n}): {k} of {n} rows can never raise an alarm")
    counts = np.concatenate([[0], np.cumsum(checked_flags(is_alarm))])
    rows = np.arange(1, len(counts))
    return same_kind(counts[rows] - counts[np.maximum(rows - n, 0)] >= k, is_alarm)
