"""The NAB score: by hand, against the definition threshold by threshold, and at the edges."""

import math

import numpy as np
import pandas as pd
import pytest
from slow_metrics import nab

from mupy_helpers import metrics

START = pd.Timestamp("2015-10-20")


def series(values):
    return pd.Series(np.asarray(values, dtype=float), pd.date_range(START, periods=len(values), freq="h"))


def spans(*pairs):
    """Return windows given by their first and last row."""
    return pd.DataFrame({"start": [START + pd.Timedelta(hours=int(a)) for a, _ in pairs],
                         "end": [START + pd.Timedelta(hours=int(b)) for _, b in pairs]})


NONE = pd.DataFrame({"start": pd.to_datetime([]), "end": pd.to_datetime([])})


def random_case(rng):
    """Return scores with ties and windows as pairs of rows; some windows begin or end in the probationary period."""
    n = int(rng.integers(8, 150))
    cuts = np.sort(rng.choice(n, 2 * int(rng.integers(0, 4)), replace=False)).reshape(-1, 2)
    return np.round(rng.random(n), int(rng.integers(1, 4))), [(int(a), int(b)) for a, b in cuts]


def same(value, wanted):
    return value == pytest.approx(wanted, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("profile", ["standard", "reward_low_FP_rate", "reward_low_FN_rate"])
def test_every_threshold_of_one_series_follows_the_definition(profile):
    rng = np.random.default_rng(51)
    for _ in range(220):
        scores, windows = random_case(rng)
        sweep = metrics.nab_sweep(series(scores), spans(*windows), profile)
        weights = metrics.NAB_PROFILES[profile]
        wanted = [nab([(scores, windows)], weights, threshold) for threshold in sweep["threshold"]]
        assert same(list(sweep["score"]), wanted)
        best = metrics.nab_score(series(scores), spans(*windows), profile)
        assert same(best, max(wanted) if windows and not math.isnan(wanted[0]) else math.nan)
        threshold = float(np.round(rng.uniform(-0.1, 1.1), 2))  # now and then exactly a score, beyond all, or between
        assert same(metrics.nab_score(series(scores), spans(*windows), profile, threshold),
                    nab([(scores, windows)], weights, threshold))


def test_a_corpus_has_one_threshold_and_one_scale():
    rng = np.random.default_rng(52)
    for number in range(200):
        cases = [random_case(rng) for _ in range(3)]
        profile = list(metrics.NAB_PROFILES)[number % 3]
        scores = {str(place): series(case[0]) for place, case in enumerate(cases)}
        windows = {str(place): spans(*case[1]) for place, case in enumerate(cases)}
        threshold = float(rng.random())
        assert same(metrics.nab_score(scores, windows, profile, threshold),
                    nab(cases, metrics.NAB_PROFILES[profile], threshold))


def test_profiles_are_the_published_ones():
    assert {name: tuple(weights) for name, weights in metrics.NAB_PROFILES.items()} == {
        "standard": (1, 0.11, 1), "reward_low_FP_rate": (1, 0.22, 1), "reward_low_FN_rate": (1, 0.11, 2)}


def alarms(n, *rows):
    values = np.zeros(n)
    values[list(rows)] = 1
    return series(values)


def test_the_ends_of_the_scale():
    windows = spans((50, 59), (80, 89))
    assert metrics.nab_score(alarms(100), windows, threshold=1) == 0
    assert same(metrics.nab_score(alarms(100, 50, 80), windows), 100)
    assert same(metrics.nab_score(alarms(100, 50), windows), 50)


def test_a_late_alarm_is_worth_less_and_a_false_one_near_a_window_costs_less():
    windows = spans((50, 59))
    found = [metrics.nab_score(alarms(100, row), windows, threshold=1) for row in (50, 54, 59)]
    assert found[0] > found[1] > found[2] > 50
    false = [metrics.nab_score(alarms(100, 50, row), windows, threshold=1) for row in (60, 65, 95, 20)]
    assert 100 > false[0] > false[1] > false[2]
    assert same(false[2:], [100 - 5.5, 100 - 5.5])


def test_the_probationary_period_is_15_per_cent_and_at_most_750_rows():
    assert same(metrics.nab_score(alarms(100, 14, 50), spans((50, 59)), threshold=1), 100)
    assert same(metrics.nab_score(alarms(100, 15, 50), spans((50, 59)), threshold=1), 94.5)
    assert same(metrics.nab_score(alarms(9000, 749, 5000), spans((5000, 5009)), threshold=1), 100)
    assert same(metrics.nab_score(alarms(9000, 750, 5000), spans((5000, 5009)), threshold=1), 94.5)


def test_a_window_inside_the_probationary_period_is_left_out():
    assert same(metrics.nab_score(alarms(100, 50), spans((2, 9), (50, 59))), 100)
    assert math.isnan(metrics.nab_score(alarms(100, 50), spans((2, 9))))


def test_edges():
    assert math.isnan(metrics.nab_score(alarms(100, 50), NONE))
    assert metrics.nab_sweep(alarms(100, 50), NONE)["score"].isna().all()
    always, whole = series(np.ones(100)), spans((0, 99))  # all rows are anomalous
    assert same(metrics.nab_score(always, whole), metrics.nab_score(alarms(100, 15), whole))
    assert same(metrics.nab_score(alarms(100, 99), spans((99, 99))), 100)  # one row, the last
    assert metrics.nab_score(series(np.zeros(100)), spans((50, 59))) == 0  # constant: alarm always or never
    assert same(metrics.nab_score({"a": alarms(100, 50), "b": alarms(100, 30)}, {"a": spans((50, 59)), "b": NONE},
                                  threshold=1), 94.5)


def test_rows_are_taken_as_they_come():
    values = alarms(100, 50)
    index = values.index.to_series().to_numpy(copy=True)
    index[70], index[20] = index[69], index[19] - np.timedelta64(2, "h")  # a stamp that repeats, one that steps back
    assert same(metrics.nab_score(values.set_axis(pd.DatetimeIndex(index)), spans((50, 59))), 100)


@pytest.mark.parametrize(("scores", "windows", "settings", "kind", "words"), [
    ([0.0, 1.0], NONE, {}, TypeError, "time index"),
    (alarms(10, 5), [(1, 2)], {}, TypeError, "start and end"),
    (alarms(10, 5), spans((20, 30)), {}, ValueError, "no row of scores lies"),
    (alarms(10, 5), spans((2, 6), (5, 8)), {}, ValueError, "overlap"),
    (alarms(10, 5), spans((2, 6)), {"profile": "fast"}, ValueError, "profile must be"),
    (alarms(10, 5), spans((2, 6)), {"threshold": math.nan}, ValueError, "threshold must be"),
    (alarms(10, 5), spans((2, 6)), {"threshold": "high"}, ValueError, "threshold must be"),
    (alarms(10, 5) / 0, spans((2, 6)), {}, ValueError, "missing"),
    (1 / alarms(10, 5), spans((2, 6)), {}, ValueError, "infinite"),
    ({"a": alarms(10, 5)}, {"b": NONE}, {}, ValueError, "same names"),
    ({"a": alarms(10, 5)}, NONE, {}, ValueError, "same names"),
    ({}, {}, {}, ValueError, "no series"),
    (alarms(10, 5).tz_localize("UTC"), spans((2, 6)), {}, ValueError, "time zone"),
])
def test_bad_input_is_refused(scores, windows, settings, kind, words):
    with pytest.raises(kind, match=words):
        metrics.nab_score(scores, windows, **settings)
