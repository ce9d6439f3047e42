"""The default recipe for any table of readings, short enough for one slide (lesson 10, measured in benchmarks/).

The first `healthy` rows are believed to be healthy: 70 % of them fit, the rest sets the limits, and an alarm is a score
above 1. Every constant is the same for all tables. A later row is scored from the rows up to it.
"""

import numpy as np
import pandas as pd
from sklearn.covariance import ShrunkCovariance
from sklearn.preprocessing import StandardScaler

from mupy_helpers.checks import check_callable, checked_count, checked_rows

LEAST_ROWS = 60  # healthy ones
LARGEST = 1e60  # the variance of squares is calculated
TOGETHER = "all channels together"


def limit(scores, healthy, least=1e-9):
    """Return the score that 5 % of the held-back rows are above, and not less than `least`.

    Parameters
    ----------
    scores : Series or ndarray of float, shape (n,)
    healthy : int
    least : float

    Returns
    -------
    float
    """
    return max(np.quantile(scores[round(0.7 * healthy):healthy], 0.95), least)


def distance(rows, healthy):
    """Return how far the weighted means of the last rows are from those of healthy rows, all columns together.

    The Mahalanobis distance of a multivariate EWMA chart (Lowry, Woodall, Champ and Rigdon 1992, Technometrics 34),
    with a covariance drawn a little towards equal variances. A column that drifts already while all is well may go on:
    its distance is divided by what the drift adds.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)
    healthy : int

    Returns
    -------
    ndarray of float, shape (n,)
        In terms of its limit.
    """
    fit, settled = round(0.7 * healthy), min(50, healthy // 6)
    rows = StandardScaler().fit(rows[:fit]).transform(rows)
    drift = np.polyfit(np.arange(healthy), rows[:healthy], 1)[0]
    later = np.maximum(np.arange(len(rows)) - healthy, 0)
    rows = pd.DataFrame(rows / np.hypot(1, np.outer(later, drift)))
    means = rows.ewm(alpha=0.05).mean()
    means = StandardScaler().fit(means[settled:fit]).transform(means)
    usual = ShrunkCovariance(shrinkage=0.05).fit(means[settled:fit])
    far = np.sqrt(usual.mahalanobis(means))
    return far / limit(far, healthy)


def news(x, healthy):
    """Return how far a value, its medians over 9 and 25 rows and its surprise are outside the range of their past.

    The surprise is what the value differs by from the weighted mean of the rows before. As shares of that range, 10 at
    most, whose square roots are added; 0 where the rows just before were as far out already.

    Parameters
    ----------
    x : Series of float, shape (n,)
    healthy : int

    Returns
    -------
    Series of float, shape (n,)
        In terms of its limit, which is that of a share of 0.04 at least.
    """
    outside, medians = 0, [x.rolling(width, 1).median() for width in (1, 9, 25)]
    for each in (*medians, x - x.ewm(alpha=0.2).mean().shift(1)):
        past = each.shift(1).rolling(8 * healthy, 1)
        low, high = past.min(), past.max()
        share = (each - each.clip(low, high)).abs() / (high - low)
        outside = outside + np.sqrt(share.fillna(0).clip(upper=10))
    before = outside.rolling(healthy // 10, 1).max().shift(1, fill_value=0)
    new = outside.where(outside > before, 0)
    return new / limit(new, healthy, least=0.2)


def _checked(table, healthy, name):
    healthy = checked_count(healthy, "healthy", at_least=LEAST_ROWS)
    return checked_rows(table, name, min_rows=healthy, largest=LARGEST)[0], healthy


def score_parts(table, healthy, progress=None):
    """Return the score of each channel, and of all together where there are four or more.

    A channel's score is its news; below the alarm its unrest takes the place: value, step and spread of the last rows.

    Parameters
    ----------
    table : DataFrame of float, shape (n, d)
        Without missing readings, and none beyond 1e60; a channel varies in the first 70 % of the healthy rows.
    healthy : int
        60 or more.
    progress : callable, optional
        Called with the number of channels done and of all.

    Returns
    -------
    DataFrame of float
        The rows that the recipe is fitted on score too, and are no example of anything.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame with a column for each channel, not a {type(table).__name__}")
    if len({*table.columns, TOGETHER}) <= table.shape[1]:
        raise ValueError(f"each channel of table must have a name of its own, and none may be {TOGETHER!r}")
    rows, healthy = _checked(table, healthy, "table")
    check_callable(progress, "progress")
    if (np.ptp(rows[:round(0.7 * healthy)], axis=0) == 0).any():
        raise ValueError("a channel of table is constant in the first 70 % of the healthy rows: leave it out")
    table, parts = pd.DataFrame(rows, table.index, table.columns), {}
    for name, x in table.items():
        last = np.column_stack([x, x.diff().abs().fillna(0), (x - x.ewm(alpha=0.05).mean()) ** 2])
        unrest = distance(last, healthy)
        parts[name] = np.maximum(news(x, healthy), unrest / (8 + 2 * unrest))
        if progress is not None:
            progress(len(parts), table.shape[1])
    if table.shape[1] >= 4:
        parts[TOGETHER] = distance(table.to_numpy(), healthy) / 2
    return pd.DataFrame(parts, index=table.index)


def scores_of_array(values, healthy):
    """Return the scores of rows without a time, as a benchmark has them: 0 in the rows that the recipe is fitted on.

    Parameters
    ----------
    values : ndarray of float, shape (n,) or (n, d)
    healthy : int

    Returns
    -------
    ndarray of float, shape (n,)
        All 0 where no channel varies in the rows to fit on.

    Raises
    ------
    TypeError, ValueError
    """
    rows, healthy = _checked(values, healthy, "values")
    table, fit = pd.DataFrame(rows), round(0.7 * healthy)
    table = table.loc[:, np.ptp(rows[:fit], axis=0) > 0]
    if not table.shape[1]:
        return np.zeros(len(table))
    scores = score_parts(table, healthy).max(axis=1).to_numpy()
    return np.where(np.arange(len(scores)) < fit, 0.0, scores)
