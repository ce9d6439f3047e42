"""Detectors: known values, published tables, and the promise that none of them sees the future."""

import numpy as np
import pandas as pd
import pytest
from pyod.models.base import BaseDetector
from pyod.models.ecod import ECOD
from pyod.models.knn import KNN
from scipy import stats
from sklearn.base import clone

from mupy_helpers import detectors
from mupy_helpers.detectors import (
    SPE,
    T2SPE,
    AdditiveRegression,
    CUSUMChart,
    EWMAChart,
    GeneralizedESD,
    HotellingT2,
    KMeansDistance,
    MovingMedianDecomposition,
    SeasonalHybridESDOffline,
    TrailingRange,
    VARResidual,
    average_run_length,
    detect_entire,
    detect_last,
    generalized_esd,
)
from mupy_helpers.detectors.base import Detector

N, FIT = 420, 260


def frame(seed=0, n=N):
    """Three hourly channels with a day, neighbours that resemble each other, a spike and a shift; and a gap."""
    rng = np.random.default_rng(seed)
    noise = np.zeros((n + 9, 3))
    for row in range(1, len(noise)):
        noise[row] = 0.6 * noise[row - 1] + rng.normal(size=3)
    day = np.sin(2 * np.pi * np.arange(n + 9) / 24)
    index = pd.date_range("2024-03-01", periods=n + 9, freq="1h").delete(range(150, 159))
    df = pd.DataFrame(np.delete(noise, range(150, 159), axis=0), index=index, columns=["room", "coil", "suction"])
    df["room"] += 3 * np.delete(day, range(150, 159))
    df["coil"] += 0.8 * df["room"]
    df.iloc[300, 0] += 12
    df.iloc[340:, 1] += 3
    return df


CAUSAL = {
    "GeneralizedESD": GeneralizedESD(),
    "MovingMedianDecomposition": MovingMedianDecomposition(window=24),
    "MovingMedianDecomposition with season": MovingMedianDecomposition(window=48, period=24, n_seasons=3),
    "TrailingRange": TrailingRange(window=48),
    "EWMAChart": EWMAChart(),
    "CUSUMChart": CUSUMChart(),
    "AdditiveRegression": AdditiveRegression(periods=["1D", "3D"]),
    "VARResidual": VARResidual(lags=3),
    "KMeansDistance": KMeansDistance(n_clusters=3),
    "HotellingT2": HotellingT2(n_components=2),
    "SPE": SPE(n_components=1),
    "T2SPE": T2SPE(n_components=0.8),
}
OFFLINE = {"SeasonalHybridESDOffline": SeasonalHybridESDOffline(period=24)}
ALL = {**CAUSAL, **OFFLINE}
SEVERAL = ("VARResidual", "KMeansDistance", "HotellingT2", "SPE", "T2SPE")


def rows_for(detector, seed=0):
    df = frame(seed)
    return df["room"] if detector.univariate else df


def test_every_detector_is_in_the_tests_and_says_when_it_looks_ahead():
    made = {name for name in detectors.__all__ if isinstance(getattr(detectors, name), type)}
    networks = {"DenseAutoencoder", "LSTMAutoencoder", "LSTMForecaster", "VariationalAutoencoder"}  # test_networks.py
    assert made == {type(detector).__name__ for detector in ALL.values()} | networks
    for detector in ALL.values():
        assert detector.offline == type(detector).__name__.endswith("Offline")


# --- The future -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CAUSAL)
def test_without_the_future_the_past_scores_stay_the_same(name, seed):
    detector = CAUSAL[name]
    series = rows_for(detector, seed)
    entire = detect_entire(detector, series, FIT)
    assert entire.index.equals(series.index) and entire.dtype == float and np.isfinite(entire).all()
    for end in (FIT, FIT + 1, 301, 345):
        past = series.iloc[:end]
        np.testing.assert_allclose(detect_entire(detector, past, FIT), entire.iloc[:end], rtol=0, atol=1e-9)
        assert detect_last(detector, past, FIT) == pytest.approx(entire.iloc[end - 1], rel=0, abs=1e-9)


@pytest.mark.parametrize("name", CAUSAL)
def test_another_future_leaves_the_scores_as_they_were(name):
    detector = CAUSAL[name]
    series = rows_for(detector)
    other = series.copy()
    other.iloc[350:] = 1000 * np.random.default_rng(1).normal(size=other.iloc[350:].shape)
    np.testing.assert_allclose(detect_entire(detector, other, FIT)[:350], detect_entire(detector, series, FIT)[:350],
                               rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", CAUSAL)
def test_arrays_get_the_same_scores_as_frames(name):
    detector = clone(CAUSAL[name])
    if name == "AdditiveRegression":
        detector.set_params(periods=[24, 72])
    series = rows_for(detector)
    from_array = detect_entire(detector, series.to_numpy(), FIT)
    assert isinstance(from_array, np.ndarray)
    if name != "AdditiveRegression":  # rows are not hours where there is a gap
        np.testing.assert_array_equal(from_array, detect_entire(detector, series, FIT))
    assert detect_last(detector, series.to_numpy()[:350], FIT) == pytest.approx(from_array[349], abs=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_the_way_rows_are_stored_does_not_matter(name):
    detector = clone(ALL[name])
    if name == "AdditiveRegression":
        detector.set_params(periods=[24])
    values = np.round(rows_for(detector).to_numpy() * 64) / 64  # these numbers are the same in 32 bits
    expected = clone(detector).fit(values[:FIT]).decision_function(values[FIT:])
    spread = np.zeros((2 * N, *values.shape[1:]))
    spread[::2] = values
    for stored in (values.astype("float32"), spread[::2], np.asfortranarray(values), values.astype(object)):
        again = clone(detector).fit(stored[:FIT]).decision_function(stored[FIT:])
        np.testing.assert_allclose(again, expected, rtol=1e-9, atol=1e-9)
    again = clone(detector).fit(values[:FIT].tolist()).decision_function(values[FIT:].tolist())
    np.testing.assert_allclose(again, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", CAUSAL)
def test_rows_scored_alone_get_the_scores_that_they_get_together(name):
    """For the first row after the fit, and for all rows where there is no memory."""
    detector = clone(CAUSAL[name])
    series = rows_for(detector)
    detector.fit(series.iloc[:FIT])
    together = detector.decision_function(series.iloc[FIT:])
    rows = [0] if detector.sequential else [0, 40, 41, N - FIT - 1]
    for row in rows:
        alone = detector.decision_function(series.iloc[FIT + row:FIT + row + 1])
        np.testing.assert_allclose(alone, together[row:row + 1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", CAUSAL)
def test_entire_and_last_agree_at_any_fit_and_any_end(name, seed):
    rng = np.random.default_rng(seed)
    detector, series = CAUSAL[name], rows_for(CAUSAL[name], seed + 10)
    fit_rows = int(rng.integers(150, 320))
    entire = detect_entire(detector, series, fit_rows)
    for end in (fit_rows, *rng.integers(fit_rows + 1, N, 2)):
        past = series.iloc[:end]
        np.testing.assert_allclose(detect_entire(detector, past, fit_rows), entire.iloc[:end], rtol=0, atol=1e-9)
        assert detect_last(detector, past, fit_rows) == pytest.approx(entire.iloc[end - 1], rel=0, abs=1e-9)


@pytest.mark.parametrize("name", ["MovingMedianDecomposition with season", "TrailingRange", "EWMAChart", "CUSUMChart",
                                  "VARResidual"])
def test_scoring_goes_on_where_the_fit_ended(name):
    """Fitted on more rows with the same constants, the rows after get the same scores."""
    detector = clone(CAUSAL[name])
    series = rows_for(detector)
    if name in ("EWMAChart", "CUSUMChart"):
        detector.set_params(target=0.0, sigma=2.0)
    early, late = clone(detector).fit(series.iloc[:200]), clone(detector).fit(series.iloc[:FIT])
    if name.startswith("Moving"):
        late.scale_ = early.scale_
    if name == "VARResidual":
        for part in ("_centre", "_size", "_intercept", "_coefficients", "_precision"):
            setattr(late, part, getattr(early, part))
        late._memory = ((series.to_numpy()[FIT - 3:FIT] - early._centre) / early._size)
    expected = early.decision_function(series.iloc[200:])[FIT - 200:]
    np.testing.assert_allclose(late.decision_function(series.iloc[FIT:]), expected, rtol=0, atol=1e-9)


def test_what_looks_ahead_says_so_and_changes_its_mind():
    detector = OFFLINE["SeasonalHybridESDOffline"]
    series = frame()["room"]
    entire = detect_entire(detector, series)
    assert len(entire) == N
    assert detect_last(detector, series) == pytest.approx(entire.iloc[-1])
    assert not np.allclose(detect_entire(detector, series.iloc[:350]), entire.iloc[:350])
    with pytest.raises(ValueError, match="leave fit_rows out"):
        detect_entire(detector, series, FIT)


def test_detectors_of_pyod_work_as_well_but_not_those_that_peek():
    df = frame()
    entire = detect_entire(KNN(), df, FIT)
    assert entire.index.equals(df.index)
    assert detect_last(KNN(), df.iloc[:320], FIT) == pytest.approx(entire.iloc[319])
    with pytest.raises(ValueError, match="ECOD scores a row by the rows given with it"):
        detect_entire(ECOD(), df, FIT)


# --- PyOD's interface -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ALL)
def test_the_interface_is_that_of_pyod(name):
    detector = clone(ALL[name])
    series = rows_for(detector)
    assert isinstance(detector, BaseDetector) and detector.fit(series.iloc[:FIT]) is detector
    assert detector.decision_scores_.shape == detector.labels_.shape == (FIT,)
    assert detector.decision_scores_.dtype == float and np.isfinite(detector.decision_scores_).all()
    assert set(detector.labels_) <= {0, 1} and isinstance(float(detector.threshold_), float)
    later = series.iloc[FIT:]
    scores = detector.decision_function(later)
    assert scores.shape == (N - FIT,) and scores.dtype == float
    if not detector.offline:
        np.testing.assert_array_equal(detector.predict(later), scores > detector.threshold_)
    assert detector.predict_proba(later).shape == (N - FIT, 2)
    np.testing.assert_array_equal(detector.decision_function(later), scores)  # scoring changes nothing
    assert clone(detector).get_params() == detector.get_params()
    assert type(detector).__name__ in repr(detector)


@pytest.mark.parametrize("name", [name for name, detector in ALL.items() if "contamination" in detector.get_params()])
def test_contamination_is_the_share_of_training_rows_that_is_labelled(name):
    detector = clone(ALL[name]).set_params(contamination=0.05)
    detector.fit(rows_for(detector).iloc[:FIT])
    assert detector.threshold_ == np.quantile(detector.decision_scores_, 0.95)
    assert detector.labels_.mean() <= 0.05 + 1e-9


@pytest.mark.parametrize("name", ALL)
def test_inputs_stay_as_they_are(name):
    detector = clone(ALL[name])
    series = rows_for(detector)
    before = series.copy()
    detector.fit(series.iloc[:FIT]).decision_function(series.iloc[FIT:])
    assert before.equals(series)
    values = series.to_numpy(copy=True)
    values.flags.writeable = False
    if name == "AdditiveRegression":
        detector.set_params(periods=[24])
    detector.fit(values[:FIT]).decision_function(values[FIT:])


@pytest.mark.parametrize("name", ALL)
def test_a_fit_does_not_follow_later_changes_of_its_rows(name):
    detector = clone(ALL[name])
    if name == "AdditiveRegression":
        detector.set_params(periods=[24])
    values = rows_for(detector).to_numpy(copy=True)
    detector.fit(values[:FIT])
    expected = detector.decision_function(values[FIT:])
    later = values[FIT:].copy()
    values[:] = 7
    np.testing.assert_allclose(detector.decision_function(later), expected, rtol=1e-9)


# --- Bad input --------------------------------------------------------------------------------------------------------

def spoiled(series, value):
    series = series.copy()
    series.iloc[3] = value
    return series


BAD = {
    "missing": (lambda rows: spoiled(rows, np.nan), ValueError, r"missing values \(NaN\): fill them"),
    "infinite": (lambda rows: spoiled(rows, -np.inf), ValueError, "infinite values"),
    "unsorted": (lambda rows: rows.iloc[::-1], ValueError, "not in time order: use sort_index"),
    "duplicate": (lambda rows: rows.iloc[np.r_[0:50, 49:100]], ValueError, "1 duplicate time stamps"),
    "empty": (lambda rows: rows.iloc[:0], ValueError, "0 rows, too few"),
    "text": (lambda rows: rows.astype(str), TypeError, "must hold numbers only"),
    "nothing": (lambda rows: None, TypeError, "must hold numbers only"),
    "deep": (lambda rows: np.zeros((5, 5, 5)), ValueError, "must have rows and columns"),
    "no column": (lambda rows: np.zeros((5, 0)), ValueError, "must have rows and columns"),
    "absurd": (lambda rows: spoiled(rows, 1e200), ValueError, "values beyond 1e"),
    "constant": (lambda rows: rows * 0 + 3, ValueError, "constant"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", ALL)
def test_bad_rows_are_named_at_the_fit(name, bad):
    spoil, error, message = BAD[bad]
    if name == "KMeansDistance" and bad == "constant":
        message = "3 clusters need as many different training rows"
    detector = clone(ALL[name])
    with pytest.raises(error, match=message):
        detector.fit(spoil(rows_for(detector).iloc[:FIT]))


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad != "constant"])
@pytest.mark.parametrize("name", ALL)
def test_bad_rows_are_named_at_the_scoring(name, bad):
    spoil, error, message = BAD[bad]
    detector = clone(ALL[name])
    series = rows_for(detector)
    detector.fit(series.iloc[:FIT])
    with pytest.raises(error, match=message):
        detector.decision_function(spoil(series.iloc[FIT:]))


@pytest.mark.parametrize("name", ALL)
def test_few_rows_and_wrong_widths_are_named(name):
    detector = clone(ALL[name])
    series = rows_for(detector)
    with pytest.raises(ValueError, match="too few|as many different|one column|single column|fitted up to|constant"
                                         "|shorter than the period"):
        detector.fit(series.iloc[:1])
    for n in range(1, 12):  # never an error from inside another library
        try:
            detector.fit(series.iloc[:n])
        except ValueError as error:
            assert any(word in str(error) for word in ("too few", "constant", "as many different", "shorter than",
                                                       "columns", "leave at least two")), error
    detector.fit(series.iloc[:FIT])
    with pytest.raises(ValueError, match="a single column, not 2|has 2 columns, but .* was fitted on 3"):
        detector.decision_function(frame()[["room", "coil"]].iloc[FIT:])


@pytest.mark.parametrize("size", [1e-200, 1e-9, 1e9, 1e100])
@pytest.mark.parametrize("name", ALL)
def test_the_unit_does_not_matter(name, size):
    detector = clone(ALL[name])
    series = rows_for(detector).iloc[:FIT]
    expected = clone(detector).fit(series).decision_scores_
    try:
        np.testing.assert_allclose(detector.fit(series * size).decision_scores_, expected, rtol=1e-6, atol=1e-9)
    except ValueError as error:
        assert size == 1e-200 and ("constant" in str(error) or "exactly" in str(error) or "equal" in str(error))


@pytest.mark.parametrize("name", SEVERAL)
def test_columns_in_another_order_are_refused(name):
    detector = clone(CAUSAL[name]).fit(frame().iloc[:FIT])
    with pytest.raises(ValueError, match="the same ones in the same order"):
        detector.decision_function(frame()[["coil", "room", "suction"]].iloc[FIT:])


@pytest.mark.parametrize("name", SEVERAL)
def test_a_constant_column_is_named(name):
    df = frame().iloc[:FIT].assign(coil=1.0)
    with pytest.raises(ValueError, match="constant in the training rows: column coil"):
        clone(CAUSAL[name]).fit(df)
    with pytest.raises(ValueError, match="constant in the training rows: columns coil, suction"):
        clone(CAUSAL[name]).fit(df.assign(suction=0.0))


@pytest.mark.parametrize("name", [name for name, detector in CAUSAL.items() if detector.sequential])
def test_what_goes_on_from_the_fit_refuses_earlier_rows(name):
    detector = clone(CAUSAL[name])
    series = rows_for(detector)
    detector.fit(series.iloc[:FIT])
    with pytest.raises(ValueError, match="score later rows; those of the training rows are in decision_scores_"):
        detector.decision_function(series.iloc[FIT - 1:])
    with pytest.raises(ValueError, match="time zone"):
        detector.decision_function(series.iloc[FIT:].tz_localize("UTC"))


@pytest.mark.parametrize("detector, message", [
    (MovingMedianDecomposition(window=0), "window must be a whole number of 1 or more"),
    (MovingMedianDecomposition(window=24, period=1), "period must be a whole number of 2 or more"),
    (MovingMedianDecomposition(window=300), "260 training rows are too few .* give at least 302"),
    (TrailingRange(window=2.5), "window must be a whole number"),
    (TrailingRange(window=5, warm_up=400), "give at least 401"),
    (EWMAChart(weight=1.5), r"weight must be in \(0, 1\]"),
    (EWMAChart(limit=0), "limit must be a number above 0"),
    (EWMAChart(sigma=-1), "sigma must be a number above 0"),
    (CUSUMChart(allowance=-0.5), "allowance must be zero or more"),
    (CUSUMChart(target=np.nan), "target must be a finite number"),
    (AdditiveRegression(periods="1D"), "periods must be a sequence"),
    (AdditiveRegression(periods=[24]), "give times such as '1D' for rows with a time index"),
    (AdditiveRegression(periods=["a day"]), "is not a length of time"),
    (AdditiveRegression(periods=["0h"]), "must be longer than zero"),
    (AdditiveRegression(periods=["365D"]), "shorter than the period '365D'"),
    (AdditiveRegression(periods=["1D"], harmonics=13), "use fewer harmonics"),
    (AdditiveRegression(harmonics=0), "harmonics must be a whole number"),
    (GeneralizedESD(max_outliers=259), "leave at least two rows that are none"),
    (GeneralizedESD(alpha=5), "alpha must be a number between 1e-12 and 1"),
    (SeasonalHybridESDOffline(period=200), "two seasons of 200 rows"),
    (SeasonalHybridESDOffline(period=24, max_share=0.7), "max_share must be a number between 0 and 0.5"),
    (SeasonalHybridESDOffline(period=24, median_rows=5), "median_rows must be a whole number of 24 or more"),
    (VARResidual(lags=0), "lags must be a whole number"),
    (VARResidual(lags=80), "too few for VARResidual"),
    (KMeansDistance(n_clusters=0), "n_clusters must be a whole number"),
    (KMeansDistance(n_clusters=300), "300 clusters need as many different training rows"),
    (HotellingT2(n_components=4), "vary in 3 directions only"),
    (HotellingT2(n_components=1.5), "n_components must be a number between 0 and 1"),
    (SPE(n_components=3), "lower n_components"),
    (T2SPE(alpha=0), "alpha must be a number between 1e-12 and 1"),
])
def test_bad_parameters_are_named(detector, message):
    with pytest.raises(ValueError, match=message):
        clone(detector).fit(rows_for(detector).iloc[:FIT])


def test_an_unfitted_detector_and_missing_fit_rows_are_named():
    series = frame()["room"]
    with pytest.raises(ValueError, match="not fitted yet"):
        EWMAChart().decision_function(series)
    with pytest.raises(ValueError, match="fit_rows is missing"):
        detect_entire(EWMAChart(), series)
    with pytest.raises(ValueError, match="fit_rows is 500, but the series has 420 rows"):
        detect_last(EWMAChart(), series, 500)
    with pytest.raises(ValueError, match="contamination must be in"):
        TrailingRange(5, contamination=0.9)


# --- Generalised ESD --------------------------------------------------------------------------------------------------

# Rosner (1983), as printed in the NIST/SEMATECH e-Handbook, section 1.3.5.17.3, with its table of the test.
ROSNER = [-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.70,
          1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40,
          2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01]
STATISTICS = [3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067]
CRITICAL = [3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085]


def test_generalised_esd_is_that_of_the_nist_handbook():
    assert len(ROSNER) == 54
    steps = generalized_esd(ROSNER, max_outliers=10, alpha=0.05)
    # The handbook cuts its digits off (3.1189 is printed as 3.118).
    np.testing.assert_allclose(steps["statistic"], STATISTICS, rtol=0, atol=1.01e-3)
    np.testing.assert_allclose(steps["critical"], CRITICAL, rtol=0, atol=1.01e-3)
    assert steps["is_outlier"].sum() == 3
    assert steps.loc[steps["is_outlier"], "value"].tolist() == [6.01, 5.42, 5.34]
    # The first two statistics alone are not significant: the outliers mask each other.
    assert (steps["statistic"] > steps["critical"]).tolist() == [False, False, True] + 7 * [False]


def test_the_detector_labels_the_three_outliers_wherever_they_are():
    order = np.random.default_rng(0).permutation(54)
    values = np.array(ROSNER)[order]
    detector = GeneralizedESD(max_outliers=10).fit(values)
    assert sorted(values[detector.labels_ == 1]) == [5.34, 5.42, 6.01]
    clean = np.sort(values)[:-3]
    assert detector.mean_ == pytest.approx(clean.mean())
    assert detector.standard_deviation_ == pytest.approx(clean.std(ddof=1))
    np.testing.assert_allclose(detector.decision_function([[2.0], [9.0]]),
                               np.abs(np.array([2.0, 9.0]) - clean.mean()) / clean.std(ddof=1))


def test_the_threshold_is_where_grubbs_test_calls_one_more_row_an_outlier():
    rows = np.random.default_rng(1).normal(size=60)
    detector = GeneralizedESD().fit(rows)
    assert detector.labels_.sum() == 0
    for factor, outlier in ((0.999, False), (1.001, True)):
        further = detector.mean_ + factor * detector.threshold_ * detector.standard_deviation_
        grubbs = generalized_esd(np.append(rows, further), max_outliers=1)
        assert grubbs["is_outlier"].tolist() == [outlier]


def test_generalised_esd_finds_outliers_in_few_samples_that_have_none():
    rng = np.random.default_rng(2)
    found = sum(generalized_esd(rng.normal(size=50), 5)["is_outlier"].any() for _ in range(400))
    assert found <= 0.05 * 400 + 3 * np.sqrt(400 * 0.05 * 0.95)


def test_masking_and_constant_rests():
    steps = generalized_esd([1.0] * 30 + [5.0, 5.0], max_outliers=4)
    assert steps["is_outlier"].tolist() == [True, True, False, False]
    with pytest.raises(ValueError, match="all equal"):
        generalized_esd([1.0] * 30)
    with pytest.raises(ValueError, match="without its outliers the training data are constant"):
        GeneralizedESD().fit([1.0] * 30 + [5.0, 5.0])


# --- Seasonal hybrid ESD ----------------------------------------------------------------------------------------------

def test_seasonal_hybrid_esd_finds_what_the_season_hides():
    rng = np.random.default_rng(3)
    t = np.arange(24 * 14)
    values = 10 * np.sin(2 * np.pi * t / 24) + rng.normal(0, 0.5, len(t))
    values[100] -= 8
    values[201:204] += 6
    assert np.abs(values).max() < 1.3 * 10 + 6
    detector = SeasonalHybridESDOffline(period=24, max_share=0.05).fit(values)
    assert np.flatnonzero(detector.labels_).tolist() == [100, 201, 202, 203]
    assert GeneralizedESD().fit(values).labels_.sum() == 0
    np.testing.assert_array_equal(detector.predict(values), detector.labels_)
    np.testing.assert_allclose(detector.decision_function(values), detector.decision_scores_)
    labels, confidence = detector.predict(values, return_confidence=True)
    assert labels.shape == confidence.shape == values.shape
    assert np.corrcoef(detector.season_, np.sin(2 * np.pi * t / 24))[0, 1] > 0.99


def test_a_level_that_wanders_is_taken_out_piece_by_piece():
    rng = np.random.default_rng(4)
    t = np.arange(24 * 20)
    values = np.where(t < 240, 0.0, 30.0) + np.sin(2 * np.pi * t / 24) + rng.normal(0, 0.3, len(t))
    values[400] += 6
    one = SeasonalHybridESDOffline(period=24).fit(values)
    pieces = SeasonalHybridESDOffline(period=24, median_rows=240).fit(values)
    assert pieces.labels_[400] == 1 and pieces.labels_.sum() < 5
    assert one.labels_.sum() > 40  # the test takes one of the two levels for outliers


def test_hybrid_esd_needs_some_spread():
    values = np.tile([0.0, 1.0, 0.0, 2.0], 20)
    with pytest.raises(ValueError, match="without its season half of the series or more is constant"):
        SeasonalHybridESDOffline(period=4).fit(values)


# --- Moving median ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("window, period, n_seasons", [(5, None, 7), (6, 4, 3), (4, 6, 1)])
def test_moving_median_equals_the_definition(window, period, n_seasons):
    x = np.random.default_rng(5).normal(size=120)
    detector = MovingMedianDecomposition(window, period, n_seasons).fit(x[:80])
    above = np.full(120, np.nan)
    left = np.full(120, np.nan)
    for t in range(window, 120):
        above[t] = x[t] - np.median(x[t - window:t])
        if period is None:
            left[t] = above[t]
        else:
            before = [above[t - period * k] for k in range(1, n_seasons + 1)
                      if t - period * k >= 0 and not np.isnan(above[t - period * k])]
            left[t] = above[t] - np.median(before) if before else np.nan
    known = left[:80][~np.isnan(left[:80])]
    scale = np.median(np.abs(known)) / stats.norm.ppf(0.75)
    assert detector.scale_ == pytest.approx(scale)
    expected = np.nan_to_num(np.abs(left) / scale)
    np.testing.assert_allclose(detector.decision_scores_, expected[:80], atol=1e-12)
    np.testing.assert_allclose(detector.decision_function(x[80:]), expected[80:], atol=1e-12)
    np.testing.assert_allclose(x[80:] - detector.expected(x[80:]), left[80:], atol=1e-12)


def test_where_most_rows_are_as_expected_the_rest_is_measured_by_its_mean():
    x = np.tile([1.0] * 9 + [2.0], 8)
    detector = MovingMedianDecomposition(window=5).fit(x)
    assert detector.scale_ == pytest.approx(np.sqrt(np.pi / 2) * 8 / 75)
    with pytest.raises(ValueError, match="every training row is as expected"):
        MovingMedianDecomposition(window=2, period=2).fit(np.tile([1.0, 2.0], 30))


# --- Trailing range ---------------------------------------------------------------------------------------------------

def test_trailing_range_by_hand():
    detector = TrailingRange(window=3, warm_up=2).fit([0, 1, 2, 4, 1, 1])
    # 2 against [0, 1]; 4 against [0, 2]; then inside.
    assert detector.decision_scores_.tolist() == [0, 0, 1, 1, 0, 0]
    # The rows before are 4 1 1, then 1 1 7, then 1 7 7.
    assert detector.decision_function([7, 7, -1]).tolist() == [1.0, 0.0, pytest.approx(2 / 6)]


def test_after_a_constant_stretch_the_range_of_the_past_is_taken():
    detector = TrailingRange(window=3, warm_up=1).fit([5, 5, 7, 6, 6, 6])
    assert detector.decision_scores_.tolist() == [0, 0, 1, 0, 0, 0]  # nothing was known but a constant
    assert detector.decision_function([8, 8, 8, 8, 9]).tolist() == [1.0, 0, 0, 0, pytest.approx(1 / 3)]


@pytest.mark.parametrize("seed", range(20))
def test_trailing_range_equals_the_definition(seed):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.integers(-1, 2, size=90)).astype(float)
    window, warm_up = int(rng.integers(1, 12)), int(rng.integers(1, 12))
    expected = np.zeros(90)
    for t in range(1, 90):
        low, high = x[max(0, t - window):t].min(), x[max(0, t - window):t].max()
        outside = max(x[t] - high, low - x[t], 0)
        size = high - low if high > low else np.ptp(x[:t])
        if outside > 0 and t >= warm_up:
            expected[t] = outside / size if size > 0 else 1
    detector = TrailingRange(window, warm_up).fit(x[:40])
    np.testing.assert_allclose(detector.decision_scores_, expected[:40], atol=1e-12)
    np.testing.assert_allclose(detector.decision_function(x[40:]), expected[40:], atol=1e-12)


# --- Control charts ---------------------------------------------------------------------------------------------------

def test_charts_equal_their_recursions():
    x = np.random.default_rng(6).normal(3, 2, size=50)
    ewma = EWMAChart(weight=0.3, target=3, sigma=2).fit(x[:20])
    cusum = CUSUMChart(allowance=0.4, target=3, sigma=2).fit(x[:20])
    z = upper = lower = 0.0
    averages, sums = [], []
    for y in (x - 3) / 2:
        z = 0.3 * y + 0.7 * z
        upper, lower = max(0, upper + y - 0.4), max(0, lower - y - 0.4)
        averages.append(abs(z) / np.sqrt(0.3 / 1.7))
        sums.append(max(upper, lower))
    np.testing.assert_allclose(np.append(ewma.decision_scores_, ewma.decision_function(x[20:])), averages, atol=1e-12)
    np.testing.assert_allclose(np.append(cusum.decision_scores_, cusum.decision_function(x[20:])), sums, atol=1e-12)
    assert (ewma.threshold_, cusum.threshold_) == (2.962, 5.0)


def test_charts_estimate_target_and_sigma_from_the_training_rows():
    x = np.random.default_rng(7).normal(3, 2, size=50)
    for chart in (EWMAChart().fit(x), CUSUMChart().fit(x)):
        assert (chart.target_, chart.sigma_) == pytest.approx((x.mean(), x.std(ddof=1)))


SHIFTS = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4]
# Montgomery, "Introduction to Statistical Quality Control", table of the tabular CUSUM with k = 1/2.
CUSUM_TABLE = {
    4: [168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71],
    5: [465, 139, 38.0, 17.0, 10.4, 5.75, 4.01, 3.11, 2.57, 2.01],
}
# Lucas and Saccucci (1990), as printed in Montgomery; by weight and limit.
EWMA_TABLE = {
    (0.40, 3.054): [500, 224, 71.2, 28.4, 14.3, 5.9, 3.5, 2.5, 2.0, 1.4],
    (0.25, 2.998): [500, 170, 48.2, 20.1, 11.1, 5.5, 3.6, 2.7, 2.3, 1.7],
    (0.20, 2.962): [500, 150, 41.8, 18.2, 10.5, 5.5, 3.7, 2.9, 2.4, 1.9],
    (0.10, 2.814): [500, 106, 31.3, 15.9, 10.3, 6.1, 4.4, 3.4, 2.9, 2.2],
    (0.05, 2.615): [500, 84.1, 28.8, 16.4, 11.4, 7.1, 5.2, 4.2, 3.5, 2.7],
}


@pytest.mark.parametrize("limit", CUSUM_TABLE)
def test_run_lengths_of_the_cusum_are_the_published_ones(limit):
    found = [average_run_length(CUSUMChart(0.5, limit), shift) for shift in SHIFTS]
    np.testing.assert_allclose(found, CUSUM_TABLE[limit], rtol=4e-3)


@pytest.mark.parametrize("weight, limit", EWMA_TABLE)
def test_run_lengths_of_the_ewma_are_the_published_ones(weight, limit):
    found = np.array([average_run_length(EWMAChart(weight, limit), shift) for shift in SHIFTS])
    # The table has one digit after the point, and was made by an approximation of its own.
    assert np.all(np.abs(found - EWMA_TABLE[weight, limit]) <= np.maximum(0.06, 4e-3 * found))


def test_a_run_length_to_ten_digits():
    # The example of SAS' function EWMAARL, which follows Crowder (1987).
    assert average_run_length(EWMAChart(0.25, 3.0), 1.0) == pytest.approx(11.154267016, abs=1e-7)
    # A weight of one is Shewhart's chart.
    assert average_run_length(EWMAChart(1.0, 3.0)) == pytest.approx(1 / (2 * stats.norm.sf(3)), rel=1e-6)


@pytest.mark.parametrize("chart", [EWMAChart(0.2, 2.0), CUSUMChart(0.5, 2.5)])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_charts_themselves_run_that_long(chart, shift):
    rng = np.random.default_rng(8)
    runs = []
    fitted = clone(chart).set_params(target=0.0, sigma=1.0).fit([0.0])  # a row on target leaves the chart at its start
    for _ in range(600):
        alarm = fitted.predict(rng.normal(shift, 1, size=700))
        assert alarm.any()
        runs.append(1 + int(np.argmax(alarm)))
    spread = np.std(runs) / np.sqrt(len(runs))
    assert np.mean(runs) == pytest.approx(average_run_length(chart, shift), abs=4 * spread)


def test_run_lengths_are_for_charts():
    with pytest.raises(TypeError, match="EWMAChart or a CUSUMChart"):
        average_run_length(type("Other", (), {"limit": 3.0})())
    with pytest.raises(ValueError, match="shift must be a number between"):
        average_run_length(EWMAChart(), np.inf)


# --- Additive regression ----------------------------------------------------------------------------------------------

def test_additive_regression_finds_trend_and_season():
    rng = np.random.default_rng(9)
    index = pd.date_range("2024-03-01", periods=24 * 14, freq="1h")
    hours = np.arange(len(index))
    truth = 5 + 0.01 * hours + 2 * np.sin(2 * np.pi * hours / 24) - np.cos(4 * np.pi * hours / 24)
    series = pd.Series(truth + rng.normal(0, 0.1, len(index)), index=index)
    detector = AdditiveRegression(["1D"], harmonics=2).fit(series.iloc[:240])
    constant, slope, sine, cosine, sine2, cosine2 = detector.coefficients_
    assert (constant, slope / 239) == pytest.approx((5, 0.01), rel=0.02)
    assert (sine, cosine, sine2, cosine2) == pytest.approx((2, 0, 0, -1), abs=0.04)
    assert detector.standard_deviation_ == pytest.approx(0.1, rel=0.1)
    np.testing.assert_allclose(detector.expected(series.iloc[240:]), truth[240:], atol=0.06)
    np.testing.assert_allclose(detector.decision_function(series.iloc[240:]),
                               np.abs(series.iloc[240:] - detector.expected(series.iloc[240:]))
                               / detector.standard_deviation_)


def test_additive_regression_equals_least_squares():
    x = np.random.default_rng(10).normal(size=60)
    t = np.arange(60.0)
    design = np.column_stack([np.ones(60), t, np.sin(2 * np.pi * t / 7), np.cos(2 * np.pi * t / 7)])
    coefficients = np.linalg.lstsq(design[:40], x[:40], rcond=None)[0]
    left = x - design @ coefficients
    sigma = np.sqrt((left[:40] ** 2).sum() / 36)
    detector = AdditiveRegression([7], harmonics=1).fit(x[:40])
    np.testing.assert_allclose(detector.decision_scores_, np.abs(left[:40]) / sigma)
    np.testing.assert_allclose(detector.decision_function(x[40:]), np.abs(left[40:]) / sigma)


def test_additive_regression_goes_by_the_clock_not_by_the_row():
    series = frame()["room"]
    detector = AdditiveRegression(["1D"]).fit(series.iloc[:FIT])
    np.testing.assert_allclose(detector.decision_function(series.iloc[:FIT]), detector.decision_scores_)
    np.testing.assert_allclose(detector.decision_function(series.iloc[[300, 350]]),
                               detector.decision_function(series)[[300, 350]])
    with pytest.raises(ValueError, match="needs a time index"):
        detector.decision_function(series.to_numpy())


def test_what_two_seasons_share_is_taken_once():
    series = frame()["room"].iloc[:FIT]
    assert len(AdditiveRegression(["1D", "3D"], harmonics=3).fit(series).coefficients_) == 2 + 2 * 5
    np.testing.assert_array_equal(AdditiveRegression(["1D", "24h"]).fit(series).decision_scores_,
                                  AdditiveRegression(["1D"]).fit(series).decision_scores_)


def test_a_curve_that_fits_exactly_leaves_no_spread():
    with pytest.raises(ValueError, match="fits every training row exactly"):
        AdditiveRegression([], trend=True).fit(np.arange(50.0))


# --- VAR --------------------------------------------------------------------------------------------------------------

def test_var_residuals_are_those_of_statsmodels():
    from statsmodels.tsa.api import VAR

    df = frame().iloc[:FIT]
    detector = VARResidual(lags=2).fit(df)
    results = VAR(df.to_numpy()).fit(2)
    errors = results.resid
    expected = [error @ np.linalg.solve(np.asarray(results.sigma_u), error) for error in errors]
    np.testing.assert_allclose(detector.decision_scores_[2:], expected, rtol=1e-6)
    assert detector.decision_scores_[:2].tolist() == [0, 0]
    following = df.to_numpy()[-2:]
    later = frame().iloc[FIT:FIT + 1].to_numpy()
    forecast = results.forecast(following, steps=1)[0]
    error = later[0] - forecast
    assert detector.decision_function(later)[0] == pytest.approx(
        error @ np.linalg.solve(np.asarray(results.sigma_u), error), rel=1e-6)


@pytest.mark.parametrize("n_components", [2, 3])
def test_t2_says_which_column_is_out(n_components):
    rows, later = frame().iloc[:FIT], frame().iloc[FIT:FIT + 9].copy()
    later.iloc[5, 1] += 30
    detector = HotellingT2(n_components=n_components).fit(rows)
    shares = detector.explain(later)
    assert shares.index.equals(later.index) and list(shares) == list(later)
    np.testing.assert_allclose(shares.sum(axis=1), detector.decision_function(later))
    assert n_components < 3 or shares.iloc[5].idxmax() == later.columns[1]
    np.testing.assert_array_equal(detector.explain(later.to_numpy()), shares)


def test_var_says_which_column_it_did_not_foresee():
    rows, later = frame().iloc[:FIT], frame().iloc[FIT:FIT + 9].copy()
    later.iloc[5, 1] += 30
    detector = VARResidual(lags=2).fit(rows)
    shares = detector.explain(later)
    assert shares.index.equals(later.index) and list(shares) == list(later)
    np.testing.assert_allclose(shares.sum(axis=1), detector.decision_function(later))
    assert shares.iloc[5].idxmax() == later.columns[1]
    np.testing.assert_array_equal(detector.explain(later.to_numpy()), shares)


def test_var_refuses_what_it_can_not_fit():
    df = frame().iloc[:FIT]
    with pytest.raises(ValueError, match="two columns or more"):
        VARResidual().fit(df["room"])
    with pytest.raises(ValueError, match="sums or multiples of others"):
        VARResidual().fit(df.assign(twice=2 * df["room"]))
    with pytest.raises(ValueError, match="predict some columns exactly"):
        VARResidual().fit(df.assign(delayed=df["room"].shift(1)).iloc[1:])


# --- Distances --------------------------------------------------------------------------------------------------------

def test_kmeans_distance_is_the_distance_to_the_nearest_centroid():
    rng = np.random.default_rng(11)
    X = np.concatenate([rng.normal([0, 0], 0.1, (50, 2)), rng.normal([10, 500], [0.1, 5], (50, 2))])
    raw = KMeansDistance(2, scale=False).fit(X)
    np.testing.assert_allclose(np.sort(raw.centroids_, axis=0), [[X[:50, 0].mean(), X[:50, 1].mean()],
                                                                 [X[50:, 0].mean(), X[50:, 1].mean()]])
    by_hand = np.linalg.norm(X[:, np.newaxis] - raw.centroids_, axis=2).min(axis=1)
    np.testing.assert_allclose(raw.decision_scores_, by_hand)
    scaled = KMeansDistance(2).fit(X)
    by_hand = np.linalg.norm((X[:, np.newaxis] - scaled.centroids_) / X.std(axis=0), axis=2).min(axis=1)
    np.testing.assert_allclose(scaled.decision_scores_, by_hand)
    # In the units of the columns another unit changes everything, in standard deviations nothing.
    np.testing.assert_allclose(KMeansDistance(2).fit(X * [1000, 1]).decision_scores_, scaled.decision_scores_)


def test_kmeans_distance_depends_on_its_seed_only():
    df = frame().iloc[:FIT]
    np.testing.assert_array_equal(KMeansDistance(8, random_state=3).fit(df).decision_scores_,
                                  KMeansDistance(8, random_state=3).fit(df).decision_scores_)


def test_t2_with_all_components_is_the_mahalanobis_distance():
    df = frame().iloc[:FIT]
    away = df.to_numpy() - df.to_numpy().mean(axis=0)
    expected = np.einsum("ij,ij->i", away @ np.linalg.inv(np.cov(df.to_numpy().T)), away)
    np.testing.assert_allclose(HotellingT2(n_components=3).fit(df).decision_scores_, expected)


def test_t2_and_spe_part_the_squared_distance():
    df = frame().iloc[:FIT]
    standard = (df - df.mean()) / df.std()
    values, vectors = np.linalg.eigh(standard.cov())
    along = standard.to_numpy() @ vectors[:, ::-1]
    np.testing.assert_allclose(HotellingT2(n_components=2).fit(df).decision_scores_,
                               (along[:, :2] ** 2 / values[::-1][:2]).sum(axis=1))
    np.testing.assert_allclose(SPE(n_components=2).fit(df).decision_scores_, along[:, 2] ** 2, atol=1e-12)
    both = T2SPE(n_components=2, alpha=0.02).fit(df)
    t2, spe = HotellingT2(2).fit(df), SPE(2).fit(df)
    np.testing.assert_allclose(both.decision_scores_, np.maximum(t2.decision_scores_ / t2.limit(0.02),
                                                                 spe.decision_scores_ / spe.limit(0.02)))
    assert both.threshold_ == 1


def test_a_share_of_variance_chooses_the_components():
    df = frame().iloc[:FIT]
    shares = np.cumsum(HotellingT2(1).fit(df).variances_) / 3
    assert HotellingT2(float(shares[1]) - 1e-6).fit(df).n_components_ == 2
    assert HotellingT2(float(shares[1]) + 1e-6).fit(df).n_components_ == 3
    assert SPE(0.9999).fit(df).n_components_ == 2  # one is left over


def test_the_limits_hold_for_new_gaussian_rows():
    rng = np.random.default_rng(12)
    mixing = rng.normal(size=(6, 6))
    train, new = rng.normal(size=(400, 6)) @ mixing, rng.normal(size=(100_000, 6)) @ mixing
    for detector in (HotellingT2(3), SPE(3)):
        detector.fit(train)
        assert (detector.decision_function(new) > detector.limit(0.01)).mean() == pytest.approx(0.01, abs=0.006)


def test_base_class_is_one_for_all():
    assert all(isinstance(detector, Detector) for detector in ALL.values())
