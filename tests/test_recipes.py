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


@pytest.mark.parametrize("name", recipes.RULES)
def test_rules_can_hold_back_rows_for_their_limit(store, name):
    since = recipes.held_back_since(store, BEFORE)
    assert (store.index < since).sum() == round(0.7 * (store.index < BEFORE).sum())
    alarm = recipes.RULES[name](store, BEFORE, since)
    limit_is_learned = not recipes.RULES[name].__doc__.startswith(("Raise no", "Row zero", "Alarm beyond"))
    assert not (limit_is_learned and alarm[(store.index >= since) & (store.index < BEFORE)].any())
    changed = store.copy()
    changed.loc[(store.index >= since) & (store.index < BEFORE), ["drive_current", "room_temp"]] *= 1.1
    if name.startswith("EWMA"):  # the line does not see the rows held back, the limit does
        line = recipes.current_residual(store, since)[:since].iloc[:-1]
        pd.testing.assert_series_equal(recipes.current_residual(changed, since)[:since].iloc[:-1], line)
        assert not recipes.RULES[name](changed, BEFORE, since).equals(alarm)


@pytest.mark.parametrize("name", recipes.RULES)
def test_rules_do_not_look_ahead(store, name):
    cut = pd.Timestamp("2015-10-21 12:00")
    whole = recipes.RULES[name](store, BEFORE)
    part = recipes.RULES[name](store[store.index < cut], BEFORE)
    assert part.equals(whole[whole.index < cut])


def test_detectors_do_not_look_ahead(store):
    cut = pd.Timestamp("2015-10-21 12:00")
    early = store[store.index < cut]
    detectors = {name: detector for name, detector in recipes.detectors().items() if name != "LSTM autoencoder"}
    scores = recipes.members_scores(store, BEFORE, detectors)
    np.testing.assert_allclose(recipes.members_scores(early, BEFORE, detectors), scores[scores.index < cut], rtol=1e-6)


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
    recipes.members_scores(store, BEFORE, {"T² + SPE": recipes.detectors()["T² + SPE"]})
    pd.testing.assert_frame_equal(store, before)


class Spy:
    """Remembers where the rows that it was fitted on end, and where those that it scored begin."""

    def fit(self, X):
        self.last = X.index[-1]
        return self

    def decision_function(self, X):
        self.first_scored = X.index[0]
        return np.arange(len(X), dtype=float)


def test_nothing_is_fitted_on_rows_held_back(store):
    since = recipes.held_back_since(store, BEFORE)
    held = (store.index >= since) & (store.index < BEFORE)
    changed = store.copy()
    changed.loc[held, recipes.MACHINE] += 5
    rows, others = (recipes.machine_features(some, since) for some in (store, changed))
    pd.testing.assert_frame_equal(rows[rows.index < since], others[others.index < since])
    spy = Spy()
    recipes.members_scores(store, BEFORE, {"spy": spy})
    assert spy.last < since <= spy.first_scored


def test_a_silent_channel_gives_no_row(store):
    broken = store.copy()
    broken.loc["2015-10-20 12:00":"2015-10-20 14:00", "tes_temp_1"] = np.nan
    rows = recipes.machine_features(broken, BEFORE)
    assert rows.notna().all().all() and rows["2015-10-20 12:10":"2015-10-20 13:50"].empty


def test_the_parts_of_the_ensemble_are_rows_of_the_board():
    assert list(recipes.members()) == recipes.ENSEMBLE and set(recipes.ENSEMBLE) < set(recipes.detectors())
