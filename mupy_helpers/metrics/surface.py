"""Volume under the ROC and the precision-recall surface: no threshold to choose, and near misses count."""

import math
from typing import NamedTuple

import numpy as np

from mupy_helpers.checks import check_same_rows, checked_count, checked_flags, checked_scores
from mupy_helpers.metrics.rows import runs

FAR = 2**40  # farther than any row is from any other


class Volumes(NamedTuple):
    """The volumes under the two surfaces.

    Parameters
    ----------
    roc : float
        Under the ROC surface, from 0 to 1; NaN without events and when every row is one.
    pr : float
        Under the precision-recall surface, from 0 to 1; NaN without events.
    """

    roc: float
    pr: float


class _Candidates(NamedTuple):
    """The rows that some window labels, highest score first; all other rows only add to the false alarms."""

    distance: np.ndarray  # rows to the nearest event, 0 inside
    second: np.ndarray  # rows to the nearest event but one
    event: np.ndarray  # which event is nearest
    scores: np.ndarray


def volume_under_surface(labels, scores, window=100, n_thresholds=None):
    """Measure how well scores rank the rows of events and the rows near them, over all thresholds and windows.

    For each window w = 0, 1, ..., `window` the labels get slopes: a row d rows away from an event, d <= w / 2, is
    labelled sqrt(1 - d / w); where the slopes of two events meet they add up to 1 at most. Events whose slopes overlap
    are one segment. With P the number of rows inside events, the rows above a threshold (or at it) have

    - true positives T, the sum of their labels;
    - positives Q = P + (the labels of those of them that lie on slopes) / 2: half way between the labels of before
      and those that count now;
    - recall min(T / Q, 1) times the share of the segments in which at least one row is above the threshold;
    - false positive rate (rows above - T) / (n - Q) and precision T / (rows above).

    The area under the ROC curve is that of the straight lines through these points, from (0, 0) to (1, 1); the area
    under the precision-recall curve is the sum of (step in recall) * precision, as in average precision. The volumes
    are the means of the areas over the windows. With window 0 and one event they are the ROC area and the average
    precision of scikit-learn.

    Edge cases: rows of equal score pass a threshold together. Events may touch the first and the last row; slopes end
    there. Constant scores have one threshold. Scores that never rise near an event still have a volume. Rows are
    taken as evenly spaced. The time needed grows with `window` times the rows in and near events.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    scores : array-like of float, shape (n,)
        Higher is more anomalous.
    window : int
        The widest window, in rows; about the period of the series.
    n_thresholds : int, optional
        Every distinct score is a threshold by default. Published tables (TSB-AD) take the scores at 250 evenly spaced
        ranks instead, which a rare event can fall between: a perfect detector of 0.1 % anomalies gets a volume of
        about .25. Give 250 to compare with such tables.

    Returns
    -------
    Volumes
        `roc` and `pr`; NaN for both without events, NaN for `roc` when every row is inside an event.

    Raises
    ------
    TypeError, ValueError
        When labels and scores are not what is said above, or not of the same rows.

    References
    ----------
    Paparrizos, J., Boniol, P., Palpanas, T., Tsay, R. S., Elmore, A. and Franklin, M. J. (2022), "Volume under the
    surface: a new accuracy evaluation measure for time-series anomaly detection", PVLDB 15(11). Details, such as Q and
    the existence of merged segments, as in the evaluation code of TSB-AD 1.5 (Liu and Paparrizos 2024).
    """
    marked, rank = checked_flags(labels, "labels"), checked_scores(scores, largest=math.inf)
    check_same_rows(labels, scores, ("labels", "scores"))
    window = checked_count(window, "window", 0)
    if n_thresholds is not None:
        n_thresholds = checked_count(n_thresholds, "n_thresholds", 2)
    first, last = runs(marked)
    if not len(first):
        return Volumes(math.nan, math.nan)

    near = _candidates(first, last, rank, window // 2)
    before, above = _thresholds(rank, near.scores, n_thresholds)
    roc, pr = _areas(near, first, last, before, above, len(rank), window)
    return Volumes(math.nan if marked.all() else float(roc.mean()), float(pr.mean()))


def _candidates(first, last, scores, reach):
    """Find the rows within reach of an event and how far they are from the nearest two events."""
    edges = np.zeros(len(scores) + 1, dtype=np.int32)
    np.add.at(edges, np.maximum(first - reach, 0), 1)
    np.add.at(edges, np.minimum(last + reach + 1, len(scores)), -1)
    rows = np.flatnonzero(np.cumsum(edges[:-1]))
    rows = rows[np.argsort(-scores[rows])]

    left = np.searchsorted(first, rows, "right") + 1  # two more events on either side, so that all have neighbours
    first = np.concatenate([[-FAR, -FAR], first, [FAR, FAR]])
    last = np.concatenate([[-FAR, -FAR], last, [FAR, FAR]])
    one_left, one_right = np.maximum(rows - last[left], 0), first[left + 1] - rows
    distance = np.minimum(one_left, one_right)
    others = np.minimum(rows - last[left - 1], first[left + 2] - rows)
    second = np.minimum(np.maximum(one_left, one_right), others)
    event = left - 2 + (one_right < one_left)
    return _Candidates(distance, second, event, scores[rows])


def _thresholds(scores, candidate_scores, n_thresholds):
    """Count for each candidate the rows above its threshold, and above the threshold before that."""
    n, ascending = len(scores), np.sort(scores)
    above = n - np.searchsorted(ascending, candidate_scores, "left")
    if n_thresholds is None:
        return n - np.searchsorted(ascending, candidate_scores, "right"), above
    sampled = ascending[::-1][np.linspace(0, n - 1, n_thresholds).astype(int)]
    counts = np.concatenate([[0], np.unique(n - np.searchsorted(ascending, sampled, "left"))])
    place = np.searchsorted(counts, above)
    return counts[place - 1], counts[place]


def _areas(near, first, last, before, above, n, window):
    """Return the area under each window's curves: recall moves at the candidates only, so only they are visited."""
    closes = np.append(np.flatnonzero(np.diff(above)), len(above) - 1)  # the last candidate of each threshold
    step = np.repeat(np.arange(len(closes)), np.diff(closes, prepend=-1))
    if len(closes) == len(above):
        closes = slice(None)  # no ties: spares a copy for each window
    before, above = before[closes].astype(float), above[closes].astype(float)
    inside = np.concatenate([[0], np.cumsum(near.distance == 0)[closes]])  # the first of each curve: nothing is above
    half_to_find = inside[-1] - inside / 2
    rings = _by_distance(near.distance, window // 2)
    meeting = _by_distance(near.second, window // 2)

    gaps = first[1:] - last[:-1]
    found_at = np.full(len(first), len(above))
    roc, pr = np.empty(window + 1), np.empty(window + 1)
    label, true = np.empty(len(near.distance)), np.zeros(len(inside))
    for half in range(window // 2 + 1):
        np.minimum.at(found_at, near.event[rings[half]], step[rings[half]])
        segments = np.concatenate([[0], np.flatnonzero(gaps > 2 * half) + 1])
        existence = _share_found(np.minimum.reduceat(found_at, segments), len(above))
        met = np.concatenate(meeting[:half + 1])
        for w in range(2 * half, min(2 * half + 1, window) + 1):
            slope = np.zeros(window // 2 + 1)
            slope[:half + 1] = np.sqrt(1 - np.arange(half + 1) / max(w, 1))
            np.take(slope, near.distance, out=label, mode="clip")  # in range anyway; clip is the mode without a copy
            label[met] = 1
            true[1:] = np.cumsum(label, out=label)[closes]
            positives = half_to_find + true / 2
            negatives = n - positives
            recall = np.minimum(true / positives, 1) * existence
            gained = recall[1:] - recall[:-1]
            pr[w] = gained @ (true[1:] / above)
            # Seen from the other axis: what is not under the curve, by trapezoids over recall.
            with np.errstate(divide="ignore", invalid="ignore"):  # no row outside events: the caller says NaN
                rates = (above - true[1:]) / negatives[1:] + (before - true[:-1]) / negatives[:-1]
            roc[w] = 1 - gained @ rates / 2
    return roc, pr


def _share_found(found_at, n_steps):
    """Return the share of the segments found before the first step and by each step."""
    until = np.concatenate([[0], np.sort(found_at) + 1, [n_steps + 1]])
    return np.repeat(np.arange(len(until) - 1) / len(found_at), np.diff(until))


def _by_distance(distance, reach):
    """Return for each distance from 0 to reach the places at which it is found."""
    order = np.argsort(distance, kind="stable")
    return np.split(order, np.searchsorted(distance[order], np.arange(1, reach + 2)))[:-1]
