"""Faults that odd inputs have found, one test each; test_odd_inputs.py looks for more."""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import (
    checks,
    detectors,
    ensembles,
    leaderboard,
    metrics,
    own_data,
    recipes,
    thresholds,
    windows,
)
from mupy_helpers.detectors import baselines, saving
from mupy_helpers.own_data import recipe

ROWS = np.random.default_rng(0).normal(size=(48, 3))
COLUMN = ROWS[:, 0]
HOURS = pd.date_range("2024-03-01", periods=48, freq="h")
STORE = pd.DataFrame(np.random.default_rng(1).normal(5, 0.1, (48, 7)), HOURS, recipes.MACHINE).assign(amb_temp=8.0)
DAYS = pd.Series(COLUMN, pd.date_range("2024-03-01", periods=48))
LONG = pd.DataFrame(np.concatenate([ROWS, ROWS]), columns=["a", "b", "c"])
SPANS = pd.DataFrame({"start": HOURS[[2]], "end": HOURS[[5]]})


@pytest.mark.parametrize("call, message", [
    # checks
    (lambda: checks.checked_rows([[10**400], [1]]), "must hold numbers only"),
    (lambda: checks.checked_rows(np.ma.masked_array([1.0, 2.0], [True, False])), "1 masked values"),
    (lambda: checks.checked_flags(np.ma.masked_array([True, False], [True, False])), "1 masked values"),
    (lambda: checks.checked_index(pd.DatetimeIndex(np.array(["3000-01-01"], "M8[s]"))), "counted in nanoseconds"),
    (lambda: checks.checked_index(pd.DatetimeIndex(["1700-01-01", "2250-01-01"])), "counted in nanoseconds"),
    (lambda: checks.check_same_rows(None, [1], ("labels", "scores")), "labels must hold one value per row"),
    (lambda: checks.check_same_zone(pd.RangeIndex(2), [HOURS[0]], ("index", "spans")), "index must be a Datetime"),
    (lambda: checks.checked_count(np.timedelta64(1, "h"), "k"), "k must be a whole number"),
    (lambda: checks.checked_count(10**400, "k"), "k must be at most"),
    (lambda: checks.checked_number(10**400, "sigma"), "sigma must be a finite number"),
    (lambda: checks.checked_number(np.timedelta64(1, "h"), "sigma"), "sigma must be a finite number"),
    (lambda: checks.checked_fraction(np.timedelta64(1, "h"), "alpha"), "alpha must be a number from 0 to 1"),
    (lambda: checks.checked_spans(SPANS.astype("int64")), "the starts of spans must be times"),
    (lambda: checks.checked_spans(SPANS.assign(end="yesterday")), "the ends of spans must be times"),
    (lambda: checks.checked_spans(SPANS.assign(end=SPANS["end"].dt.tz_localize("UTC"))), "both have a time zone"),
    (lambda: checks.checked_spans(pd.concat([SPANS, SPANS], axis=1)), "two columns of the same name"),
    (lambda: checks.checked_flags(np.zeros(3, dtype=[("a", int), ("b", int)])), "not records of 2 fields"),
    (lambda: checks.check_same_rows(DAYS, DAYS.set_axis(DAYS.index.date), ("labels", "scores")), "different indexes"),
    # windows, thresholds, metrics
    (lambda: windows.sliding_windows(COLUMN, 10**400), "width must be at most"),
    (lambda: windows.sliding_windows(COLUMN, 4).to_points(np.ones(45), fill="none"), "fill must be a number, or NaN"),
    (lambda: windows.sliding_windows(COLUMN, 4).to_points_offline(np.ones(45), [1]), "how must be one of"),
    (lambda: thresholds.peaks_over_threshold(np.arange(400.0), risk=1e-300), "risk must be a number between"),
    (lambda: thresholds.bhattacharyya_distance(1e-300 * COLUMN, COLUMN), "a constant has no spread"),
    (lambda: thresholds.cost_optimal(COLUMN, COLUMN > 0, missed=1e308, false_alarm=1), "missed must be a number"),
    (lambda: thresholds.cost_optimal_by(COLUMN, 5), "cost must be a function"),
    (lambda: metrics.observed_weeks(HOURS, pd.Series(["a"] * 48, dtype="category")), "keep must hold True and False"),
    (lambda: metrics.expected_cost(1, np.inf, lost_load=1, call_out=1, hours_needed=1, faults_per_year=1), "finite"),
    (lambda: metrics.nab_score(pd.Series(COLUMN, HOURS.where(HOURS != HOURS[9])), SPANS), "rows without a time"),
    (lambda: metrics.nab_score(pd.Series(COLUMN, HOURS), SPANS, ["standard"]), "profile must be one of"),
    (lambda: metrics.nab_score(pd.Series(COLUMN, HOURS), SPANS, threshold=np.timedelta64(1, "h")), "threshold must be"),
    (lambda: metrics.range_recall([True], [True], bias=np.array([1, 2])), "bias must be one of"),
    # detectors
    (lambda: detectors.HotellingT2().decision_function(ROWS), "this HotellingT2 is not fitted yet"),
    (lambda: detectors.HotellingT2().set_params(contamination=0.7).fit(ROWS), "contamination must be in"),
    (lambda: detectors.HotellingT2(contamination="a tenth"), "contamination must be a number"),
    (lambda: detectors.HotellingT2().fit(1e-161 * ROWS).decision_function(1e139 * ROWS), "no finite score for 48 rows"),
    (lambda: detectors.EWMAChart(target=1e300).fit(COLUMN), "no finite score"),
    (lambda: detectors.HotellingT2().fit(ROWS).predict_proba(ROWS, method=["linear"]), "method must be one of"),
    (lambda: detectors.HotellingT2().fit(ROWS).limit(1e-300), "alpha must be a number between"),
    (lambda: detectors.GeneralizedESD(alpha=1e-300).fit(COLUMN), "alpha must be a number between"),
    (lambda: detectors.AdditiveRegression((12,), harmonics=10**6).fit(COLUMN), "too few for AdditiveRegression"),
    (lambda: detectors.AdditiveRegression((12,), trend=pd.NA).fit(COLUMN), "trend must be True or False"),
    (lambda: detectors.KMeansDistance(3, scale=pd.NA).fit(ROWS), "scale must be True or False"),
    (lambda: detectors.KMeansDistance(3, random_state=-1).fit(ROWS), "random_state must be a whole number"),
    (lambda: baselines.RandomScores(-1).fit(ROWS), "random_state must be a whole number"),
    (lambda: detectors.average_run_length(detectors.CUSUMChart(allowance=20.0)), "too long to be calculated"),
    (lambda: detectors.average_run_length(detectors.EWMAChart(limit=1e300)), "limit must be a number between"),
    (lambda: detectors.detect_entire(None, ROWS, 24), "detector must be one of ours or of PyOD's"),
    (lambda: detectors.gaussian_kl(ROWS, 1000 + ROWS), "log_variance has values beyond"),
    (lambda: detectors.gaussian_kl(ROWS, ROWS[:, :2]), "must have the same shape"),
    (lambda: detectors.lstm_cell(ROWS, ROWS[:, :2], ROWS[:, :2], np.ones((2, 8)), np.ones((2, 8)), np.ones(8)),
     "do not fit together"),
    (lambda: saving.packed("detector"), "must be a network of ours"),
    (lambda: saving.save_detector(None, 5), "path must be a path such as"),
    (lambda: ensembles.ScoreEnsemble([detectors.HotellingT2()], combine=pd.NA).fit(ROWS), "combine must be one of"),
    # boards and recipes
    (lambda: recipe.score_parts(ROWS, 60), "table must be a DataFrame"),
    (lambda: recipe.score_parts(LONG, 59), "healthy must be a whole number of 60 or more"),
    (lambda: recipe.score_parts(LONG, 97), "table has 96 rows, too few"),
    (lambda: recipe.score_parts(LONG.where(LONG < 2), 60), "missing values"),
    (lambda: recipe.score_parts(LONG * 1e70, 60), "values beyond 1e[+]60"),
    (lambda: recipe.score_parts(LONG.assign(b=0.0), 60), "a channel of table is constant"),
    (lambda: recipe.score_parts(pd.concat([LONG, LONG], axis=1), 60), "a name of its own"),
    (lambda: recipe.scores_of_array([["a"]] * 99, 60), "values must hold numbers only"),
    (lambda: recipe.scores_of_array(ROWS[:0], 60), "values has 0 rows"),
    (lambda: own_data.score(DAYS.to_frame(), np.timedelta64(1, "h")), "healthy must be a share"),
    (lambda: leaderboard.simulated_recording("drift", "one"), "seed must be a whole number"),
    (lambda: leaderboard.score_recording(detectors.HotellingT2(), ROWS), "recording must be a Recording"),
    (lambda: leaderboard.evaluate(detectors.HotellingT2(), 5), "suite must be 'mini' or a list"),
    (lambda: recipes.held_back_since(STORE, HOURS[0]), "there is no past to learn from"),
    (lambda: recipes.held_back_since(STORE[::-1], HOURS[9]), "not in time order"),
    (lambda: recipes.current_residual(STORE.assign(frequency=np.inf), HOURS[9]), "infinite or absurdly large"),
    (lambda: recipes.current_residual(STORE.assign(frequency="50"), HOURS[9]), "store must hold numbers"),
    (lambda: recipes.current_residual(STORE.assign(frequency=np.nan), HOURS[9]), "nothing to fit a line to"),
    (lambda: recipes.machine_features(STORE, HOURS[40], every=0), "every must be a whole number"),
    (lambda: recipes.machine_features(STORE * 0, HOURS[40], every=1), "there is no scale in them"),
    (lambda: recipes.members_scores(STORE, HOURS[40], [1]), "detectors must be a dict of detectors"),
    (lambda: recipes.combined_alarm(STORE.to_numpy(), HOURS[9]), "must be a DataFrame with a DatetimeIndex"),
])
def test_is_refused_in_words(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_one_row_can_be_held_back():
    assert recipes.held_back_since(STORE.iloc[:1], HOURS[9]) == HOURS[0]


def test_a_band_of_no_confidence_is_the_threshold():
    scores = np.exp(np.random.default_rng(1).normal(size=400))
    found = thresholds.peaks_over_threshold(scores, 1e-3, 0.9, confidence=1e-300)
    assert found.lower == pytest.approx(found.threshold)
    assert found.upper == pytest.approx(found.threshold)


def test_a_million_seasons_do_not_take_hours():
    few, many = (detectors.MovingMedianDecomposition(6, 6, n).fit(COLUMN).decision_scores_ for n in (7, 10**6))
    np.testing.assert_array_equal(few, many)


def test_probabilities_of_a_list():
    detector = detectors.HotellingT2().fit(ROWS)
    np.testing.assert_array_equal(detector.predict_proba(ROWS.tolist()), detector.predict_proba(ROWS))


def test_scaled_scores_of_a_list():
    ensemble = ensembles.ScoreEnsemble([detectors.HotellingT2()]).fit(ROWS)
    assert list(ensemble.scaled_scores(ROWS.tolist()).index) == list(range(48))


def test_a_unit_smaller_than_any_gets_a_state():
    x, h = np.full((1, 1), -1e4), np.zeros((1, 1))
    new_h, new_c = detectors.lstm_cell(x, h, h, np.ones((1, 4)), np.ones((1, 4)), np.zeros(4))
    assert np.isfinite([new_h, new_c]).all()


@pytest.mark.parametrize("make", [
    lambda: ensembles.AmplitudeDeviation(window=4),
    lambda: ensembles.ScoreEnsemble([detectors.VARResidual(), detectors.HotellingT2()]),
])
def test_ensembles_score_rows_as_they_come(make):
    at_once = make().fit(ROWS[:30]).decision_function(ROWS[30:])
    detector = make().fit(ROWS[:30])
    one_by_one = np.concatenate([detector.score_next(ROWS[row:row + 1]) for row in range(30, 48)])
    np.testing.assert_allclose(one_by_one, at_once, rtol=1e-9)


def test_readings_in_single_precision_are_inspected_and_scored_without_a_warning():
    table = pd.DataFrame({"a": np.tile(COLUMN, 4)}, pd.date_range("2024-03-01", periods=192, freq="h")).astype("float32")
    own_data.inspect(table)
    assert np.isfinite(own_data.score(table, 0.5).scores.iloc[96:]).all()
