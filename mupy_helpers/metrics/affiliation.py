"""Affiliation precision and recall: how near the alarms are to the events, against a random alarm."""

import math

import numpy as np

from mupy_helpers.metrics.rows import PrecisionRecall, labels_and_alarms, mean_or_nan, runs

CELLS = 4  # per row. Zones end at half rows and distances bend at quarters, so between them all is a straight line.


def affiliation(labels, is_alarm):
    """Measure how near alarms are to the events, and events to the alarms, on a scale where chance is about one half.

    Row i is the stretch of time from i to i + 1, each run of labelled rows an event. Time is cut half way between
    neighbouring events; the piece around an event is its zone, in which X is a time drawn at random.

    - Precision of a zone: the mean, over the time t under alarms in it, of the chance that X is as far from the event
      as t or farther. An alarm inside the event counts 1. Zones without an alarm are left out; the precision is the
      mean of the others.
    - Recall of a zone: the mean, over the time t of its event, of the chance that X is as far from t as the nearest
      alarm of the zone, or farther. A zone without an alarm counts 0; the recall is the mean of all.

    Chance does well here too: random scores reach an F1 of about .67, so compare with that and not with 0. Alarms
    that are up all the time find everything and have a precision above one half.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    is_alarm : array-like of True and False, or 1 and 0, shape (n,)

    Returns
    -------
    PrecisionRecall
        `precision` (NaN without an alarm), `recall` and `f1`; without an event both are NaN, as there is no zone.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Huet, A., Navarro, J. M. and Rossi, D. (2022), "Local evaluation of time series anomaly detection algorithms", KDD.
    """
    labels, is_alarm = labels_and_alarms(labels, is_alarm)
    first, last = runs(labels)
    if not len(first):
        return PrecisionRecall(math.nan, math.nan)
    begin, end = CELLS * first, CELLS * (last + 1)
    middle = (end[:-1] + begin[1:]) // 2
    zones = zip(begin, end, np.concatenate([[0], middle]), np.concatenate([middle, [CELLS * len(labels)]]))
    alarm = np.repeat(is_alarm, CELLS)
    each = [_zone(alarm[left:right], begin - left, end - left) for begin, end, left, right in zones]
    precision, recall = np.array(each).T
    return PrecisionRecall(mean_or_nan(precision[~np.isnan(precision)]), float(recall.mean()))


def _zone(alarm, begin, end):
    """Return precision and recall of one zone, whose event is the cells from begin to end."""
    if not alarm.any():
        return math.nan, 0.0
    # What is averaged is a straight line in each cell, so its value in the middle of the cell is its mean there.
    size = len(alarm)
    cells = np.flatnonzero(alarm) + 0.5
    distance = np.maximum(np.maximum(begin - cells, cells - end), 0)
    nearer = (end - begin) + np.minimum(distance, begin) + np.minimum(distance, size - end)
    precision = np.where(distance > 0, 1 - nearer / size, 1).mean()

    first, last = runs(alarm)
    cells = np.arange(begin, end) + 0.5
    place = np.searchsorted(first, cells, "right")
    since = cells - np.concatenate([[-math.inf], last + 1])[place]
    until = np.concatenate([first, [math.inf]])[place] - cells
    distance = np.maximum(np.minimum(since, until), 0)
    nearer = np.minimum(distance, cells) + np.minimum(distance, size - cells)
    return precision, (1 - nearer / size).mean()
