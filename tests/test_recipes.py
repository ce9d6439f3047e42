"""The scoreboard's recipes give the rows that the lessons show."""

import numpy as np
import pandas as pd
import pytest
from stored_boards import shown

from mupy_helpers import datasets, recipes
from mupy_helpers.scoreboard import Scoreboard

BEFORE = pd.Timestamp("2015-10-18")
MEASURED = ["hours before the trip", "false alarms", "false alarms per week", "expected cost per year"]


@pytest.fixture(scope="module")
def store():
    return datasets.load_cold_store()


@pytest.fixture(scope="module")
def board():
    return Scoreboard(datasets.load_cold_store_events())


def row_of(board, is_alarm):
    board._rows.clear()
    row = board.add("x", is_alarm)._shown().iloc[0]
    return [str(row[column]) for column in MEASURED]


def same(ours, theirs):
    return [part.removesuffix(".0") for part in ours] == [part.removesuffix(".0") for part in theirs]


@pytest.mark.parametrize("name", recipes.RULES)
def test_rules_give_the_rows_of_lesson_03(store, board, name):
    theirs = shown("03")
    assert name in theirs, sorted(theirs)
    ours = row_of(board, recipes.RULES[name](store, BEFORE))
    assert same(ours, theirs[name]), (ours, theirs[name])


@pytest.mark.parametrize("name", ["Mahalanobis (T², all components)", "T² + SPE", "k-means distance", "k-NN distance",
                                  "LOF", "Isolation Forest"])
def test_distances_give_the_rows_of_lesson_04(store, board, name):
    ours = row_of(board, recipes.distance_alarm(store, BEFORE, recipes.makers()[name]))
    assert same(ours, shown("04")[name]), (ours, shown("04")[name])


@pytest.mark.parametrize("name", recipes.RULES)
def test_rules_do_not_look_ahead(store, name):
    cut = pd.Timestamp("2015-10-21 12:00")
    whole = recipes.RULES[name](store, BEFORE)
    part = recipes.RULES[name](store[store.index < cut], BEFORE)
    assert part.equals(whole[whole.index < cut])


def test_distances_and_members_do_not_look_ahead(store):
    cut = pd.Timestamp("2015-10-21 12:00")
    early = store[store.index < cut]
    make = recipes.makers()["T² + SPE"]
    whole = recipes.distance_alarm(store, BEFORE, make)
    assert recipes.distance_alarm(early, BEFORE, make).equals(whole[whole.index < cut])
    detectors = {name: detector for name, detector in recipes.members().items() if name != "LSTM autoencoder"}
    scores = recipes.members_scores(store, BEFORE, detectors)
    np.testing.assert_allclose(recipes.members_scores(early, BEFORE, detectors), scores[scores.index < cut])


def test_members_are_scaled_by_rows_held_back(store):
    detectors = {name: detector for name, detector in recipes.members().items() if name != "LSTM autoencoder"}
    scores = recipes.members_scores(store, BEFORE, detectors)
    held = scores[scores.index < BEFORE]
    assert list(scores) == ["T² + SPE", "VAR"] and np.allclose(held.median(), 0)
    alarm = recipes.combined_alarm(scores, BEFORE)
    assert alarm.dtype == bool and not alarm[alarm.index < BEFORE].any() and alarm.any()


def test_a_store_is_not_modified(store):
    before = store.copy()
    for rule in recipes.RULES.values():
        rule(store, BEFORE)
    recipes.distance_alarm(store, BEFORE, recipes.makers()["T² + SPE"])
    pd.testing.assert_frame_equal(store, before)
