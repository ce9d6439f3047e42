"""The score of the Numenta Anomaly Benchmark: early alarms are worth more, each false one costs."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_choice, checked_float, checked_scores, checked_spans


class NabWeights(NamedTuple):
    """What a profile pays and charges.

    Parameters
    ----------
    found : float
        For a window found in its first row.
    false : float
        For a false alarm far behind a window, or before the first.
    missed : float
        For a window without an alarm.
    """

    found: float
    false: float
    missed: float


NAB_PROFILES = {
    "standard": NabWeights(found=1.0, false=0.11, missed=1.0),
    "reward_low_FP_rate": NabWeights(found=1.0, false=0.22, missed=1.0),
    "reward_low_FN_rate": NabWeights(found=1.0, false=0.11, missed=2.0),
}


def nab_score(scores, windows, profile="standard", threshold=None):
    """Score alarms as the Numenta Anomaly Benchmark does, for one series or for a corpus.

    An alarm is a row whose score is at least the threshold. The first min(15 %, 750) rows of each series are the
    probationary period: their alarms do not count. With S(y) = 2 / (1 + exp(5 y)) - 1:

    - A window with an alarm earns `found` * S(y) / S(-1) for its first alarm, y = -(rows from there to its last row,
      both counted) / (its rows): all of `found` in its first row, nearly nothing in its last. Further alarms are free.
    - A window without an alarm costs `missed`.
    - An alarm outside windows costs -`false` * S(y), y = (rows since the last row of the window before it) /
      (that window's rows - 1): little just behind a window, all of `false` beyond 3 and where no window came before.

    The sum over all series is put on a scale on which no alarm at all is 0 and every window found in its first row,
    without a false alarm, is 100. It has no lower end.

    Edge cases: a window of which no row is behind the probationary period can be neither found nor missed, and is left
    out. Without a window the scale has no length, and the score is NaN. Behind a window of one row, for which the
    benchmark divides by zero, y is the number of rows since.

    Parameters
    ----------
    scores : Series of float with a time index, or dict of str to such Series
        Higher is more anomalous. Rows are taken in the order in which they come, and stamps may repeat, as they do in
        some of the benchmark's files.
    windows : DataFrame with the columns start and end, or dict of str to such DataFrames
        Both ends inside; for a corpus the same names as in `scores`. Windows must not overlap.
    profile : str
        A name from `NAB_PROFILES`: "standard", "reward_low_FP_rate" or "reward_low_FN_rate".
    threshold : float, optional
        One for all series. By default the one with the highest score, as the benchmark does: it is chosen with the
        labels in hand, so say so beside the number (see `nab_sweep`).

    Returns
    -------
    float
        At most 100.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Lavin, A. and Ahmad, S. (2015), "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark",
    IEEE ICMLA; details as in the benchmark's sweeper, version 1.1.
    """
    sweep = nab_sweep(scores, windows, profile)
    if threshold is None:
        return float(sweep["score"].max())
    threshold = checked_float(threshold, "threshold")
    # Lowering the threshold to just above the next score changes no alarm.
    return float(sweep["score"][(sweep["threshold"] >= threshold).to_numpy()].iloc[-1])


def nab_sweep(scores, windows, profile="standard"):
    """Score every threshold that makes a difference as the Numenta Anomaly Benchmark does (see `nab_score`).

    Parameters
    ----------
    scores : Series of float with a time index, or dict of str to such Series
    windows : DataFrame with the columns start and end, or dict of str to such DataFrames
    profile : str

    Returns
    -------
    DataFrame with the columns threshold and score
        Highest threshold first: infinity, which is no alarm at all and scores 0, and then each distinct score behind
        the probationary periods. All scores are NaN when there is no window.

    Raises
    ------
    TypeError, ValueError
    """
    weights = NAB_PROFILES[checked_choice(profile, NAB_PROFILES, "profile")]
    parts = [_priced(each, spans, weights, name) for name, each, spans in _paired(scores, windows)]
    values = np.concatenate([part[0] for part in parts])
    gains = np.concatenate([part[1] for part in parts])
    n_windows = sum(part[2] for part in parts)

    order = np.argsort(-values, kind="stable")
    values, total = values[order], np.cumsum(gains[order])
    closes = np.flatnonzero(np.append(values[1:] != values[:-1], True))  # the last row of each threshold
    total = np.concatenate([[0], total[closes]])
    span = n_windows * (weights.found + weights.missed)
    return pd.DataFrame({
        "threshold": np.concatenate([[math.inf], values[closes]]),
        "score": 100 * total / span if n_windows else np.full(len(total), math.nan),
    })


def _paired(scores, windows):
    """Return name, scores and windows of each series."""
    if not isinstance(scores, dict):
        return [("scores", scores, windows)]
    if not isinstance(windows, dict) or set(windows) != set(scores):
        raise ValueError("windows must be a dict with the same names as scores: an empty table where there is none")
    if not scores:
        raise ValueError("scores has no series")
    return [(name, scores[name], windows[name]) for name in scores]


def _priced(scores, windows, weights, name):
    """Return the scores behind the probationary period, what lowering the threshold to each gains, and the windows."""
    if not isinstance(scores, pd.Series) or not isinstance(scores.index, pd.DatetimeIndex):
        raise TypeError(f"{name} must be a Series of scores with a time index")
    if scores.index.hasnans:
        raise ValueError(f"{name} has {int(scores.index.isna().sum())} rows without a time: drop them or find their "
                         "times")
    values = checked_scores(scores.array, name, largest=math.inf)
    first, last = _rows_of(scores.index, windows, name)
    n = len(values)
    probation = int(min(math.floor(0.15 * n), 750))

    row = np.arange(n)
    before = np.searchsorted(last, row) - 1  # the window that ended last before the row
    width = np.concatenate([last - first, [1]])[before]
    since = row - np.concatenate([last, [0]])[before]
    position = np.where(before < 0, math.inf, since / np.maximum(width, 1))
    gain = weights.false * np.where(position <= 3, _sigmoid(np.minimum(position, 3.0)), -1.0)

    counted = 0
    for start, end in zip(first, last):
        inside = np.arange(max(start, probation), end + 1)
        if not len(inside):
            continue
        counted += 1
        earned = weights.found * _sigmoid(-(end - inside + 1) / (end - start + 1)) / _sigmoid(-1.0)
        order = np.argsort(-values[inside], kind="stable")
        best = np.maximum.accumulate(earned[order])
        gain[inside[order]] = np.diff(best, prepend=-weights.missed)
    return values[probation:], gain[probation:], counted


def _sigmoid(position):
    return 2 / (1 + np.exp(5 * position)) - 1


def _rows_of(index, windows, name):
    """Return the first and last row of each window, in order."""
    spans = checked_spans(windows, f"the windows of {name}").sort_values("start")
    if len(spans) and (spans["start"].dt.tz is None) != (index.tz is None):
        raise ValueError(f"{name} and its windows must both have a time zone, or neither: tz_localize one of them")
    first, last = [], []
    for span in spans.itertuples():
        inside = np.flatnonzero((index >= span.start) & (index <= span.end))
        if not len(inside):
            raise ValueError(f"no row of {name} lies in the window from {span.start} to {span.end}")
        ends = np.flatnonzero(index[inside] == span.end)
        first.append(inside[0])
        last.append(inside[ends[0]] if len(ends) else inside[-1])  # of repeated stamps the benchmark takes the first
    first, last = np.array(first, dtype=int), np.array(last, dtype=int)
    if (first[1:] <= last[:-1]).any():
        raise ValueError(f"the windows of {name} overlap: merge them first")
    return first, last
