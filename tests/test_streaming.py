"""Streams: the scores of the frame, alarms told once with their reason, and readings gone astray."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from pyod.models.ecod import ECOD
from pyod.models.knn import KNN
from sklearn.base import clone

from mupy_helpers import detectors, thresholds
from mupy_helpers.detectors import (
    SPE,
    T2SPE,
    AdditiveRegression,
    CUSUMChart,
    DenseAutoencoder,
    EWMAChart,
    GeneralizedESD,
    HotellingT2,
    KMeansDistance,
    LSTMAutoencoder,
    LSTMForecaster,
    MovingMedianDecomposition,
    SeasonalHybridESDOffline,
    TrailingRange,
    VARResidual,
    VariationalAutoencoder,
    baselines,
)
from mupy_helpers.detectors.base import Detector
from mupy_helpers.metrics import events_from_labels
from mupy_helpers.streaming import AlarmFilter, Arrivals, Monitor, StreamScorer, watch

N, FIT = 330, 240
QUICK = {"epochs": 1, "batch_size": 64, "random_state": 3}
CAUSAL = {
    "GeneralizedESD": GeneralizedESD(),
    "MovingMedianDecomposition": MovingMedianDecomposition(window=24),
    "MovingMedianDecomposition with season": MovingMedianDecomposition(window=48, period=24, n_seasons=3),
    "MovingMedianDecomposition with seasons to come": MovingMedianDecomposition(window=24, period=24, n_seasons=11),
    "TrailingRange": TrailingRange(window=48),
    "TrailingRange that is filling": TrailingRange(window=300, warm_up=20),
    "EWMAChart": EWMAChart(),
    "CUSUMChart": CUSUMChart(),
    "AdditiveRegression": AdditiveRegression(periods=["1D", "3D"]),
    "VARResidual": VARResidual(lags=3),
    "KMeansDistance": KMeansDistance(n_clusters=3),
    "HotellingT2": HotellingT2(n_components=2),
    "SPE": SPE(n_components=1),
    "T2SPE": T2SPE(n_components=0.8),
    "RandomScores": baselines.RandomScores(),
    "LastValue": baselines.LastValue(),
    "RollingZ": baselines.RollingZ(window=24),
    "DenseAutoencoder of rows": DenseAutoencoder(n_hidden=4, n_code=1, **QUICK),
    "DenseAutoencoder": DenseAutoencoder(window=6, n_hidden=4, n_code=2, **QUICK),
    "LSTMAutoencoder": LSTMAutoencoder(window=6, n_units=3, **QUICK),
    "LSTMForecaster": LSTMForecaster(window=6, n_units=3, **QUICK),
    "VariationalAutoencoder": VariationalAutoencoder(window=6, n_hidden=4, n_code=2, **QUICK),
}
every_detector = pytest.mark.parametrize("name", CAUSAL)


def frame(seed=0):
    """Three hourly channels, with a spike, a shift, and gaps in the training rows and in those that are streamed."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2024-03-01", periods=N + 12, freq="1h").delete([*range(150, 156), *range(290, 296)])
    day = np.sin(2 * np.pi * np.arange(N) / 24)
    rows = np.outer(day, [3, 2, -1]) + rng.normal(size=(N, 3)) + [5, 60, 0]
    rows[260, 0] += 12
    rows[300:, 1] += 6
    return pd.DataFrame(rows, index=index, columns=["room", "coil", "suction"])


def rows_for(detector):
    return frame()[["room"]] if detector.univariate else frame()


FITTED = {}


def fitted(name):
    """A detector fitted once; a test that changed it would break the others."""
    if name not in FITTED:
        FITTED[name] = clone(CAUSAL[name]).fit(rows_for(CAUSAL[name]).iloc[:FIT])
    return FITTED[name]


def chunks(rows, sizes):
    start = 0
    for size in itertools.cycle(sizes):
        if start >= len(rows):
            return
        yield rows[start:start + size]
        start += size


# --- The same scores --------------------------------------------------------------------------------------------------

def test_every_causal_detector_is_here():
    made = {kind for module in (detectors, baselines) for kind in vars(module).values()
            if isinstance(kind, type) and issubclass(kind, Detector) and kind is not Detector and not kind.offline}
    assert made == {type(detector) for detector in CAUSAL.values()}


@every_detector
@pytest.mark.parametrize("sizes", [[1], [7, 1, 30]])
def test_a_stream_gets_the_scores_of_the_frame(name, sizes):
    detector = fitted(name)
    later = rows_for(detector).iloc[FIT:]
    expected = detector.decision_function(later)
    scorer = StreamScorer(detector)
    scores = np.concatenate([scorer.score(part) for part in chunks(later, sizes)])
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(detector.decision_function(later), expected)  # the one given stays as it is


@every_detector
def test_one_reading_at_a_time_and_without_times(name):
    detector = clone(CAUSAL[name])
    if name == "AdditiveRegression":
        detector.set_params(periods=[24, 72])
    rows = rows_for(detector).to_numpy()
    detector.fit(rows[:FIT])
    scorer = StreamScorer(detector)
    scores = [scorer.score_one(row) for row in rows[FIT:]]
    np.testing.assert_allclose(scores, detector.decision_function(rows[FIT:]), rtol=0, atol=1e-9)


@every_detector
def test_a_restart_from_a_file_goes_on_with_the_same_scores(name, tmp_path):
    detector = fitted(name)
    later = rows_for(detector).iloc[FIT:]
    expected = detector.decision_function(later)
    for cut in (0, 1, 51, 53):
        scorer = StreamScorer(detector)
        if cut:
            scorer.score(later.iloc[:cut])
        path = scorer.save(tmp_path / "state.npz")
        assert path.read_bytes()[:2] == b"PK" and [each.name for each in tmp_path.iterdir()] == ["state.npz"]
        resumed = StreamScorer.load(path)
        np.testing.assert_allclose(resumed.score(later.iloc[cut:]), expected[cut:], rtol=0, atol=1e-9)
        assert resumed.detector.threshold_ == detector.threshold_


def test_detectors_of_pyod_must_score_a_row_by_itself(tmp_path):
    df = frame()
    knn = KNN().fit(df.iloc[:FIT].to_numpy())
    expected = knn.decision_function(df.iloc[FIT:].to_numpy())
    scorer = StreamScorer(knn)
    np.testing.assert_allclose([scorer.score_one(row, time) for time, row in zip(df.index[FIT:FIT + 9],
                               df.to_numpy()[FIT:], strict=False)], expected[:9], rtol=0, atol=1e-9)
    scorer.save(tmp_path / "knn.npz")
    with pytest.raises(ValueError, match="give the fitted one as detector"):
        StreamScorer.load(tmp_path / "knn.npz")
    resumed = StreamScorer.load(tmp_path / "knn.npz", knn)
    with pytest.raises(ValueError, match="have been seen"):
        resumed.score(df.iloc[FIT:])
    np.testing.assert_allclose(resumed.score(df.iloc[FIT + 9:]), expected[9:], rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match="ECOD scores a row by the rows given with it"):
        StreamScorer(ECOD().fit(df.iloc[:FIT].to_numpy())).score_one(df.to_numpy()[FIT])


def test_what_can_not_be_scored_is_refused_and_not_taken():
    later = frame().iloc[FIT:]
    with pytest.raises(ValueError, match="looks at the whole series"):
        StreamScorer(SeasonalHybridESDOffline(period=24).fit(frame()["room"]))
    with pytest.raises(TypeError, match="not a str"):
        StreamScorer("KNN")
    scorer = StreamScorer(fitted("VARResidual"))
    expected = fitted("VARResidual").decision_function(later)
    scorer.score(later.iloc[:5])
    broken = later.iloc[5:8].copy()
    broken.iloc[1, 1] = np.nan
    for bad, words in ((broken, "missing values"), (later.iloc[:9], "have been seen"),
                       (later.iloc[5:, :2], "2 columns"),
                       (later.to_numpy()[5:], "in all calls, or in none"),
                       (later.iloc[5:].tz_localize("UTC"), "time zone")):
        with pytest.raises(ValueError, match=words):
            scorer.score(bad)
    np.testing.assert_allclose(scorer.score(later.iloc[5:]), expected[5:], rtol=0, atol=1e-9)


def test_files_that_are_damaged_or_of_another_kind_are_refused(tmp_path):
    path = StreamScorer(fitted("EWMAChart")).save(tmp_path / "state.npz")
    with pytest.raises(ValueError, match="not a Monitor"):
        Monitor.load(path)
    (tmp_path / "cut.npz").write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="cut.npz is not a saved StreamScorer, or it is damaged"):
        StreamScorer.load(tmp_path / "cut.npz")
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays.pop("about")))
    about["content"]["dict"][0][1]["dict"][0][1] = "os.system"
    np.savez(tmp_path / "other.npz", about=np.array(json.dumps(about)), **arrays)
    with pytest.raises(ValueError, match="damaged"):
        StreamScorer.load(tmp_path / "other.npz")
    with pytest.raises(ValueError, match="must end in .npz"):
        StreamScorer(fitted("EWMAChart")).save(tmp_path / "state.json")


# --- Alarms -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(5))
def test_alarms_row_by_row_are_those_of_the_series(seed):
    rng = np.random.default_rng(seed)
    scores = pd.Series(rng.integers(0, 7, 400).astype(float),
                       pd.date_range("2024-01-01", periods=500, freq="1min")[np.sort(rng.choice(500, 400, False))])
    for on, off, k, n, merge in ((4, 4, 1, 1, "0s"), (5, 2, 1, 1, "0s"), (4, 3, 2, 5, "4min"), (5, 1, 3, 3, "20min")):
        expected = thresholds.k_of_n(thresholds.hysteresis(scores, on, off), k, n)
        alarms, flags, news = AlarmFilter(on, off, k, n, merge), [], []
        for time, score in scores.items():
            flag, new = alarms.update(score, time)
            flags.append(flag)
            news += new
            alarms = AlarmFilter.resumed(alarms.state())
        np.testing.assert_array_equal(flags, expected)
        events = events_from_labels(expected, merge)
        begins = [alarm for alarm in news if alarm.kind == "begin"]
        ends = [alarm for alarm in news if alarm.kind == "end"]
        assert [alarm.time for alarm in begins] == list(events["start"]) and len(events) > 1
        assert [alarm.time for alarm in ends] == list(events["end"])[:len(ends)] and len(begins) - len(ends) in (0, 1)
        assert [alarm.number for alarm in begins] == list(range(1, len(events) + 1))
        for begin, end in zip(begins, ends, strict=False):
            assert end.score == scores[begin.time:end.time][expected[begin.time:end.time]].max()
            assert end.number == begin.number


def test_alarms_refuse_what_the_series_refuse():
    with pytest.raises(ValueError, match="would end before it begins"):
        AlarmFilter(1, 2)
    with pytest.raises(ValueError, match="can never raise"):
        AlarmFilter(1, k=3, n=2)
    with pytest.raises(ValueError, match="score must be a finite number"):
        AlarmFilter(1).decide(np.nan)


def begins_of(scored):
    return [alarm for each in scored for alarm in each.news if alarm.kind == "begin"]


@pytest.mark.parametrize("name", ["DenseAutoencoder of rows", "HotellingT2", "MovingMedianDecomposition"])
def test_an_alarm_says_which_channel_and_how_far(name):
    detector = fitted(name)
    later = rows_for(detector).iloc[FIT:].copy()
    later.iloc[10:13, -1] += 40
    channel = later.columns[-1]
    monitor = watch(detector, list(later.columns), on=6 * detector.threshold_, merge="6h")
    scored = [each for time, row in later.iloc[:30].iterrows() for each in monitor.feed(time, row.to_dict())]
    alarm, = begins_of(scored)
    assert alarm.time == later.index[10] and alarm.channel == channel
    assert alarm.value == later.iloc[10][channel]
    assert alarm.usual == pytest.approx(later.iloc[:10][channel].mean())
    expected = detector.decision_function(later.iloc[:11])[-1]
    assert alarm.score == pytest.approx(expected, abs=1e-9)
    if hasattr(detector, "explain"):
        assert alarm.share == pytest.approx(detector.explain(later.iloc[:11])[channel].iloc[-1] / expected)
    else:
        assert alarm.share == (1 if detector.univariate else None)
    assert str(alarm).startswith(f"Alarm 1 at {later.index[10]}: score ") and f"{channel} is" in str(alarm)
    assert ("of the score" in str(alarm)) == (alarm.share is not None)


def test_a_restart_at_any_row_loses_no_alarm_and_tells_none_twice(tmp_path):
    detector, later = fitted("HotellingT2"), frame().iloc[FIT:]
    rng = np.random.default_rng(1)
    readings = [later.iloc[row] for row in np.argsort(np.arange(len(later)) + rng.uniform(0, 3, len(later)))]
    settings = {"on": 6.0, "off": 3.0, "k": 2, "n": 3, "merge": "3h", "lateness": "4h", "missing": "hold"}

    def run(restart):
        monitor, told = watch(detector, list(later.columns), **settings), []
        for number, reading in enumerate(readings):
            told += [alarm for each in monitor.feed(reading.name, reading.to_dict()) for alarm in each.news]
            if restart:
                monitor = Monitor.load(monitor.save(tmp_path / "monitor.npz", extra={"read": number + 1}))
                assert monitor.extra == {"read": number + 1}
        return told + [alarm for each in monitor.flush() for alarm in each.news], monitor.arrivals.counts

    assert run(restart=True) == run(restart=False)
    assert len(run(restart=False)[0]) > 2


# --- Readings gone astray ---------------------------------------------------------------------------------------------

def at(minute):
    return pd.Timestamp("2024-03-01") + pd.Timedelta(minutes=minute)


def pushed(arrivals, minutes):
    """Push readings whose value is their minute; return the minutes released."""
    return [[int(row[0]) for _, row in arrivals.push(at(minute), [minute])] for minute in minutes]


def test_readings_out_of_order_are_put_in_order_within_the_lateness():
    arrivals = Arrivals(["room"], lateness="3min")
    assert pushed(arrivals, [0, 2, 1, 3, 5, 4, 9]) == [[], [], [], [0], [1, 2], [], [3, 4, 5]]
    assert [int(row[0]) for _, row in arrivals.flush()] == [9]
    assert arrivals.counts == {"released": 7}


def test_without_lateness_nothing_waits():
    assert pushed(Arrivals(["room"]), [0, 1, 2]) == [[0], [1], [2]]


def test_late_readings_are_set_aside_and_never_change_a_score():
    arrivals = Arrivals(["room"], lateness="1min")
    assert pushed(arrivals, [0, 3, 4, 1, 5]) == [[], [0], [3], [], [4]]
    assert arrivals.counts["late"] == 1 and arrivals.aside[0][:2] == ("late", at(1))


def test_duplicates_are_set_aside_whether_they_wait_or_are_long_gone():
    arrivals = Arrivals(["room"], lateness="2min")
    assert pushed(arrivals, [0, 0, 1, 2, 0, 2, 3]) == [[], [], [], [0], [], [], [1]]
    assert arrivals.push(at(3), [99]) == []  # the first one of a time counts
    assert [int(row[0]) for _, row in arrivals.flush()] == [2, 3]
    assert arrivals.counts == {"released": 4, "duplicate": 4}
    resumed = Arrivals.resumed(arrivals.state())
    assert pushed(resumed, [3, 4]) == [[], []] and resumed.counts["duplicate"] == 5


def test_rows_with_missing_values_are_left_out_like_dropna_or_filled_like_ffill():
    rows = pd.DataFrame({"room": [np.nan, 1, np.nan, np.nan, np.nan, 5], "coil": [0.0, 1, 2, 3, 4, 5]},
                        index=[at(minute) for minute in range(6)])
    skip, hold = Arrivals(["room", "coil"]), Arrivals(["room", "coil"], missing="hold", max_hold=2)
    for arrivals, expected in ((skip, rows.dropna()), (hold, rows.ffill(limit=2).dropna())):
        released = [one for time, row in rows.iterrows() for one in arrivals.push(time, list(row))]
        np.testing.assert_array_equal([row for _, row in released], expected.to_numpy())
        assert [time for time, _ in released] == list(expected.index)
    assert skip.counts["missing"] == 4 and hold.counts["missing"] == 2 and hold.counts["held"] == 2
    assert skip.push(at(9), {"coil": 1.0}) == [] and skip.counts["missing"] == 5
    assert skip.push(at(10), {"coil": 1.0, "room": None}) == [] and skip.counts["missing"] == 6


def test_missing_readings_are_counted_and_the_scores_are_those_of_the_frame_with_the_gap():
    arrivals = Arrivals(["room"], max_gap="90s")
    assert pushed(arrivals, [0, 1, 4, 5, 9]) == [[0], [1], [4], [5], [9]]
    assert arrivals.counts["gap"] == 2
    detector, later = fitted("DenseAutoencoder"), frame().iloc[FIT:]
    monitor = watch(detector, list(later.columns), on=1e9, max_gap="90min")
    scores = [each.score for time, row in later.iterrows() for each in monitor.feed(time, row)]
    np.testing.assert_allclose(scores, detector.decision_function(later), rtol=0, atol=1e-9)
    assert monitor.arrivals.counts["gap"] == 1


@pytest.mark.parametrize(("time", "values"), [
    (None, [1.0]), ("not a time", [1.0]), (17, [1.0]), (pd.NaT, [1.0]), ("2024-03-01T00:05Z", [1.0]),
    (at(5), ["1.0"]), (at(5), [np.inf]), (at(5), [1.0, 2.0]), (at(5), []), (at(5), {"coil": 1.0}), (at(5), [True]),
    (at(5), "cold"), (at(5), [[1.0]]), (at(5), [1e200]),
    (at(5), [10**400]), ("0001-01-01", [1.0]), ("9999-12-31", [1.0]),
])
def test_malformed_readings_are_set_aside_and_not_fatal(time, values):
    arrivals = Arrivals(["room"])
    pushed(arrivals, [0])
    assert arrivals.push(time, values) == []
    assert arrivals.counts == {"released": 1, "malformed": 1} and arrivals.aside[0][0] == "malformed"
    assert pushed(arrivals, [5]) == [[5]]


def test_a_time_that_can_not_be_counted_is_refused_and_the_next_row_is_scored():
    scorer, row = StreamScorer(fitted("HotellingT2")), frame().iloc[FIT]
    with pytest.raises(ValueError, match="nanoseconds"):
        scorer.score_one(row, "0001-01-01")
    assert np.isfinite(scorer.score_one(row, row.name))


def test_readings_from_before_the_end_of_the_fit_are_late():
    detector, df = fitted("VARResidual"), frame()
    monitor = watch(detector, list(df.columns), on=50.0)
    scores = [each.score for time, row in df.iloc[FIT - 20:].iterrows() for each in monitor.feed(time, row)]
    np.testing.assert_allclose(scores, detector.decision_function(df.iloc[FIT:]), rtol=0, atol=1e-9)
    assert monitor.arrivals.counts["late"] == 20


def test_settings_that_make_no_sense_are_refused():
    for settings, words in (({"columns": "room"}, "list of different names"), ({"columns": ["a"], "missing": "guess"}, "missing"),
                            ({"columns": ["a"], "lateness": "-1s"}, "lateness"),
                            ({"columns": ["a"], "max_hold": 0}, "max_hold")):
        with pytest.raises(ValueError, match=words):
            Arrivals(**settings)
    with pytest.raises(ValueError, match="was fitted on"):
        watch(fitted("VARResidual"), ["coil", "room", "suction"], on=1.0)
