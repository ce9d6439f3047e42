"""The default recipe for any table of readings, short enough for one slide (lesson 10, measured in benchmarks/).

The first `healthy` rows are believed to be healthy: 70 % of them fit, the rest sets the limits, and an alarm is a score
above 1. Every constant is the same for all tables. A later row is scored from the rows up to it.
"""

import numpy as np
import pandas as pd
from sklearn.covariance import ShrunkCovariance

TOGETHER = "all channels together"


def _limit(scores, healthy):
    return np.quantile(scores[round(0.7 * healthy):healthy], 0.95)


def _standardised(rows, first, fit):
    spread = np.where(np.ptp(rows[first:fit], axis=0) > 0, rows[first:fit].std(axis=0), 1)
    return (rows - rows[first:fit].mean(axis=0)) / spread


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
        1 where 5 % of the held-back rows are farther.
    """
    fit, settled = round(0.7 * healthy), min(50, healthy // 6)
    rows = _standardised(rows, 0, fit)
    drift = np.polyfit(np.arange(healthy), rows[:healthy], 1)[0]
    later = np.maximum(np.arange(len(rows)) - healthy, 0)
    means = pd.DataFrame(rows / np.hypot(1, np.outer(later, drift))).ewm(alpha=0.05).mean().to_numpy()
    means = _standardised(means, settled, fit)
    far = np.sqrt(ShrunkCovariance(shrinkage=0.05).fit(means[settled:fit]).mahalanobis(means))
    return far / (_limit(far, healthy) or 1)


def news(values, healthy):
    """Return how far a value and its medians over 9 and 25 rows are outside the range of their past.

    As shares of that range, whose square roots are added; 0 where the rows just before were as far out already.

    Parameters
    ----------
    values : Series of float, shape (n,)
    healthy : int

    Returns
    -------
    Series of float, shape (n,)
        1 where 5 % of the held-back rows have more, or at a share of 0.04 where these have less.
    """
    outside = 0
    for width in (1, 9, 25):
        medians = values.rolling(width, min_periods=1).median()
        past = medians.shift(1).rolling(8 * healthy, min_periods=1)
        low, high = past.min(), past.max()
        share = (medians - medians.clip(low, high)).abs() / (high - low)
        outside = outside + np.sqrt(share.fillna(0).clip(upper=1))
    before = outside.rolling(max(1, healthy // 10), min_periods=1).max().shift(1, fill_value=0)
    new = outside.where(outside > before, 0)
    return new / max(0.2, _limit(new, healthy))


def score_parts(table, healthy):
    """Return the score of each channel, and of all together where there are four or more.

    A channel's score is its news; below the alarm its unrest takes the place: value, step and spread of the last rows.

    Parameters
    ----------
    table : DataFrame of float, shape (n, d)
    healthy : int

    Returns
    -------
    DataFrame of float
    """
    parts = {}
    for name, x in table.items():
        spread = (x - x.ewm(alpha=0.05).mean()) ** 2
        unrest = distance(np.column_stack([x, x.diff().abs().fillna(0), spread]), healthy)
        parts[name] = np.maximum(news(x, healthy), 0.5 * unrest / (4 + unrest))
    if table.shape[1] >= 4:
        parts[TOGETHER] = distance(table.to_numpy(), healthy) / 2
    return pd.DataFrame(parts, index=table.index)
