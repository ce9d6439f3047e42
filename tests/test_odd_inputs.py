"""Every public function of detectors, windows, thresholds, metrics, ensembles and boards, given odd inputs.

`CALLS` has an entry for each of them: how to call it with healthy inputs, which kind each input is of, and what its
result must be. Each input is made odd in each single way, one at a time; then hypothesis makes several odd together.
"""

import copy
import importlib
import inspect
import math
from typing import NamedTuple

import numpy as np
import odd_inputs as odd
import pandas as pd
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from pyod.models.base import BaseDetector
from pyod.models.knn import KNN

from mupy_helpers import checks, detectors, ensembles, leaderboard, metrics, scoreboard, supervised, thresholds, windows
from mupy_helpers.detectors import baselines, saving
from mupy_helpers.detectors.base import Detector
from mupy_helpers.detectors.networks import Network

N = 48
MODULES = ["checks", "windows", "thresholds", "ensembles", "scoreboard", "recipes", "supervised", "leaderboard",
           "detectors.additive", "detectors.autoencoders", "detectors.base", "detectors.baselines", "detectors.charts",
           "detectors.clustering", "detectors.entire", "detectors.esd", "detectors.forecaster",
           "detectors.lstm_by_hand", "detectors.moving_median", "detectors.networks", "detectors.pca",
           "detectors.saving", "detectors.trailing_range", "detectors.training", "detectors.var_residual",
           "detectors.variational", "metrics.affiliation", "metrics.alarms", "metrics.nab", "metrics.ranges",
           "metrics.rows", "metrics.surface"]
# Public names that get no input from outside, and why.
EXEMPT = {
    "checks.same_kind": "gets what was checked, and what it was computed from",
    "detectors.base.LimitDetector": "an interface: each detector below it is tried",
    "detectors.networks.Network.load": "tried in test_networks.py, with damaged files",
    "detectors.saving.load_detector": "tried in test_networks.py, with damaged files",
    "detectors.saving.restored": "gets what load_detector has read",
    "detectors.training.seeded": "gets the generator of a network",
    "detectors.training.dense": "builds a layer for a network that has checked its parameters",
    "detectors.training.lstm": "builds a layer for a network that has checked its parameters",
    "detectors.training.train": "gets the windows of a network that has checked them",
    "detectors.training.weights_of": "gets a Keras model",
    "detectors.training.predict": "gets the windows of a network that has checked them",
    "detectors.variational.gaussian_surprise": "a part of a loss: tensors of Keras in, tensors out",
    "leaderboard.cold_store_recording": "without parameters", "leaderboard.mini_suite": "without parameters",
    "leaderboard.board_parts": "without parameters", "leaderboard.board_ensemble": "without parameters",
    "leaderboard.Leaderboard": "what evaluate returns", "leaderboard.Leaderboard.table": "without parameters",
    "leaderboard.Leaderboard.by_recording": "without parameters",
    "metrics.nab.NabWeights": "numbers side by side", "metrics.rows.PrecisionRecall": "numbers side by side",
    "metrics.rows.PrecisionRecall.f1": "without parameters",
    "metrics.rows.mean_or_nan": "gets what was checked", "metrics.rows.runs": "gets what was checked",
    "metrics.surface.Volumes": "numbers side by side",
    "scoreboard.Scoreboard.table": "without parameters",
    "supervised.FleetLearner": "what learn_from_fleet returns",
    "thresholds.PeaksOverThreshold": "numbers side by side", "windows.Windows": "what sliding_windows returns",
    "windows.Windows.width": "without parameters",
}


# ------------------------------------------------------------------------------------------------ kinds of inputs

class Kind(NamedTuple):
    """What an input may be instead: all single oddities by name, and a strategy."""

    each: callable
    strategy: object
    hopeless: frozenset = frozenset()  # names of oddities that must be refused


def _parameters():
    for value in odd.PARAMETERS:
        yield repr(value), value


def _indexes():
    for name, make in odd.INDEXES.items():
        yield name, make(N)
    for name in ("no rows", "one row", "two rows"):
        yield name, odd.times({"no rows": 0, "one row": 1, "two rows": 2}[name])
    for name in ("None", "array", "list", "text", "frame", "number"):
        yield name, odd.make_table(form=name)


SPANS = {
    "healthy": lambda spans: spans,
    "one": lambda spans: spans.iloc[:1],
    "none": lambda spans: spans.iloc[:0],
    "empty frame": lambda spans: pd.DataFrame(columns=["start", "end"]),
    "backwards": lambda spans: spans[::-1],
    "text": lambda spans: spans.astype(str),
    "objects": lambda spans: spans.astype(object),
    "arrow": lambda spans: spans.astype("timestamp[ns][pyarrow]"),
    "seconds": lambda spans: spans.astype("datetime64[s]"),
    "UTC": lambda spans: spans.apply(lambda column: column.dt.tz_localize("UTC")),
    "Berlin": lambda spans: spans.apply(lambda column: column.dt.tz_localize("Europe/Berlin", nonexistent="NaT")),
    "mixed zones": lambda spans: pd.DataFrame({"start": ["2024-03-31 00:00+02:00", "2024-04-01"],
                                               "end": ["2024-03-31 01:00+01:00", "2024-04-02"]}),
    "one zone": lambda spans: spans.assign(end=spans["end"].dt.tz_localize("UTC")),
    "no words for times": lambda spans: spans.astype(str).assign(end="yesterday"),
    "numbers": lambda spans: spans.astype("int64"),
    "floats": lambda spans: spans.astype("int64").astype(float),
    "bool": lambda spans: spans.notna(),
    "NaT": lambda spans: spans.where([[True, False], [True, True]]),
    "None": lambda spans: spans.astype(object).where([[True, False], [True, True]], None),
    "end before start": lambda spans: spans.rename(columns={"start": "end", "end": "start"}),
    "no end": lambda spans: spans[["start"]],
    "two ends": lambda spans: pd.concat([spans, spans[["end"]]], axis=1),
    "overlapping": lambda spans: pd.concat([spans, spans]),
    "year 3000": lambda spans: pd.DataFrame({"start": ["3000-01-01"], "end": ["3000-01-02"]}),
    "year 99999": lambda spans: pd.DataFrame({"start": ["99999-01-01"], "end": ["99999-01-02"]}),
    "far away": lambda spans: spans + pd.Timedelta("3650D"),
    "lists": lambda spans: pd.DataFrame({"start": [[1]], "end": [[2]]}),
    "periods": lambda spans: spans.apply(lambda column: column.dt.to_period("h")),
    "two levels": lambda spans: spans.set_axis(pd.MultiIndex.from_product([["a"], ["start", "end"]]), axis=1),
    "a list": lambda spans: list(spans.itertuples()),
    "an array": lambda spans: spans.to_numpy(),
    "a dict": lambda spans: spans.to_dict("list"),
    "nothing": lambda spans: None,
    "a word": lambda spans: "always",
}


def healthy_spans():
    index = odd.times(N)
    return pd.DataFrame({"start": index[[24, 33]], "end": index[[27, 34]]})


def _spans():
    for name, change in SPANS.items():
        yield name, change(healthy_spans())


def _all(each):
    return st.sampled_from([value for _, value in each()])


TABLE = Kind(odd.tables, odd.odd_tables(), frozenset(odd.HOPELESS))
SERIES = Kind(odd.series, odd.odd_series(), frozenset(odd.HOPELESS))
LABELS = Kind(odd.flags, odd.odd_labels(), frozenset({
    "1 and 2", "-1 and 1", "halves", "NaN", "None", "pd.NA", "text", "list in it", "strings", "dates", "no rows",
    "two columns", "0-d", "3-d", "a scalar", "nothing", "word", "dict", "masked", "series of boolean with NA",
    "series of arrow with NA", "series with NaN", "series of text", "series of arrow text", "frame of two"}))
REPEATED = SERIES._replace(hopeless=SERIES.hopeless - {  # NAB's stamps repeat
    f"index: {name}" for name in ("backwards", "shuffled", "twice", "all the same")})
PARAMETER = Kind(_parameters, odd.odd_parameters)
INDEX = Kind(_indexes, _all(_indexes))
SPAN = Kind(_spans, _all(_spans))


# ------------------------------------------------------------------------------------------------- what is called

class Call(NamedTuple):
    """How to call a public function."""

    name: str  # module.function, or module.Class.method
    call: callable
    inputs: dict  # parameter: its kind and a healthy value
    check: callable = None  # of the result and the inputs
    label: str = ""
    errors: tuple = (TypeError, ValueError)
    skip: tuple = ()  # parameters that are right, but take too long or fail by themselves


CALLS = []


def add(function, check=None, call=None, name=None, **inputs):
    """Enter a function."""
    settings = {key: inputs.pop(key) for key in ("label", "errors", "skip") if key in inputs}
    name = name or f"{function.__module__.removeprefix('mupy_helpers.')}.{function.__qualname__}"
    CALLS.append(Call(name, call or function, inputs, check, **settings))


def rows_of(value):
    return len(np.asarray(value.array if isinstance(value, pd.Series) else value, dtype=object))


def finite(result, **inputs):
    assert isinstance(result, float), type(result)
    assert math.isfinite(result), result


def number(result, **inputs):
    assert isinstance(result, float), type(result)


def share_or_nan(result, **inputs):
    assert isinstance(result, float), type(result)
    assert math.isnan(result) or 0 <= result <= 1 + 1e-12, result


def number_or_nan(result, **inputs):
    assert isinstance(result, float), type(result)
    assert not math.isinf(result), result


def shares_or_nan(result, **inputs):
    for value in result:
        share_or_nan(float(value))


def one_bool_per_row(result, **inputs):
    like = next(iter(inputs.values()))
    assert np.asarray(result).dtype == bool, type(result)
    assert np.shape(result) == (rows_of(like),), f"shape {np.shape(result)}"
    if isinstance(like, (pd.Series, pd.DataFrame)):
        assert isinstance(result, pd.Series), type(result)
        assert result.index.equals(like.index), "another index"


def scores_per_row(result, **inputs):
    odd.finite_scores(result, rows_of(next(iter(inputs.values()))))


TIMED = odd.make_table(form="frame", index="times", n=N)
ROWS = odd.healthy(N)
COLUMN = ROWS[:, 0]
COLUMN_TIMED = TIMED.iloc[:, 0]
MARKED = odd.marked(N)
MARKED_TIMED = pd.Series(MARKED, odd.times(N))
SPREAD = np.exp(np.random.default_rng(1).normal(size=400)).round(4)  # scores with a tail
P = PARAMETER


# --- checks

def as_checked_rows(result, **inputs):
    values, index = result
    assert values.dtype == float, values.dtype
    assert values.ndim == 2, values.ndim
    assert np.isfinite(values).all(), "not finite"
    assert index is None or isinstance(index, pd.DatetimeIndex), type(index)


add(checks.checked_index, index=(INDEX, odd.times(N)))
add(checks.checked_rows, as_checked_rows, X=(TABLE, ROWS))
add(checks.checked_rows, as_checked_rows, X=(TABLE, TIMED), label="of a frame")
add(checks.checked_scores, scores_per_row, scores=(SERIES, COLUMN))
add(checks.checked_flags, flags=(LABELS, MARKED))
add(checks.checked_alarm, is_alarm=(LABELS, MARKED_TIMED))
add(checks.check_same_rows, call=lambda first, second: checks.check_same_rows(first, second, ("first", "second")),
    first=(SERIES._replace(hopeless=()), COLUMN), second=(LABELS._replace(hopeless=()), MARKED))
add(checks.checked_spans, spans=(SPAN, healthy_spans()))
add(checks.checked_stamp, call=lambda value: checks.checked_stamp(value, "moment"), value=(P, "2024-03-31"))
add(checks.check_same_zone, index=(INDEX, odd.times(N)),
    call=lambda index: checks.check_same_zone(index, [pd.Timestamp("2024-03-31")], ("index", "spans")))
add(checks.checked_length, call=lambda value: checks.checked_length(value, "merge"), value=(P, "1h"))
add(checks.checked_count, call=lambda value: checks.checked_count(value, "k"), value=(P, 3))
add(checks.checked_number, finite, call=lambda value: checks.checked_number(value, "sigma", above=0), value=(P, 1.5))
add(checks.checked_choice, call=lambda value: checks.checked_choice(value, ("mean", "max"), "how"), value=(P, "mean"))
add(checks.check_unmasked, values=(TABLE._replace(hopeless={"masked"}), ROWS))
add(checks.checked_float, number, call=lambda value: checks.checked_float(value, "fill", missing=True), value=(P, 1.5))
add(checks.checked_fraction, finite, call=lambda value: checks.checked_fraction(value, "alpha"), value=(P, 0.5))

# --- windows


def as_windows(result, rows, **inputs):
    assert np.isfinite(result.values).all(), "not finite"
    assert len(result) == len(result.values) == len(result.last_row), "lengths"
    assert len(result.segment) == rows_of(rows), "segments"
    assert not result.values.flags.writeable, "may be written to"


def segment_per_row(result, index, **inputs):
    assert result.shape == (len(index),), result.shape
    assert (np.diff(result) >= 0).all(), result


CUT = windows.sliding_windows(COLUMN_TIMED, 6)
add(windows.segments, segment_per_row, index=(INDEX, odd.times(N)), max_gap=(P, None))
add(windows.sliding_windows, as_windows, rows=(TABLE, ROWS), width=(P, 6), step=(P, 1), max_gap=(P, None))
add(windows.sliding_windows, as_windows, rows=(TABLE, TIMED), width=(P, 6), step=(P, 1), max_gap=(P, "2h"),
    label="of a frame")
add(windows.Windows.to_points, call=lambda window_scores, fill: CUT.to_points(window_scores, fill),
    window_scores=(Kind(lambda: odd.series(N - 5), odd.odd_series(N - 5), SERIES.hopeless), COLUMN[5:]), fill=(P, 0.0))
add(windows.Windows.to_points_offline, window_scores=(SERIES, COLUMN[5:]), how=(P, "mean"), fill=(P, 0.0),
    call=lambda window_scores, how, fill: CUT.to_points_offline(window_scores, how, fill))

# --- thresholds

def is_limit(result, **inputs):
    assert isinstance(result, thresholds.PeaksOverThreshold), type(result)
    assert result.lower <= result.threshold <= result.upper, result
    assert not any(math.isnan(getattr(result, name)) for name in ("threshold", "lower", "upper", "shape", "scale"))


def without_warning(*args, **settings):
    """The warning of a tail that ends at once is stated."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="the tail ends at once")
        return thresholds.peaks_over_threshold(*args, **settings)


LONG = Kind(lambda: odd.series(400), odd.odd_series(400), SERIES.hopeless)
add(thresholds.quantile, finite, scores=(SERIES, COLUMN), share=(P, 0.01))
add(thresholds.mad, finite, scores=(SERIES, COLUMN), n_sigmas=(P, 3.0))
add(thresholds.peaks_over_threshold, is_limit, call=without_warning, scores=(LONG, SPREAD), risk=(P, 1e-3),
    start=(P, 0.9), confidence=(P, 0.95))
add(thresholds.bhattacharyya_distance, finite, a=(SERIES, COLUMN), b=(SERIES, COLUMN + 1))
add(thresholds.bhattacharyya, finite, scores=(SERIES, COLUMN), max_share=(P, 0.5), min_rows=(P, 5))
add(thresholds.cost_optimal, finite, scores=(SERIES, COLUMN), is_anomaly=(LABELS, MARKED), missed=(P, 10.0),
    false_alarm=(P, 1.0))
add(thresholds.cost_optimal_by, finite, scores=(SERIES, COLUMN), cost=(P, np.sum), n_candidates=(P, 20),
    skip=(object,))
add(thresholds.hysteresis, one_bool_per_row, scores=(SERIES, COLUMN), on=(P, 21.0), off=(P, 20.0))
add(thresholds.k_of_n, one_bool_per_row, is_alarm=(LABELS, MARKED), k=(P, 2), n=(P, 3))

# --- metrics


def as_events(result, **inputs):
    assert list(result.columns) == ["start", "end"], list(result.columns)
    assert (result["end"] >= result["start"]).all(), result


def as_sweep(result, **inputs):
    assert result["threshold"].notna().all(), "NaN among the thresholds"
    assert result["score"].isna().all() or np.isfinite(result["score"]).all(), "NaN among the scores"


add(metrics.affiliation_precision_recall, shares_or_nan, labels=(LABELS, MARKED), is_alarm=(LABELS, MARKED))
add(metrics.inside, call=metrics.inside, index=(INDEX, odd.times(N)), spans=(SPAN, healthy_spans()))
add(metrics.events_from_labels, as_events, labels=(LABELS, MARKED_TIMED), merge=(P, "0s"))
add(metrics.lead_time, number_or_nan, is_alarm=(LABELS, MARKED_TIMED), moment=(P, "2024-04-01"),
    since=(P, "2024-03-30"), until=(P, None), merge=(P, "1h"))
add(metrics.observed_weeks, finite, index=(INDEX, odd.times(N)), keep=(LABELS._replace(hopeless=LABELS.hopeless - {"nothing"}), MARKED))
add(metrics.calls, is_alarm=(LABELS, MARKED_TIMED), merge=(P, "1h"), repeat=(P, "1D"))
add(metrics.false_alarms_per_week, number_or_nan, is_alarm=(LABELS, MARKED_TIMED), faults=(SPAN, healthy_spans()),
    merge=(P, "1h"), repeat=(P, "1D"))
add(metrics.expected_cost, number_or_nan, lead_hours=(P, 20.0), false_alarms=(P, 0.5), lost_load=(P, 6000.0),
    call_out=(P, 80.0), hours_needed=(P, 12.0), faults_per_year=(P, 1.0))
add(metrics.nab_score, number_or_nan, scores=(REPEATED, COLUMN_TIMED), windows=(SPAN, healthy_spans()),
    profile=(P, "standard"), threshold=(P, None))
add(metrics.nab_sweep, as_sweep, scores=(REPEATED, COLUMN_TIMED), windows=(SPAN, healthy_spans()),
    profile=(P, "standard"))
for function in (metrics.range_recall, metrics.range_precision):
    add(function, share_or_nan, labels=(LABELS, MARKED), is_alarm=(LABELS, MARKED), alpha=(P, 0.5),
        cardinality=(P, "reciprocal"), bias=(P, "flat"))
add(metrics.point_adjust, labels=(LABELS, MARKED), is_alarm=(LABELS, MARKED))
add(metrics.point_adjusted_precision_recall, shares_or_nan, labels=(LABELS, MARKED), is_alarm=(LABELS, MARKED))
add(importlib.import_module("mupy_helpers.metrics.rows").labels_and_alarms, labels=(LABELS, MARKED),
    is_alarm=(LABELS, MARKED))
add(metrics.volume_under_surface, shares_or_nan, labels=(LABELS, MARKED), scores=(SERIES, COLUMN), window=(P, 6),
    n_thresholds=(P, None), skip=(10**6,))

# --- detectors

QUICK = {
    "AdditiveRegression": lambda **s: detectors.AdditiveRegression(**{"periods": (12,), "harmonics": 2, **s}),
    "CUSUMChart": detectors.CUSUMChart,
    "EWMAChart": detectors.EWMAChart,
    "GeneralizedESD": detectors.GeneralizedESD,
    "HotellingT2": detectors.HotellingT2,
    "KMeansDistance": lambda **s: detectors.KMeansDistance(**{"n_clusters": 3, **s}),
    "MovingMedianDecomposition": lambda **s: detectors.MovingMedianDecomposition(
        **{"window": 6, "period": 6, "n_seasons": 2, **s}),
    "SPE": detectors.SPE,
    "SeasonalHybridESDOffline": lambda **s: detectors.SeasonalHybridESDOffline(**{"period": 12, **s}),
    "T2SPE": detectors.T2SPE,
    "TrailingRange": lambda **s: detectors.TrailingRange(**{"window": 6, **s}),
    "VARResidual": detectors.VARResidual,
    "RandomScores": baselines.RandomScores,
    "LastValue": baselines.LastValue,
    "RollingZ": lambda **s: baselines.RollingZ(**{"window": 6, **s}),
    "AmplitudeDeviation": lambda **s: ensembles.AmplitudeDeviation(**{"window": 6, **s}),
    "ScoreEnsemble": lambda **s: ensembles.ScoreEnsemble(
        **{"detectors": [detectors.HotellingT2(), detectors.VARResidual(), KNN(n_neighbors=3)], **s}),
}


class _Mirror:
    """In place of a Keras model: gives back half of what it gets."""

    weights = ()

    def train_on_batch(self, inputs, targets):
        pass

    def predict_on_batch(self, inputs):
        return 0.5 * inputs

    def set_weights(self, weights):
        pass


class NoNetwork(Network):
    """All that networks have in common, without waiting for Keras."""

    def __init__(self, window=4, epochs=2, patience=5, batch_size=64, learning_rate=0.003, step=1,
                 validation_share=0.2, contamination=0.1, random_state=0, verbose=0):
        super().__init__(window, epochs, patience, batch_size, learning_rate, step, validation_share, contamination,
                         random_state, verbose)

    def _build(self, width, d, seed):
        return _Mirror()


def is_fitted(result, X, **inputs):
    n = rows_of(X)
    odd.finite_scores(result.decision_scores_, n)
    assert math.isfinite(result.threshold_), result.threshold_
    assert np.isin(result.labels_, (0, 1)).all(), "labels"
    assert result.labels_.shape == (n,), result.labels_.shape


def probabilities(result, **inputs):
    assert np.shape(result) == (rows_of(next(iter(inputs.values()))), 2), np.shape(result)
    assert ((result >= 0) & (result <= 1)).all(), "not from 0 to 1"


def explained(result, X, **inputs):
    assert len(result) == rows_of(X), len(result)
    assert np.isfinite(np.asarray(result, dtype=float)).all(), "not finite"


def add_detector(name, make, cls, fitted=None):
    kind, rows, timed = (SERIES, COLUMN, COLUMN_TIMED) if cls.univariate else (TABLE, ROWS, TIMED)
    fitted = fitted or make().fit(rows)
    if not issubclass(cls, Network) or cls is NoNetwork:
        add(cls.fit, is_fitted, lambda X: make().fit(X), X=(kind, rows), label=name)
    add(Detector.decision_function, scores_per_row, fitted.decision_function, X=(kind, rows), label=name)
    add(BaseDetector.predict, None, fitted.predict, X=(kind, rows), return_confidence=(P, False), label=name,
        name="detectors.base.Detector.predict")
    add(BaseDetector.predict_proba, probabilities, fitted.predict_proba, X=(kind, rows), method=(P, "linear"), label=name,
        name="detectors.base.Detector.predict_proba")
    if not cls.offline:
        add(Detector.score_next, scores_per_row, lambda X: copy.copy(fitted).score_next(X), X=(kind, rows), label=name)
    for method in ("explain", "expected"):
        if hasattr(cls, method):
            add(getattr(cls, method), explained, getattr(fitted, method), X=(kind, rows), label=name)
    if hasattr(cls, "limit") and callable(cls.limit):
        add(cls.limit, finite, fitted.limit, alpha=(P, 0.01), label=name)
    add(cls, None, lambda **settings: make(**settings)._check() if isinstance(make(), Network) else
        make(**settings).fit(rows), label=f"{name}, parameters",
        **{key: (P, value) for key, value in make().get_params(deep=False).items()})


for each, make in QUICK.items():
    add_detector(each, make, type(make()))
add_detector("network", NoNetwork, NoNetwork)


# --------------------------------------------------------------------------------------------------- the properties

def each_single(call, say=lambda parameter, oddity: None):
    """Give a function its healthy inputs, and then each input in each single odd way."""
    usual = {parameter: value for parameter, (_, value) in call.inputs.items()}
    say("", "healthy")
    result = odd.survives(call.call, **usual)
    if isinstance(result, Exception):
        odd.complain(f"refuses healthy inputs: {result!r}")
    for parameter, (kind, _) in call.inputs.items():
        for oddity, value in kind.each():
            if any(value is each or type(value) is int and value == each for each in call.skip):
                continue
            say(parameter, oddity)
            one(call, {**usual, parameter: value}, oddity in kind.hopeless)


def one(call, inputs, hopeless=False):
    """Give a function odd inputs."""
    result = odd.survives(call.call, errors=call.errors, **inputs,
                          check=None if call.check is None else lambda result: call.check(result, **inputs))
    if hopeless and not isinstance(result, Exception):
        odd.complain("it did not refuse them")
    return result
