"""Volume under the surface: against the definition row by row, scikit-learn, a published table, and at the edges."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score
from slow_metrics import random_rows, volumes

from mupy_helpers import metrics


def same(found, wanted):
    return tuple(found) == pytest.approx(tuple(wanted), abs=1e-12, nan_ok=True)


def random_case(rng, number):
    """Return labels and scores; every third case has many ties."""
    labels, _ = random_rows(rng, longest=45)
    scores = rng.normal(size=len(labels)) + rng.choice([0, 1]) * np.array(labels)
    return labels, np.round(scores) if number % 3 == 0 else scores


def test_the_volumes_follow_their_definition():
    rng = np.random.default_rng(41)
    for number in range(220):
        labels, scores = random_case(rng, number)
        window = int(rng.integers(0, 21))
        assert same(metrics.volume_under_surface(labels, scores, window), volumes(labels, list(scores), window))


def test_so_do_the_volumes_over_sampled_thresholds():
    rng = np.random.default_rng(42)
    for number in range(200):
        labels, scores = random_case(rng, number)
        window, n_thresholds = int(rng.integers(0, 9)), int(rng.choice([2, 5, 20, 250], p=[0.4, 0.3, 0.25, 0.05]))
        assert same(metrics.volume_under_surface(labels, scores, window, n_thresholds),
                    volumes(labels, list(scores), window, n_thresholds))


def test_with_one_event_and_no_window_they_are_the_areas_of_scikit_learn():
    rng = np.random.default_rng(43)
    for number in range(200):
        n = int(rng.integers(3, 300))
        start = int(rng.integers(0, n - 1))
        labels = np.zeros(n, dtype=int)
        labels[start:start + int(rng.integers(1, n - 1))] = 1
        scores = np.round(rng.normal(size=n), number % 3)
        found = metrics.volume_under_surface(labels, scores, 0)
        assert same(found, (roc_auc_score(labels, scores), average_precision_score(labels, scores)))


def test_by_hand():
    # Window 2: the rows beside the event are labelled sqrt(1/2). The highest score lies on one of them.
    labels, scores, slope = [0, 0, 1, 0, 0, 0], [0, 3, 2, 0, 0, 0], math.sqrt(0.5)
    first = slope / (1 + slope / 2)
    area = first * slope + (1 - first) * (1 + slope) / 2
    pr = [0.5, 0.5, area]  # windows 0 and 1 have no slope: the event comes second
    assert metrics.volume_under_surface(labels, scores, 2).pr == pytest.approx(np.mean(pr), abs=1e-12)


def test_where_slopes_of_two_events_meet_the_label_is_one():
    labels, scores = [0, 0, 1, 0, 1, 0, 0], [0, 0, 1, 2, 1, 0, 0]
    found = metrics.volume_under_surface(labels, scores, 2)
    assert same(found, volumes(labels, scores, 2))
    assert found.pr > metrics.volume_under_surface(labels, scores, 1).pr


def test_thresholds_that_are_sampled_miss_rare_events():
    labels = np.zeros(100_000, dtype=bool)
    labels[50_000:50_100] = True
    exact = metrics.volume_under_surface(labels, labels, 0)
    assert same(exact, (1, 1))
    ranks = np.where(labels, 200_000, 0) + np.arange(100_000)  # a perfect detector without ties
    assert metrics.volume_under_surface(labels, ranks, 0).pr == pytest.approx(1, abs=1e-12)
    assert metrics.volume_under_surface(labels, ranks, 0, n_thresholds=250).pr == pytest.approx(0.25, abs=0.03)


# --- edges

def test_without_an_event_there_is_no_volume():
    assert same(metrics.volume_under_surface([0, 0, 0], [1, 2, 3], 2), (math.nan, math.nan))


def test_where_all_rows_are_events_only_precision_and_recall_are_left():
    assert same(metrics.volume_under_surface([1, 1, 1], [1, 2, 3], 2), (math.nan, 1))
    assert same(metrics.volume_under_surface([1], [1]), (math.nan, 1))


@pytest.mark.parametrize("labels", [
    [1, 0, 0, 0, 0], [0, 0, 0, 0, 1], [1, 1, 0, 0, 1], [1, 0, 1, 0, 1], [0, 1, 1, 1, 1],
])
@pytest.mark.parametrize("scores", [[5, 1, 2, 3, 4], [1, 1, 1, 1, 1], [0, 0, 2, 2, 1], [-1, -5, -3, -4, -2]])
@pytest.mark.parametrize("window", [0, 1, 2, 3, 4, 5, 20])
def test_edges(labels, scores, window):
    assert same(metrics.volume_under_surface(labels, scores, window), volumes(labels, scores, window))


def test_constant_scores_have_one_threshold():
    assert same(metrics.volume_under_surface([0, 0, 1, 1], np.full(4, 0.1), 0), (0.5, 0.5))


def test_only_the_order_of_scores_matters():
    rng = np.random.default_rng(44)
    labels = np.repeat(rng.random(50) > 0.8, 10)
    scores = rng.normal(size=500)
    wanted = metrics.volume_under_surface(labels, scores, 30)
    for other in (np.exp(scores), 1e300 * scores, np.argsort(np.argsort(scores)), scores.astype(np.longdouble)):
        assert same(metrics.volume_under_surface(labels, other, 30), wanted)


# --- what goes in

def test_kinds_of_input_and_nothing_is_modified():
    index = pd.date_range("2015-10-20", periods=6, freq="h")
    labels, scores = pd.Series([0, 1, 1, 0, 0, 1], index), pd.Series([1.0, 5, 2, 3, 0, 4], index)
    kept = labels.copy(), scores.copy()
    wanted = metrics.volume_under_surface(labels.tolist(), scores.tolist(), 4)
    assert same(metrics.volume_under_surface(labels.astype(bool), scores.to_frame(), 4), wanted)
    as_arrays = labels.to_numpy(), scores.astype("float32").to_numpy()
    assert same(metrics.volume_under_surface(*as_arrays, np.int64(4)), wanted)
    assert labels.equals(kept[0]) and scores.equals(kept[1])


@pytest.mark.parametrize(("arguments", "words"), [
    (([0, 1], [1, 2, 3]), "labels has 2 rows and scores 3"),
    (([0, 1], [1, math.nan]), "scores has 1 missing"),
    (([0, 1], [1, math.inf]), "scores has 1 infinite"),
    (([0, 3], [1, 2]), "labels must hold True and False"),
    (([], []), "no rows"),
    (([0, 1], np.zeros((2, 2))), "shape"),
    (([0, 1], [1, 2], -1), "window must be a whole number"),
    (([0, 1], [1, 2], 2.5), "window must be a whole number"),
    (([0, 1], [1, 2], True), "window must be a whole number"),
    (([0, 1], [1, 2], 5, 1), "n_thresholds must be a whole number"),
])
def test_bad_input_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        metrics.volume_under_surface(*arguments)


@pytest.mark.parametrize("scores", [
    ["low", "high"], np.array(["low", "high"], dtype=object), pd.date_range("2015", periods=2), np.array([1j, 2])])
def test_what_is_no_number_is_no_score(scores):
    with pytest.raises(TypeError, match="scores must hold numbers only"):
        metrics.volume_under_surface([0, 1], scores)


def test_unsorted_time_is_refused():
    index = pd.DatetimeIndex(["2015-10-20", "2015-10-19"])
    with pytest.raises(ValueError, match="not in time order"):
        metrics.volume_under_surface(pd.Series([0, 1], index), pd.Series([0, 1], index))
