"""Range by range instead of row by row: range-based precision and recall, and point adjustment, the trap."""

import math

import numpy as np

from mupy_helpers.checks import checked_choice, checked_fraction
from mupy_helpers.metrics.rows import PrecisionRecall, labels_and_alarms, mean_or_nan, runs

BIASES = ("flat", "front", "middle", "back")
CARDINALITIES = ("reciprocal", "one")


def range_recall(labels, is_alarm, alpha=0.0, cardinality="reciprocal", bias="flat"):
    """Measure how well the alarms found each event: at all, how much of it, which part, and in how many pieces.

    Each run of labelled rows is an event, each run of alarm rows an alarm. An event's reward is

        alpha * (1 if any alarm touches it) + (1 - alpha) * (cardinality factor) * (share of its weight under alarms)

    and the recall is the mean reward of the events.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    is_alarm : array-like of True and False, or 1 and 0, shape (n,)
    alpha : float
        The weight of existence, from 0 (only the overlap counts) to 1 (touching an event is enough).
    cardinality : {"reciprocal", "one"}
        The factor for an event that x > 1 alarms touch: 1 / x, or 1, which does not mind.
    bias : {"flat", "front", "middle", "back"}
        The weight of row i = 1 ... L of an event of L rows: 1; L - i + 1; i up to the half and L - i + 1 after; i.

    Returns
    -------
    float
        From 0 to 1. Without an alarm 0; without an event NaN: there was nothing to find.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Tatbul, N., Lee, T. J., Zdonik, S., Alam, M. and Gottschlich, J. (2018), "Precision and recall for time series",
    NeurIPS 31.
    """
    labels, is_alarm = labels_and_alarms(labels, is_alarm)
    return _mean_reward(labels, is_alarm, alpha, cardinality, bias)


def range_precision(labels, is_alarm, alpha=0.0, cardinality="reciprocal", bias="flat"):
    """Measure how much of each alarm lay in events, which part, and in how many pieces.

    The same as `range_recall` with the parts of alarms and events exchanged: an alarm's weight under events, and the
    number of events that it touches. The paper has no existence reward here: alpha is 0.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    is_alarm : array-like of True and False, or 1 and 0, shape (n,)
    alpha : float
        The weight of existence, from 0 to 1; leave it at 0 for the paper's precision.
    cardinality : {"reciprocal", "one"}
        The factor for an alarm that touches x > 1 events: 1 / x, or 1.
    bias : {"flat", "front", "middle", "back"}
        The weight of the rows of an alarm, as in `range_recall`; the paper advises "flat".

    Returns
    -------
    float
        From 0 to 1. With alarms but without an event 0; without an alarm NaN.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Tatbul et al. (2018), as in `range_recall`.
    """
    labels, is_alarm = labels_and_alarms(labels, is_alarm)
    return _mean_reward(is_alarm, labels, alpha, cardinality, bias)


def _mean_reward(ranges, others, alpha, cardinality, bias):
    """Reward each run of `ranges` for its overlap with the runs of `others`."""
    alpha = checked_fraction(alpha, "alpha")
    cardinality = checked_choice(cardinality, CARDINALITIES, "cardinality")
    bias = checked_choice(bias, BIASES, "bias")
    first, last = runs(ranges)
    if not len(first):
        return math.nan
    length = last - first + 1
    rows = np.flatnonzero(ranges)
    place = rows - np.repeat(first, length) + 1
    weight = _weights(place, np.repeat(length, length), bias)
    begins = np.cumsum(length) - length  # where each range begins among the rows
    share = np.add.reduceat(weight * others[rows], begins) / np.add.reduceat(weight, begins)

    other_first, other_last = runs(others)
    touching = np.searchsorted(other_first, last, "right") - np.searchsorted(other_last, first, "left")
    factor = 1 / np.maximum(touching, 1) if cardinality == "reciprocal" else 1.0
    return mean_or_nan(alpha * (touching > 0) + (1 - alpha) * factor * share)


def _weights(place, length, bias):
    if bias == "flat":
        return np.ones(len(place))
    if bias == "front":
        return (length - place + 1).astype(float)
    if bias == "back":
        return place.astype(float)
    return np.where(place <= length / 2, place, length - place + 1).astype(float)


def point_adjust(labels, is_alarm):
    """Count every row of an event as found as soon as one of its rows was: a trap, shown in lesson 07.

    Do not compare detectors with it. One lucky row in a long event is worth the whole event, so random alarms come
    close to perfect: at 10 % anomalies in long events random scores reach a point-adjusted F1 above .9.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    is_alarm : array-like of True and False, or 1 and 0, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
        The alarms, with each event that holds an alarm filled from its first to its last row; alarms outside events
        stay as they are.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Xu, H. et al. (2018), "Unsupervised anomaly detection via variational auto-encoder for seasonal KPIs in web
    applications", WWW. Kim, S., Choi, K., Choi, H.-S., Lee, B. and Yoon, S. (2022), "Towards a rigorous evaluation of
    time-series anomaly detection", AAAI, shows the trap.
    """
    labels, is_alarm = labels_and_alarms(labels, is_alarm)
    first, last = runs(labels)
    adjusted = is_alarm.copy()
    if len(first):
        length = last - first + 1
        found = np.add.reduceat(is_alarm[labels], np.cumsum(length) - length, dtype=int) > 0
        adjusted[labels] = np.repeat(found, length)
    return adjusted


def point_adjusted_precision_recall(labels, is_alarm):
    """Measure precision and recall row by row after `point_adjust`: the trap in numbers.

    Parameters
    ----------
    labels : array-like of True and False, or 1 and 0, shape (n,)
    is_alarm : array-like of True and False, or 1 and 0, shape (n,)

    Returns
    -------
    PrecisionRecall
        `precision` (NaN without an alarm), `recall` (NaN without an event) and `f1`.

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Xu et al. (2018) and Kim et al. (2022), as in `point_adjust`.
    """
    adjusted = point_adjust(labels, is_alarm)
    labels, _ = labels_and_alarms(labels, is_alarm)
    hits = int((adjusted & labels).sum())
    return PrecisionRecall(hits / adjusted.sum() if adjusted.any() else math.nan,
                           hits / labels.sum() if labels.any() else math.nan)
