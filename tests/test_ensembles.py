"""Scores on one scale, several detectors as one, and amplitude terms."""

import numpy as np
import pandas as pd
import pytest
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from scipy import stats
from sklearn.base import clone

from mupy_helpers.detectors import (
    SPE,
    AdditiveRegression,
    EWMAChart,
    HotellingT2,
    SeasonalHybridESDOffline,
    VARResidual,
    detect_entire,
)
from mupy_helpers.ensembles import SCALES, AmplitudeDeviation, ScoreEnsemble, ScoreScale, combine_scores

N, FIT = 400, 250


def frame(seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(N, 3)) + 2 * np.sin(np.arange(N) / 4)[:, np.newaxis]
    rows[320:340, 1] += 6
    return pd.DataFrame(rows, index=pd.date_range("2024-03-01", periods=N, freq="1h"), columns=["a", "b", "c"])


def three():
    return [HotellingT2(n_components=2), VARResidual(lags=2), KNN()]


# --- Scales -----------------------------------------------------------------------------------------------------------

def test_the_scales_are_those_of_their_definitions():
    train, new = np.array([1.0, 2.0, 2.0, 3.0, 12.0]), np.array([0.0, 2.0, 5.0, 99.0])
    np.testing.assert_allclose(ScoreScale("rank").fit(train).transform(new), [0, 0.4, 0.8, 1])
    np.testing.assert_allclose(ScoreScale("z").fit(train).transform(new), (new - 4) / np.sqrt(82 / 5))
    # Median 2, deviations 1, 0, 0, 1, 10: their median is 1.
    np.testing.assert_allclose(ScoreScale("robust_z").fit(train).transform(new),
                               (new - 2) / stats.median_abs_deviation(train, scale="normal"))
    z = (new - 4) / np.sqrt(82 / 5)
    np.testing.assert_allclose(ScoreScale("probability").fit(train).transform(new),
                               np.maximum(2 * stats.norm.cdf(z) - 1, 0))


def test_the_probability_is_that_of_pyod():
    df = frame()
    detector = KNN().fit(df.iloc[:FIT])
    scale = ScoreScale("probability").fit(detector.decision_scores_)
    np.testing.assert_allclose(scale.transform(detector.decision_function(df.iloc[FIT:])),
                               detector.predict_proba(df.iloc[FIT:].to_numpy(), method="unify")[:, 1], atol=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_scales_keep_the_order_and_the_training_scores(scale):
    train = np.random.default_rng(0).exponential(size=200)
    before, new = train.copy(), np.sort(np.random.default_rng(1).exponential(size=50))
    fitted = ScoreScale(scale).fit(train)
    scaled = fitted.transform(new)
    assert (np.diff(scaled) >= 0).all() and (train == before).all()
    train[:] = 0
    np.testing.assert_array_equal(fitted.transform(new), scaled)  # later changes of the array do not matter
    np.testing.assert_array_equal(fitted.transform(new[:1]), scaled[:1])  # one by one as all together


def test_the_unit_of_a_score_does_not_matter():
    train, new = np.random.default_rng(0).exponential(size=(2, 99))
    for scale in SCALES:
        np.testing.assert_allclose(ScoreScale(scale).fit(1e6 * train + 5).transform(1e6 * new + 5),
                                   ScoreScale(scale).fit(train).transform(new), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("scale", "scores", "message"), [
    ("softmax", [1, 2], "scale must be one of"),
    ("z", [2, 2, 2], "the training scores are constant"),
    ("robust_z", [2, 2, 2, 3], "use the scale 'rank' or 'z'"),
    ("robust_z", [2, 2, 2], "the training scores are constant"),
    ("rank", [1, np.nan], "missing values"),
    ("rank", [1], "too few"),
])
def test_bad_scales_are_named(scale, scores, message):
    with pytest.raises(ValueError, match=message):
        ScoreScale(scale).fit(scores)


def test_an_unfitted_scale_says_so():
    for scale in SCALES:
        with pytest.raises(ValueError, match="not fitted yet"):
            ScoreScale(scale).transform([1.0])


# --- Combinations -----------------------------------------------------------------------------------------------------

def test_combinations_of_a_small_table():
    scores = np.array([[1.0, 2.0, 6.0], [0.0, 4.0, 2.0]])
    assert combine_scores(scores).tolist() == [3, 2]
    assert combine_scores(scores, "max").tolist() == [6, 4]
    assert combine_scores(scores, "median").tolist() == [2, 2]
    assert combine_scores(scores, weights=[2, 1, 1]).tolist() == [2.5, 1.5]
    assert combine_scores(scores > 1.5, "vote").tolist() == pytest.approx([2 / 3, 2 / 3])
    assert combine_scores(scores > 3, "vote", weights=[1, 3, 0]).tolist() == [0, 0.75]


@pytest.mark.parametrize(("arguments", "message"), [
    ({"how": "sum"}, "how must be one of"),
    ({"how": "vote"}, "a vote needs True and False"),
    ({"how": "max", "weights": [1, 1]}, "weights have no meaning"),
    ({"weights": [1, 1, 1]}, "3 weights for 2 columns"),
    ({"weights": [1, -1]}, "zero or more"),
    ({"weights": [0, 0]}, "not all zero"),
])
def test_bad_combinations_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        combine_scores([[1.0, 2.0], [3.0, 4.0]], **arguments)


# --- The ensemble -----------------------------------------------------------------------------------------------------

def test_the_ensemble_is_what_its_parts_say():
    df = frame()
    past, later = df.iloc[:FIT], df.iloc[FIT:]
    parts = [HotellingT2(n_components=2).fit(past), VARResidual(lags=2).fit(past), KNN().fit(past.to_numpy())]
    scaled = [ScoreScale("z").fit(part.decision_scores_).transform(part.decision_function(rows))
              for part, rows in zip(parts, (later, later, later.to_numpy()), strict=True)]
    for combine, expected in (("mean", np.mean(scaled, axis=0)), ("max", np.max(scaled, axis=0))):
        ensemble = ScoreEnsemble(three(), "z", combine).fit(past)
        np.testing.assert_allclose(ensemble.decision_function(later), expected)
        table = ensemble.scaled_scores(later)
        assert list(table.columns) == ["HotellingT2", "VARResidual", "KNN"] and table.index.equals(later.index)
        np.testing.assert_allclose(table.to_numpy().T, scaled)
    votes = [part.decision_function(rows) > np.quantile(part.decision_scores_, 0.9)
             for part, rows in zip(parts, (later, later, later.to_numpy()), strict=True)]
    ensemble = ScoreEnsemble(three(), combine="vote").fit(past)
    np.testing.assert_allclose(ensemble.decision_function(later), np.mean(votes, axis=0))
    assert set(ensemble.scaled_scores(later).to_numpy().ravel()) <= {0, 1}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("combine", ["mean", "median", "max", "vote"])
def test_the_future_changes_nothing_and_only_training_scores_make_the_scale(scale, combine):
    df = frame()
    ensemble = ScoreEnsemble(three(), scale, combine).fit(df.iloc[:FIT])
    scores = ensemble.decision_function(df.iloc[FIT:])
    other = df.iloc[FIT:].copy()
    other.iloc[80:] = 1e6
    np.testing.assert_allclose(ensemble.decision_function(other)[:80], scores[:80], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ensemble.decision_function(df.iloc[FIT:FIT + 10]), scores[:10], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(detect_entire(ScoreEnsemble(three(), scale, combine), df, FIT)[FIT:], scores)


def test_detectors_stay_as_they_are_and_can_be_fitted_before():
    df, detectors = frame(), three()
    ensemble = ScoreEnsemble(detectors).fit(df.iloc[:FIT])
    assert not any(hasattr(detector, "decision_scores_") for detector in detectors)
    fitted = [HotellingT2(n_components=2).fit(df.iloc[:FIT]), VARResidual(lags=2).fit(df.iloc[:FIT]),
              KNN().fit(df.iloc[:FIT].to_numpy())]
    before = ScoreEnsemble(fitted, prefit=True).fit(df.iloc[:FIT])
    assert before.detectors_ == fitted and before.detectors_[0] is fitted[0]
    np.testing.assert_array_equal(before.decision_function(df.iloc[FIT:]), ensemble.decision_function(df.iloc[FIT:]))
    assert before.threshold_ == ensemble.threshold_
    with pytest.raises(ValueError, match="HotellingT2 has 250 scores for 200 rows"):
        ScoreEnsemble(fitted, prefit=True).fit(df.iloc[:200])
    with pytest.raises(ValueError, match="fit it first, or set prefit=False"):
        ScoreEnsemble(three(), prefit=True).fit(df.iloc[:FIT])


def test_two_of_a_kind_and_times_for_those_that_need_them():
    df = frame()[["a"]]
    ensemble = ScoreEnsemble([AdditiveRegression(periods=["1D"]), EWMAChart(0.1), EWMAChart(0.4)])
    names = ensemble.fit(df.iloc[:FIT]).scaled_scores(df.iloc[FIT:]).columns
    assert list(names) == ["AdditiveRegression", "EWMAChart 1", "EWMAChart 2"]
    assert clone(ensemble).get_params()["scale"] == "robust_z"


def test_the_ensemble_finds_the_fault_that_its_parts_find():
    df = frame()
    scores = ScoreEnsemble([SPE(n_components=1), IForest(random_state=0)]).fit(df.iloc[:FIT]).decision_function(
        df.iloc[FIT:])
    fault = np.arange(FIT, N) // 20 == 16
    assert np.median(scores[fault]) > np.quantile(scores[~fault], 0.99)


class Short:
    def fit(self, X):
        self.decision_scores_ = np.arange(len(X), dtype=float)
        return self

    def decision_function(self, X):
        return np.zeros(len(X) - 1)


@pytest.mark.parametrize(("ensemble", "error", "message"), [
    (ScoreEnsemble([]), ValueError, "a list of one detector or more"),
    (ScoreEnsemble([3]), TypeError, "int is no detector"),
    (ScoreEnsemble([SeasonalHybridESDOffline(period=24)]), ValueError, "looks at the whole series"),
    (ScoreEnsemble(three(), scale="log"), ValueError, "scale must be one of"),
    (ScoreEnsemble(three(), combine="sum"), ValueError, "combine must be one of"),
    (ScoreEnsemble(three(), weights=[1, 2]), ValueError, "2 weights for 3 columns"),
])
def test_bad_ensembles_are_named(ensemble, error, message):
    with pytest.raises(error, match=message):
        ensemble.fit(frame().iloc[:FIT])


def test_a_detector_that_leaves_rows_out_is_named():
    ensemble = ScoreEnsemble([Short()]).fit(frame().iloc[:FIT])
    with pytest.raises(ValueError, match="Short has 149 scores for 150 rows"):
        ensemble.decision_function(frame().iloc[FIT:])


# --- Amplitude --------------------------------------------------------------------------------------------------------

def test_amplitude_terms_are_those_of_their_definition():
    df = frame()
    past, later, w = df.iloc[:FIT], df.iloc[FIT:], 5
    unit = stats.median_abs_deviation(past, scale="normal")
    scores = AmplitudeDeviation(window=w).fit(past).decision_function(later)
    shifts = AmplitudeDeviation(window=w, terms="shift").fit(past).decision_function(later)
    for row in (0, 3, 80, 149):
        at = FIT + row
        level = np.abs(df.iloc[at] - past.median()) / unit
        shift = np.abs(df.iloc[at - w + 1:at + 1].mean() - df.iloc[at - 2 * w + 1:at - w + 1].mean()) / unit
        assert scores[row] == pytest.approx(max(level.max(), shift.max()))
        assert shifts[row] == pytest.approx(shift.max())


@pytest.mark.parametrize("terms", ["both", "level", "shift"])
def test_amplitude_is_causal_and_knows_its_memory(terms):
    df, detector = frame(), AmplitudeDeviation(window=6, terms=terms)
    entire = detect_entire(detector, df, FIT)
    for end in (FIT + 1, 330):
        np.testing.assert_allclose(detect_entire(detector, df.iloc[:end], FIT), entire[:end], atol=1e-9)
    assert detect_entire(AmplitudeDeviation(6, "shift"), df, FIT)[:11].eq(0).all()


@pytest.mark.parametrize(("detector", "message"), [
    (AmplitudeDeviation(window=0), "window must be a whole number"),
    (AmplitudeDeviation(terms="mean"), "terms must be"),
    (AmplitudeDeviation(window=200), "250 training rows are too few"),
])
def test_bad_amplitude_parameters_are_named(detector, message):
    with pytest.raises(ValueError, match=message):
        detector.fit(frame().iloc[:FIT])
