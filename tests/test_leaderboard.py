"""The board: what it measures, and what it says about detectors that misbehave."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pyod.models.ecod import ECOD
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import KNeighborsClassifier

from mupy_helpers import leaderboard
from mupy_helpers.detectors import SeasonalHybridESDOffline, TrailingRange
from mupy_helpers.detectors.baselines import LastValue, RandomScores, RollingZ
from mupy_helpers.leaderboard import Leaderboard, evaluate, mini_suite, score_recording, simulated_recording
from mupy_helpers.metrics import volume_under_surface


class Mine:
    """A detector by somebody who knows only the two methods."""

    def fit(self, X):
        self.mean, self.spread = X.mean(), X.std()
        return self

    def decision_function(self, X):
        return ((X - self.mean) / self.spread).abs().max(axis=1)


@pytest.fixture(scope="module")
def suite():
    return [simulated_recording("spike", 1), simulated_recording("drift", 1)]


@pytest.fixture(scope="module")
def board(suite):
    return evaluate(Mine(), suite)


# --- The suite --------------------------------------------------------------------------------------------------------

def test_the_suite_is_what_it_says():
    recordings = mini_suite()
    assert len({recording.name for recording in recordings}) == len(recordings) == 11
    for recording in recordings:
        labels = recording.labels.to_numpy()
        assert not labels[:recording.fit_rows].any() and 0 < labels[recording.fit_rows:].mean() < 0.6
        assert recording.rows.index.is_monotonic_increasing and recording.rows.shape[1] >= 2
        events = (np.diff(labels.astype(int)) == 1).sum()
        assert events == (1 if recording.name == "cold store" else 3)


@pytest.mark.parametrize("kind", leaderboard.KINDS)
def test_simulated_events_are_in_the_sensor_alone(kind):
    one, again, other = (simulated_recording(kind, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.rows, again.rows)
    assert not one.rows.equals(other.rows)
    clean = one.rows["value"] / 3 - one.rows["neighbour"] / 2  # the day is gone
    usual = clean[~one.labels]
    if kind in ("spike", "level shift", "drift"):
        assert clean[one.labels].abs().mean() > 1.2 * usual.abs().mean()
    if kind == "frozen":
        assert one.rows["value"][one.labels].diff().eq(0).sum() == 3 * 47
    assert one.rows["neighbour"].diff().ne(0).all()


def test_bad_recordings_are_named(suite):
    good = suite[0]
    for change, message in (({"fit_rows": 1400}, "has events among its first 1400 rows"),
                            ({"labels": good.labels & False}, "needs both events and healthy rows"),
                            ({"labels": good.labels[:9]}, "1440 rows and 9 labels"),
                            ({"rows": good.rows.where(good.rows > 0)}, "missing values")):
        with pytest.raises(ValueError, match=message):
            dataclasses.replace(good, **change)
    with pytest.raises(ValueError, match="kind must be one of"):
        simulated_recording("flood", 1)


# --- The board --------------------------------------------------------------------------------------------------------

def test_the_board_has_the_learner_beside_the_baselines(board, suite):
    table = board.table()
    assert set(table.index) == {"Mine", "random", "last value", "rolling z", "Isolation Forest", "k-NN distance",
                                "T² + SPE", "VAR residual", "dense autoencoder", "board's ensemble"}
    assert table["VUS-PR"].is_monotonic_decreasing
    assert (table["low"] <= table["VUS-PR"]).all() and (table["VUS-PR"] <= table["high"]).all()
    assert (table["looks ahead"] == "no").all()
    assert board.by_recording().shape == (2, 10) and "Mine" in repr(board) and "<table" in board._repr_html_()
    assert table.loc["board's ensemble", "VUS-PR"] > table.loc["random", "VUS-PR"]


def test_its_figures_are_those_of_the_metrics(board, suite):
    for recording in suite:
        later, labels = (part.iloc[recording.fit_rows:] for part in (recording.rows, recording.labels))
        scores = Mine().fit(recording.rows.iloc[:recording.fit_rows]).decision_function(later)
        assert board.by_recording().loc[recording.name, "Mine"] == volume_under_surface(labels, scores, 48).pr
        threshold = board_threshold(scores[~labels])
        number = (labels & ~labels.shift(fill_value=False)).cumsum()[labels]
        found = (scores[labels] > threshold).groupby(number).any().mean()
        assert board.found.loc["Mine", recording.name] == pytest.approx(found)


def board_threshold(healthy):
    """The lowest score that at most 1 % of the healthy rows are above."""
    return min(score for score in healthy if (healthy > score).mean() <= 0.01)


def test_the_interval_is_that_of_recordings_drawn_anew(board):
    values = board.volumes.loc["Mine"].to_numpy()
    low, high = board.table().loc["Mine", ["low", "high"]]
    assert (low, high) == pytest.approx((values.min(), values.max()))  # two recordings: a quarter of the draws each
    pd.testing.assert_frame_equal(board.table(), board.table())


def test_a_perfect_detector_is_first_and_a_constant_one_is_allowed(suite):
    class Knows(Mine):
        """Looks the answer up by the rows it is given, which are the same in no two recordings."""

        def decision_function(self, X):
            recording = next(one for one in suite if X.iloc[0].equals(one.rows.loc[X.index[0]]))
            return recording.labels[X.index].astype(float)

    class Constant(Mine):
        def decision_function(self, X):
            return np.zeros((len(X), 1))

    assert evaluate(Knows(), suite, name="knows").table().index[0] == "knows"
    constant = evaluate(Constant(), suite).table().loc["Constant"]
    assert constant["events found"] == 0 and constant["VUS-PR"] < 0.6


def test_a_detector_of_one_column_gets_the_sensor(suite):
    scores, ahead = score_recording(TrailingRange(48), suite[0])
    expected = TrailingRange(48).fit(suite[0].rows["value"].iloc[:720]).decision_function(
        suite[0].rows["value"].iloc[720:])
    np.testing.assert_array_equal(scores, expected)
    assert not ahead


def test_looking_ahead_is_seen(suite):
    assert score_recording(ECOD(), suite[0])[1]

    class Ahead(Mine):
        def decision_function(self, X):
            return super().decision_function(X).rolling(9, center=True, min_periods=1).mean()

    assert evaluate(Ahead(), suite).table().loc["Ahead", "looks ahead"] == "yes"


# --- Detectors that misbehave -----------------------------------------------------------------------------------------

def returning(change):
    class Odd(Mine):
        def decision_function(self, X):
            return change(super().decision_function(X))

    return Odd()


def doing(change):
    class Odd(Mine):
        def decision_function(self, X):
            change(X)
            return np.zeros(len(X))

    return Odd()


class NeedsLabels(Mine):
    def fit(self, X, y):
        return super().fit(X)


class Fails(Mine):
    def fit(self, X):
        raise KeyError("pressure")


class ChangesTheFit(Mine):
    def fit(self, X):
        X["value"] -= X["value"].mean()
        return super().fit(X)


@pytest.mark.parametrize(("detector", "error", "message"), [
    (returning(lambda scores: scores.where(scores < 1)), ValueError, "Odd.decision_function on the recording 'spike 1' "
                                                                     "returned .* NaN or infinite: every row needs"),
    (returning(lambda scores: scores[1:]), ValueError, r"one score for each of the 720 rows, not the shape \(719,\)"),
    (returning(lambda scores: scores.max()), ValueError, r"not the shape \(\)"),
    (returning(lambda scores: None), ValueError, r"must return"),
    (returning(lambda scores: scores.map(str) + "!"), ValueError, "must return numbers, one for each row"),
    (doing(lambda X: X.insert(0, "new", 1)), ValueError, r"changed the rows it was given: work on a copy, X.copy\(\)"),
    (ChangesTheFit(), ValueError, "ChangesTheFit.fit on the recording 'spike 1' changed the rows"),
    (NeedsLabels(), TypeError, "NeedsLabels.fit asks for y beside the rows: .* without labels"),
    (KNeighborsClassifier(), TypeError, "KNeighborsClassifier has no method decision_function"),
    (Fails(), ValueError, "Fails.fit on the recording 'spike 1' failed with KeyError: 'pressure'"),
    (IsolationForest(), TypeError, "higher for normal rows: use the detector of the same kind in PyOD"),
    (SeasonalHybridESDOffline(period=48), ValueError, "looks at the whole series"),
    (Mine, TypeError, r"Mine is a class: give an object, such as Mine\(\)"),
    (object(), TypeError, "object has no method fit"),
])
def test_what_is_wrong_is_said(detector, error, message, suite):
    with pytest.raises(error, match=message):
        evaluate(detector, suite)


def test_a_bad_call_is_named(suite):
    with pytest.raises(ValueError, match="suite must be 'mini' or a list"):
        evaluate(Mine(), "maxi")
    with pytest.raises(TypeError, match="a list of Recording"):
        evaluate(Mine(), [3])
    with pytest.raises(ValueError, match="taken by a baseline"):
        evaluate(Mine(), suite, name="random")
    with pytest.raises(ValueError, match="the same name"):
        evaluate(Mine(), [suite[0], suite[0]])


def test_the_whole_suite_ranks_a_detector_by_somebody_else():
    board = evaluate(Mine(), name="a stranger's")
    assert board.volumes.shape == (10, 11)
    assert board.table().loc["board's ensemble", "low"] > board.table().loc["random", "high"]


# --- Baselines --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("baseline", [RandomScores(), LastValue(), RollingZ(12)], ids=lambda one: type(one).__name__)
def test_baselines_are_causal(baseline, suite):
    scores, ahead = score_recording(baseline, suite[0])
    assert not ahead and scores.shape == (720,)


def test_baselines_are_those_of_their_definitions(suite):
    rows = suite[0].rows.to_numpy()
    last, _ = score_recording(LastValue(), suite[0])
    step = np.diff(rows[:720], axis=0).std(axis=0)
    np.testing.assert_allclose(last[[0, 99]], [(np.abs(rows[at] - rows[at - 1]) / step).max() for at in (720, 819)])
    rolling, _ = score_recording(RollingZ(12), suite[0])
    expected = [(np.abs(rows[at] - rows[at - 12:at].mean(axis=0)) / rows[at - 12:at].std(axis=0, ddof=1)).max()
                for at in (720, 723, 819)]
    np.testing.assert_allclose(rolling[[0, 3, 99]], expected)


def test_difference_is_paired():
    gap, hard = 0.1, np.linspace(0, 0.8, 9)
    volumes = pd.DataFrame([hard + gap, hard], index=["better", "worse"])
    board = Leaderboard(volumes, volumes, {"better": False, "worse": False})
    found = board.difference("better", "worse")
    np.testing.assert_allclose(found, gap)  # the recordings differ much, the detectors always by the same
    table = board.table()
    assert table.loc["better", "low"] < table.loc["worse", "high"]
    np.testing.assert_allclose(board.difference("worse", "better"), -gap)
