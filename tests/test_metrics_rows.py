"""Range-based, point-adjusted and affiliation metrics: by hand, at the edges, and against slow references."""

import math

import numpy as np
import pandas as pd
import pytest
from slow_metrics import adjusted, affiliation, random_rows, range_reward

from mupy_helpers import metrics

TWO_COLUMNS = [metrics.range_recall, metrics.range_precision, metrics.point_adjust,
               metrics.point_adjusted_precision_recall, metrics.affiliation_precision_recall]


def rows(picture):
    return [mark == "#" for mark in picture]


def same(value, wanted):
    return value == pytest.approx(wanted, abs=1e-12, nan_ok=True)


# --- range-based

@pytest.mark.parametrize("bias", ["flat", "front", "middle", "back"])
@pytest.mark.parametrize("cardinality", ["one", "reciprocal"])
def test_range_metrics_follow_their_definition(bias, cardinality):
    rng = np.random.default_rng(31)
    for _ in range(250):
        labels, alarms = random_rows(rng)
        alpha = float(rng.choice([0, 0.2, 0.5, 1]))
        settings = {"alpha": alpha, "cardinality": cardinality, "bias": bias}
        assert same(metrics.range_recall(labels, alarms, **settings), range_reward(labels, alarms, *settings.values()))
        assert same(metrics.range_precision(labels, alarms, **settings),
                    range_reward(alarms, labels, *settings.values()))


@pytest.mark.parametrize(("bias", "wanted"), [("flat", 2 / 4), ("front", 7 / 10), ("middle", 3 / 6), ("back", 3 / 10)])
def test_biases_by_hand(bias, wanted):
    assert same(metrics.range_recall(rows("..####.."), rows(".###...."), bias=bias), wanted)


def test_existence_and_cardinality_by_hand():
    labels, alarms = rows(".####.##."), rows(".#.#....#")  # the first event in two pieces, the second missed
    assert same(metrics.range_recall(labels, alarms), 0.5 / 2 / 2)
    assert same(metrics.range_recall(labels, alarms, cardinality="one"), 0.5 / 2)
    assert same(metrics.range_recall(labels, alarms, alpha=1), 1 / 2)
    assert same(metrics.range_recall(labels, alarms, alpha=0.2), (0.2 + 0.8 * 0.25) / 2)
    assert same(metrics.range_precision(labels, alarms), 2 / 3)


def test_the_size_of_a_range_does_not_matter_to_the_mean():
    assert same(metrics.range_recall(rows("#.##########"), rows("#...........")), 1 / 2)


@pytest.mark.parametrize(("settings", "words"), [
    ({"alpha": 1.5}, "alpha"), ({"alpha": "all"}, "alpha"), ({"alpha": math.nan}, "alpha"), ({"bias": "end"}, "bias"),
    ({"cardinality": "none"}, "cardinality"),
])
def test_range_metrics_refuse_settings_that_are_none(settings, words):
    with pytest.raises(ValueError, match=words):
        metrics.range_recall([0, 1], [0, 1], **settings)


# --- point adjustment

def test_point_adjustment_follows_its_definition():
    rng = np.random.default_rng(32)
    for _ in range(250):
        labels, alarms = random_rows(rng)
        wanted = adjusted(labels, alarms)
        assert list(metrics.point_adjust(labels, alarms)) == wanted
        hits = sum(a and b for a, b in zip(labels, wanted))
        precision, recall = metrics.point_adjusted_precision_recall(labels, alarms)
        assert same(recall, hits / sum(labels))
        assert same(precision, hits / sum(wanted) if sum(wanted) else math.nan)


def test_point_adjustment_is_a_trap():
    labels = np.zeros(10_000, dtype=bool)
    labels[2000:2500] = labels[7000:7500] = True
    alarms = np.random.default_rng(1).random(10_000) > 0.99
    assert metrics.point_adjusted_precision_recall(labels, alarms).f1 > 0.9
    assert metrics.range_recall(labels, alarms, cardinality="one") < 0.03


# --- affiliation

def test_affiliation_follows_its_definition():
    rng = np.random.default_rng(33)
    for _ in range(300):
        labels, alarms = random_rows(rng, longest=40)
        assert same(tuple(metrics.affiliation_precision_recall(labels, alarms)), affiliation(labels, alarms))


def test_affiliation_by_hand():
    # One event, rows 4 and 5 of 10. The alarm, row 7, is 1 to 2 rows off: [2 + 2 * 1.5] of 10 are nearer on average.
    near = metrics.affiliation_precision_recall(rows("....##...."), rows(".......#.."))
    assert same(near.precision, 1 - 0.5)
    # From a time t of the event the alarm is 7 - t away, 1 to 3: 2 * 2 of 10 on average.
    assert same(near.recall, 1 - 0.4)


def test_affiliation_prefers_near_alarms():
    labels = rows("...................##...................")
    found = [metrics.affiliation_precision_recall(labels, np.arange(40) == row) for row in (0, 10, 17, 19)]
    assert [each.precision for each in found] == sorted(each.precision for each in found)
    assert [each.recall for each in found] == sorted(each.recall for each in found)
    assert found[-1].precision == 1


def test_a_zone_without_an_alarm_counts_for_the_recall_alone():
    half = metrics.affiliation_precision_recall(rows("..#.......#..."), rows("..#..........."))
    assert same(tuple(half), (1, 0.5))


# --- edges of all

EDGES = [  # labels, alarms, range recall, range precision, point-adjusted pair, affiliation pair
    ("....", "....", math.nan, math.nan, (math.nan, math.nan), (math.nan, math.nan)),
    ("....", ".##.", math.nan, 0, (0, math.nan), (math.nan, math.nan)),
    (".##.", "....", 0, math.nan, (math.nan, 0), (math.nan, 0)),
    (".##.", ".##.", 1, 1, (1, 1), (1, 1)),
    ("####", "####", 1, 1, (1, 1), (1, 1)),
    ("####", "....", 0, math.nan, (math.nan, 0), (math.nan, 0)),
    ("#...", "#...", 1, 1, (1, 1), (1, 1)),
    ("...#", "...#", 1, 1, (1, 1), (1, 1)),
    ("##.#", "#...", 0.25, 1, (1, 2 / 3), (1, 0.40625)),
    ("#", "#", 1, 1, (1, 1), (1, 1)),
]


@pytest.mark.parametrize(("labels", "alarms", "recall", "precision", "adjusted_pair", "affiliation_pair"), EDGES)
def test_edges(labels, alarms, recall, precision, adjusted_pair, affiliation_pair):
    labels, alarms = rows(labels), rows(alarms)
    assert same(metrics.range_recall(labels, alarms), recall)
    assert same(metrics.range_precision(labels, alarms), precision)
    assert same(tuple(metrics.point_adjusted_precision_recall(labels, alarms)), adjusted_pair)
    affiliated = tuple(metrics.affiliation_precision_recall(labels, alarms))
    assert same(affiliated, affiliation(labels, alarms))
    assert same(affiliated, affiliation_pair)


@pytest.mark.parametrize(("pair", "wanted"), [
    ((1, 1), 1), ((0.5, 1), 2 / 3), ((0, 0), 0), ((math.nan, 0), 0), ((0, math.nan), 0),
    ((math.nan, math.nan), math.nan), ((math.nan, 0.5), math.nan),
])
def test_f1(pair, wanted):
    assert same(metrics.PrecisionRecall(*pair).f1, wanted)


# --- what goes in

@pytest.mark.parametrize("metric", TWO_COLUMNS)
def test_series_frames_arrays_and_lists_are_the_same(metric):
    labels, alarms = rows(".##..#"), rows("..#.#.")
    index = pd.date_range("2015-10-20", periods=6, freq="h")
    wanted = np.asarray(metric(labels, alarms))
    for kind in (np.array, lambda x: np.array(x).astype(int), lambda x: pd.Series(x, index),
                 lambda x: pd.DataFrame({"x": x}, index), lambda x: pd.Series(x, index, dtype=object)):
        given = kind(labels), kind(alarms)
        kept = [each.copy() for each in given]
        assert np.array_equal(np.asarray(metric(*given)), wanted)
        assert all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(given, kept))


@pytest.mark.parametrize("metric", TWO_COLUMNS)
@pytest.mark.parametrize(("labels", "alarms", "words"), [
    ([0, 1], [0, 1, 1], "labels has 2 rows and is_alarm 3"),
    ([], [], "labels has no rows"),
    ([0, 2], [0, 1], "labels must hold True and False"),
    ([0, 1], [0.3, 0.9], "compare the scores with a threshold"),
    ([0, math.nan], [0, 1], "labels has 1 missing"),
    ([0, 1], [0, math.inf], "is_alarm must hold"),
    ([0, 1], ["no", "yes"], "is_alarm must hold"),
    (np.zeros((3, 2)), [0, 1, 1], "shape"),
    (1, [1], "shape"),
])
def test_bad_rows_are_refused(metric, labels, alarms, words):
    with pytest.raises(ValueError, match=words):
        metric(labels, alarms)


@pytest.mark.parametrize("metric", TWO_COLUMNS)
def test_bad_time_is_refused(metric):
    index = pd.date_range("2015-10-20", periods=3, freq="h")
    good = pd.Series([False, True, True], index)
    for bad, words in ((good.iloc[::-1], "not in time order"), (good.set_axis(index[[0, 0, 1]]), "1 duplicate time")):
        with pytest.raises(ValueError, match=words):
            metric(bad, bad)
    with pytest.raises(ValueError, match="different indexes"):
        metric(good, good.shift(freq="1h"))
