"""Every public function of detectors, windows, thresholds, metrics, ensembles and boards, given odd inputs.

`CALLS` has an entry for each of them: how to call it with healthy inputs, which kind each input is of, and what its
result must be. Each input is made odd in each single way, one at a time; then hypothesis makes several odd together.
"""

import contextlib
import copy
import importlib
import inspect
import math
import tempfile
from typing import NamedTuple

import numpy as np
import odd_inputs as odd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyod.models.base import BaseDetector
from pyod.models.knn import KNN

from mupy_helpers import (
    checks,
    detectors,
    ensembles,
    leaderboard,
    metrics,
    recipes,
    scoreboard,
    supervised,
    thresholds,
    windows,
)
from mupy_helpers.detectors import baselines, saving
from mupy_helpers.detectors.base import Detector
from mupy_helpers.detectors.networks import Network

N = 48
MODULES = ["checks.arguments", "checks.tables", "checks.times", "windows", "thresholds", "ensembles", "scoreboard", "recipes", "supervised", "leaderboard",
           "detectors.additive", "detectors.autoencoders", "detectors.base", "detectors.baselines", "detectors.charts",
           "detectors.clustering", "detectors.entire", "detectors.esd", "detectors.forecaster",
           "detectors.lstm_by_hand", "detectors.moving_median", "detectors.networks", "detectors.pca",
           "detectors.saving", "detectors.trailing_range", "detectors.training", "detectors.var_residual",
           "detectors.variational", "metrics.affiliation", "metrics.alarms", "metrics.nab", "metrics.ranges",
           "metrics.rows", "metrics.surface"]
# Public names that get no input from outside, and why.
EXEMPT = {
    "checks.arguments.file_error": "gets an error of the system, and words it",
    "checks.tables.same_kind": "gets what was checked, and what it was computed from",
    "detectors.base.Detector": "an interface: each detector below it is tried",
    "detectors.networks.Network": "an interface: each network below it is tried",
    "detectors.networks.Network.sequential": "without parameters",
    "ensembles.ScoreEnsemble.sequential": "without parameters",
    "detectors.base.LimitDetector": "an interface: each detector below it is tried",
    "detectors.lstm_by_hand.sigmoid": "a part of lstm_cell",
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
    "supervised.learn_from_fleet": "takes a minute: test_supervised.py tries what it refuses, and its parts are here",
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
    "NaT": lambda spans: spans.assign(end=spans["end"].where(spans["end"] > spans["end"].iloc[0])),
    "None": lambda spans: spans.assign(end=[None, *spans["end"].iloc[1:]]),
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


def kind_of(generate, hopeless=frozenset()):
    """A kind of which all there is is a list."""
    each = list(generate())
    return Kind(lambda: each, st.sampled_from([value for _, value in each]), frozenset(hopeless))


TABLE = Kind(odd.tables, odd.odd_tables(), frozenset(odd.HOPELESS))
SERIES = Kind(odd.series, odd.odd_series(), frozenset(odd.HOPELESS))
LABELS = Kind(odd.flags, odd.odd_labels(), frozenset({
    "1 and 2", "-1 and 1", "halves", "NaN", "None", "pd.NA", "text", "list in it", "strings", "dates", "no rows",
    "two columns", "0-d", "3-d", "a scalar", "nothing", "word", "dict", "masked", "series of boolean with NA",
    "series of arrow with NA", "series with NaN", "series of text", "series of arrow text", "frame of two"}))
REPEATED = SERIES._replace(hopeless=SERIES.hopeless - {  # NAB's stamps repeat
    f"index: {name}" for name in ("backwards", "shuffled", "twice", "all the same")})
PARAMETER = Kind(_parameters, odd.odd_parameters)
INDEX = kind_of(_indexes)
SPAN = kind_of(_spans)


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


def add(function, check=None, call=None, public=None, **inputs):
    """Enter a function."""
    settings = {key: inputs.pop(key) for key in ("label", "errors", "skip") if key in inputs}
    public = public or f"{function.__module__.removeprefix('mupy_helpers.')}.{function.__qualname__}"
    CALLS.append(Call(public, call or function, inputs, check, **settings))


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
add(checks.checked_matrix, call=lambda values: checks.checked_matrix(values, "kernel"), values=(TABLE, ROWS))
add(checks.checked_scores, scores_per_row, scores=(SERIES, COLUMN))
add(checks.checked_flags, flags=(LABELS, MARKED))
add(checks.checked_alarm, is_alarm=(LABELS, MARKED_TIMED))
add(checks.check_same_rows, call=lambda first, second: checks.check_same_rows(first, second, ("first", "second")),
    first=(SERIES._replace(hopeless=()), COLUMN), second=(LABELS._replace(hopeless=()), MARKED))
add(checks.checked_spans, spans=(SPAN, healthy_spans()))
add(checks.checked_times, call=lambda spans: checks.checked_times(spans["start"], "start") if isinstance(
    spans, pd.DataFrame) and isinstance(spans.get("start"), pd.Series) else None, spans=(SPAN, healthy_spans()))
add(checks.checked_stamp, call=lambda value: checks.checked_stamp(value, "moment"), value=(P, "2024-03-31"))
add(checks.check_same_zone, index=(INDEX, odd.times(N)),
    call=lambda index: checks.check_same_zone(index, [pd.Timestamp("2024-03-31")], ("index", "spans")))
add(checks.checked_length, call=lambda value: checks.checked_length(value, "merge"), value=(P, "1h"))
add(checks.checked_count, call=lambda value: checks.checked_count(value, "k"), value=(P, 3))
add(checks.checked_number, finite, call=lambda value: checks.checked_number(value, "sigma", above=0), value=(P, 1.5))
add(checks.checked_choice, call=lambda value: checks.checked_choice(value, ("mean", "max"), "how"), value=(P, "mean"))
add(checks.checked_switch, call=lambda value: checks.checked_switch(value, "trend"), value=(P, True))
add(checks.checked_path, call=lambda value: checks.checked_path(value), value=(P, "data/store.csv"))
add(checks.check_callable, call=lambda value: checks.check_callable(value, "progress"), value=(P, None))
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
add(metrics.observed_weeks, finite, index=(INDEX, odd.times(N)),
    keep=(LABELS._replace(hopeless=LABELS.hopeless - {"nothing"}), MARKED))
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
    kind, rows = (SERIES, COLUMN) if cls.univariate else (TABLE, ROWS)
    fitted = fitted or make().fit(rows)
    if not issubclass(cls, Network) or cls is NoNetwork:
        add(cls.fit, is_fitted, lambda X: make().fit(X), X=(kind, rows), label=name)
    add(Detector.decision_function, scores_per_row, fitted.decision_function, X=(kind, rows), label=name)
    add(BaseDetector.predict, None, fitted.predict, X=(kind, rows), label=name,
        public="detectors.esd.SeasonalHybridESDOffline.predict" if cls.offline else "detectors.base.Detector.predict")
    add(Detector.predict_proba, probabilities, fitted.predict_proba, X=(kind, rows), method=(P, "linear"), label=name)
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


# Fitted once, with weights that mean nothing: what counts is what they do with other rows.
TINY = {"window": 4, "epochs": 1, "batch_size": 8}
NETWORKS = [detectors.DenseAutoencoder(n_hidden=2, **TINY), detectors.LSTMAutoencoder(n_units=2, **TINY),
            detectors.LSTMForecaster(n_units=2, **TINY),
            detectors.VariationalAutoencoder(n_hidden=2, n_draws=1, **TINY)]


def add_networks():
    """Enter the networks; fitting them takes seconds, so it waits until they are asked for."""
    for network in NETWORKS:
        name = type(network).__name__

        def scores(X, network=network):
            return (network if hasattr(network, "decision_scores_") else network.fit(ROWS)).decision_function(X)

        add(type(network), None, lambda network=network, **s: type(network)(**s)._check(), label="parameters",
            **{key: (P, value) for key, value in network.get_params().items()})
        add(Detector.decision_function, scores_per_row, scores, X=(TABLE, ROWS), label=name)


add_networks()


def saved(detector):
    return saving.packed(detector.fit(ROWS) if isinstance(detector, Network) else detector)


def saved_at(path):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return saving.save_detector(NoNetwork().fit(ROWS), path)


def saved_by_itself(path):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return NoNetwork().fit(ROWS).save(path)


add(detectors.generalized_esd, values=(SERIES, COLUMN), max_outliers=(P, None), alpha=(P, 0.05))
add(detectors.average_run_length, finite, call=lambda chart, shift: detectors.average_run_length(chart, shift),
    chart=(P, detectors.EWMAChart()), shift=(P, 0.0))
add(detectors.average_run_length, finite, call=lambda **s: detectors.average_run_length(detectors.EWMAChart(**s)),
    label="EWMA", weight=(P, 0.2), limit=(P, 2.962))
add(detectors.average_run_length, finite, call=lambda **s: detectors.average_run_length(detectors.CUSUMChart(**s)),
    label="CUSUM", allowance=(P, 0.5), limit=(P, 5.0))
for function in (detectors.detect_entire, detectors.detect_last):
    check = scores_per_row if function is detectors.detect_entire else finite
    add(function, check, call=lambda series, function=function: function(detectors.HotellingT2(), series, 24),
        series=(TABLE, ROWS), label="ours")
    add(function, check, call=lambda series, function=function: function(KNN(n_neighbors=3), series, 24),
        series=(TABLE, TIMED), label="PyOD's")
    add(function, None, call=lambda detector, fit_rows, function=function: function(detector, TIMED, fit_rows),
        detector=(P, detectors.VARResidual()), fit_rows=(P, 24), label="parameters")
add(detectors.gaussian_kl, mean=(TABLE, ROWS), log_variance=(TABLE, np.zeros((N, 3))))
add(detectors.lstm_cell, x=(TABLE, ROWS), h=(TABLE, np.zeros((N, 2))), c=(TABLE, np.zeros((N, 2))),
    call=lambda x, h, c: detectors.lstm_cell(x, h, c, np.ones((3, 8)), np.ones((2, 8)), np.ones(8)))
add(saving.packed, call=saved, detector=(P, NoNetwork()))
add(saving.save_detector, call=saved_at, path=(P, "detector.npz"))
add(Network.save, call=saved_by_itself, path=(P, "detector.npz"))
add(Network.fit, is_fitted, call=lambda X, validation: NoNetwork().fit(X, validation=validation), X=(TABLE, ROWS),
    validation=(TABLE._replace(hopeless=TABLE.hopeless - {"None"}), ROWS), label="validation")

# --- ensembles and boards


def frame_of_scores(result, X, **inputs):
    assert np.isfinite(result.to_numpy()).all(), "not finite"
    assert len(result) == rows_of(X), len(result)


def finite_array(result, **inputs):
    odd.finite_scores(result, rows_of(next(iter(inputs.values()))))


FITTED = QUICK["ScoreEnsemble"]().fit(ROWS)
for scale in ensembles.SCALES:
    add(ensembles.ScoreScale.fit, None, lambda scores, scale=scale: ensembles.ScoreScale(scale).fit(scores),
        scores=(SERIES, COLUMN), label=scale)
    add(ensembles.ScoreScale.transform, finite_array,
        lambda scores, scale=scale: ensembles.ScoreScale(scale).fit(COLUMN).transform(scores),
        scores=(Kind(odd.series, odd.odd_series(), SERIES.hopeless - {"no rows", "frame without rows"}), COLUMN),
        label=scale)
add(ensembles.ScoreScale, call=lambda scale: ensembles.ScoreScale(scale).fit(COLUMN), scale=(P, "rank"))
add(ensembles.combine_scores, finite_array, scores=(TABLE, ROWS), how=(P, "mean"), weights=(P, None))
add(ensembles.ScoreEnsemble.scaled_scores, frame_of_scores, FITTED.scaled_scores, X=(TABLE, ROWS))
SUITE = leaderboard.Recording("one", TIMED, MARKED_TIMED, 20)
add(leaderboard.Recording, call=lambda **s: leaderboard.Recording("one", **s), rows=(TABLE, TIMED),
    labels=(LABELS, MARKED_TIMED), fit_rows=(P, 20))
add(leaderboard.simulated_recording, kind=(P, "drift"), seed=(P, 1))
add(leaderboard.baselines, random_state=(P, 0))
add(leaderboard.score_recording, detector=(P, detectors.HotellingT2()), recording=(P, SUITE), name=(P, None))
BOARD = leaderboard.Leaderboard(pd.DataFrame({"r1": [0.5, 0.6], "r2": [0.4, 0.7]}, index=["a", "b"]),
                                pd.DataFrame({"r1": [0.5, 0.6], "r2": [0.4, 0.7]}, index=["a", "b"]),
                                {"a": False, "b": True})
add(leaderboard.Leaderboard.difference, call=BOARD.difference, detector=(P, "a"), other=(P, "b"))


def refused_suite(detector, suite, name, random_state):
    """All that evaluate refuses before the baselines are fitted."""
    original = leaderboard.score_recording
    leaderboard.score_recording = lambda *given: (np.linspace(0, 1, 28), False)
    try:
        return leaderboard.evaluate(detector, suite, name, random_state)
    finally:
        leaderboard.score_recording = original


add(leaderboard.evaluate, call=refused_suite, detector=(P, detectors.HotellingT2()), suite=(P, [SUITE]),
    name=(P, None), random_state=(P, 0), skip=("mini",))

# --- the cold store's board and recipes

STEP, DAYS = "10min", 6
BEFORE = pd.Timestamp("2024-03-28")


def healthy_store():
    """A machine that runs from 08:00 to 16:00, on either side of a change to summer time."""
    rng, index = np.random.default_rng(1), pd.date_range("2024-03-25", periods=DAYS * 144, freq=STEP)
    names = sorted({*recipes.MACHINE, *recipes.CAUSES, *supervised.AIR, *supervised.MACHINE})
    store = pd.DataFrame(rng.normal(5, 0.1, (len(index), len(names))).round(4), index, names)
    store.loc[(index.hour < 8) | (index.hour >= 16), "drive_current"] = 0.0
    return store


def _with_column(change):
    return lambda store: store.assign(frequency=change(store["frequency"]))


STORES = {
    "healthy": lambda store: store,
    "some NaN": lambda store: store.mask(np.random.default_rng(0).random(store.shape) < 0.1),
    "only NaN": lambda store: store * np.nan,
    "a column of NaN": _with_column(lambda column: column * np.nan),
    "constant": _with_column(lambda column: 50.0),
    "all constant": lambda store: store * 0 + 1,
    "never runs": lambda store: store.assign(drive_current=0.0),
    "infinity": _with_column(lambda column: column.where(np.arange(len(column)) != 9, np.inf)),
    "1e300": _with_column(lambda column: column.where(np.arange(len(column)) != 9, 1e300)),
    "text": _with_column(lambda column: "50"),
    "dates": _with_column(lambda column: column.index),
    "bool": _with_column(lambda column: column > 5),
    "complex": _with_column(lambda column: column + 1j),
    "objects": lambda store: store.astype(object),
    "float32": lambda store: store.astype(np.float32),
    "Float64": lambda store: store.mask(store > 5.3).astype("Float64"),
    "arrow": lambda store: store.mask(store > 5.3).astype("double[pyarrow]"),
    "categories": lambda store: store.astype("category"),
    "no such column": lambda store: store.drop(columns="frequency"),
    "columns twice": lambda store: pd.concat([store, store[["frequency"]]], axis=1),
    "columns of two levels": lambda store: store.set_axis(pd.MultiIndex.from_product([["a"], store.columns]), axis=1),
    "no rows": lambda store: store.iloc[:0],
    "one row": lambda store: store.iloc[:1],
    "two rows": lambda store: store.iloc[:2],
    "starts later": lambda store: store[store.index >= BEFORE],
    "ends before": lambda store: store[store.index < BEFORE],
    "an array": lambda store: store.to_numpy(),
    "a series": lambda store: store["frequency"],
    "nothing": lambda store: None,
    "a dict": lambda store: store.to_dict("list"),
}


def _stores():
    for name, change in STORES.items():
        yield name, change(healthy_store())
    for name, index in odd.INDEXES.items():
        yield f"index: {name}", healthy_store().set_axis(index(DAYS * 144))


UNORDERED = frozenset({"columns twice", "columns of two levels", "no rows", "starts later", "an array", "a series",
                       "nothing", "a dict", *(f"index: {name}" for name in odd.NO_ORDER)})
STORE = kind_of(_stores, UNORDERED | {"infinity", "1e300", "text", "dates", "complex", "no such column"})


def bools(result, **inputs):
    assert result.dtype == bool, result.dtype


def no_infinity(result, **inputs):
    assert not np.isinf(np.asarray(result, dtype=float)).any(), "infinite"


def rows_of_store(result, store, **inputs):
    assert result.index.equals(store.index), "another index"
    assert result["is_alarm"].dtype == bool, result["is_alarm"].dtype
    no_infinity(result["score"])


def two_members():
    return {"T²": detectors.HotellingT2(), "VAR": detectors.VARResidual()}


B = (P, BEFORE)
BOOK = pd.DataFrame({
    "unit": [0, 1], "kind": ["slow_leak", "sensor"], "start": pd.to_datetime(["2024-03-29 02:00", "2024-03-28 03:00"]),
    "end": pd.to_datetime(["2024-03-30 00:00", "2024-03-28 09:00"]), "trip": pd.to_datetime(["2024-03-29 20:00", None]),
    "failure": pd.to_datetime(["2024-03-29 20:00", None]), "is_fault": [True, True]})


def _books(book=BOOK):
    yield "healthy", book
    for name, change in SPANS.items():
        changed = change(book[["start", "end"]])
        same = isinstance(changed, pd.DataFrame) and len(changed) == len(book) and list(changed) == ["start", "end"]
        yield name, book.assign(start=changed["start"].array, end=changed["end"].array) if same else changed
    for column in book:
        yield f"no {column}", book.drop(columns=column)
        yield f"{column} of text", book.assign(**{column: "text"})
        yield f"{column} missing", book.assign(**{column: None})
        yield f"{column} of lists", book.assign(**{column: [[1]] * len(book)})
    for name in ("failure", "trip"):
        yield f"{name} with a zone", book.assign(**{name: book[name].dt.tz_localize("UTC")})


def _leaks():
    yield from _books(BOOK.iloc[:1])


def healthy_fleet():
    return pd.concat({unit: healthy_store() for unit in range(2)}, names=["unit", "time"])


def _fleet_alarms():
    alarm = healthy_fleet()["frequency"] > 5.2
    for name, change in LABEL_CHANGES.items():
        yield name, change(alarm)
    for name, index in odd.INDEXES.items():
        one = pd.Series(odd.marked(N), index(N))
        yield f"index: {name}", pd.concat({0: one}, names=["unit", "time"]) if one.index.nlevels == 1 else one


LABEL_CHANGES = {
    "healthy": lambda alarm: alarm, "all": lambda alarm: alarm | True, "none": lambda alarm: alarm & False,
    "boolean": lambda alarm: alarm.astype("boolean"), "NA": lambda alarm: alarm.astype("boolean").where(~alarm),
    "floats": lambda alarm: alarm.astype(float), "halves": lambda alarm: alarm / 2,
    "text": lambda alarm: alarm.astype(str),
    "no rows": lambda alarm: alarm.iloc[:0], "one row": lambda alarm: alarm.iloc[:1],
    "frame": lambda alarm: alarm.to_frame("alarm"), "array": lambda alarm: alarm.to_numpy(),
    "one store": lambda alarm: alarm.xs(0), "shuffled": lambda alarm: alarm.sample(frac=1, random_state=0),
    "nothing": lambda alarm: None,
}
FLEET_ALARM = kind_of(_fleet_alarms)
EVENTS, LEAK = kind_of(_books), kind_of(_leaks)
STORE_ALARM = healthy_store()["frequency"] > 5.2
ONE_STORE = kind_of(lambda: ((name, change(STORE_ALARM)) for name, change in LABEL_CHANGES.items()
                             if name != "one store"))


def a_board(events=BOOK.iloc[:1], costs=None, scored_from=BEFORE):
    return scoreboard.Scoreboard(events, costs, scored_from)


class Run(NamedTuple):
    """As simulate_cold_store returns it."""

    data: object
    events: object


add(scoreboard.Costs, call=lambda **s: a_board(costs=scoreboard.Costs(**s)).measure(STORE_ALARM),
    lost_load=(P, 6000.0), call_out=(P, 80.0), hours_needed=(P, 12.0), faults_per_year=(P, 1.0))
add(scoreboard.Scoreboard, call=a_board, events=(LEAK, BOOK.iloc[:1]), costs=(P, None), scored_from=B)
add(scoreboard.Scoreboard.measure, call=lambda is_alarm: a_board().measure(is_alarm), is_alarm=(ONE_STORE, STORE_ALARM))
add(scoreboard.Scoreboard.add, call=lambda **s: repr(a_board().add(**s)) and None, method=(P, "mine"),
    is_alarm=(ONE_STORE, STORE_ALARM), fitted_on=(P, "nothing"))
add(scoreboard.measure_fleet, call=lambda events, scored_from: scoreboard.measure_fleet(
    lambda store: store["frequency"] > 5.2, Run(healthy_fleet(), events), scored_from), events=(EVENTS, BOOK),
    scored_from=B)
add(scoreboard.measure_fleet, call=scoreboard.measure_fleet, method=(P, lambda store: store["frequency"] > 5.2),
    run=(P, Run(healthy_fleet(), BOOK)), scored_from=B, skip=(object,), label="parameters")
add(scoreboard.read_fleets, results=(P, {"mine": pd.DataFrame({
    "leak": [True], "hours before the trip": [20.0], "false alarms": [1], "healthy weeks": [3.0]})}))
add(scoreboard.measure_failures, is_alarm=(FLEET_ALARM, healthy_fleet()["frequency"] > 5.2), events=(EVENTS, BOOK),
    merge=(P, "1D"))
add(checks.checked_readings, call=lambda store: checks.checked_readings(store, recipes.MACHINE),
    store=(STORE._replace(hopeless=STORE.hopeless - {"starts later", "no rows"}), healthy_store()))
add(recipes.held_back_since, store=(STORE._replace(hopeless=UNORDERED), healthy_store()), before=B)
add(recipes.current_residual, no_infinity, store=(STORE, healthy_store()), before=B)
add(recipes.scored_current, rows_of_store, store=(STORE, healthy_store()), before=B)
add(recipes.machine_features, no_infinity, store=(STORE, healthy_store()), before=B, every=(P, 8))
add(recipes.detectors, random_state=(P, 0))
add(recipes.members, random_state=(P, 0))
add(recipes.members_scores, no_infinity, lambda store, before: recipes.members_scores(store, before, two_members()),
    store=(STORE, healthy_store()), before=B)
add(recipes.members_scores, None, lambda detectors: recipes.members_scores(healthy_store(), BEFORE, detectors),
    detectors=(P, two_members()), label="parameters")
add(recipes.combined_alarm, bools, before=B,
    scores=(STORE._replace(hopeless=STORE.hopeless - {"no such column"}), healthy_store()))
add(supervised.failure_label, no_infinity, times=(INDEX, odd.times(N)), failures=(EVENTS, BOOK), horizon=(P, "48h"))
add(supervised.daily_features, no_infinity, store=(STORE, healthy_store()), until=B)


class Half:
    """In place of a classifier."""

    feature_names_in_ = np.array(["starts", "share on"])

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


add(supervised.alarm, bools, store=(STORE, healthy_store()), until=B, learned=(P, supervised.FleetLearner(Half(), 0.4)))


# --------------------------------------------------------------------------------------------------- the properties

def one(call, inputs, hopeless=False):
    """Give a function odd inputs."""
    result = odd.survives(call.call, errors=call.errors, **inputs,
                          check=None if call.check is None else lambda result: call.check(result, **inputs))
    if hopeless and not isinstance(result, Exception):
        odd.complain("it did not refuse them")
    return result


def healthy_inputs(call):
    return {parameter: value for parameter, (_, value) in call.inputs.items()}


def each_single(call, say=lambda parameter, oddity: None, first=0, step=1):
    """Give a function its healthy inputs, and then each input in each (or each so many-th) single odd way."""
    usual = healthy_inputs(call)
    say("", "healthy")
    result = one(call, usual)
    if isinstance(result, Exception):
        odd.complain(f"refuses healthy inputs: {result!r}")
    for parameter, (kind, _) in call.inputs.items():
        for oddity, value in list(kind.each())[first::step]:
            if not any(value is each or type(value) is int and value == each for each in call.skip):
                say(parameter, oddity)
                one(call, {**usual, parameter: value}, oddity in kind.hopeless)


def title(call):
    return f"{call.name} {call.label}".strip()


@pytest.mark.parametrize("place", range(len(CALLS)), ids=[title(call).replace(" ", "-") for call in CALLS])
def test_single_oddities(place):
    """By turns: every second oddity, and every tenth of what all detectors share; all of them when thorough."""
    call, said = CALLS[place], []
    step = 1 if odd.THOROUGH else 10 if call.name.startswith("detectors.base.Detector") else 2
    try:
        each_single(call, lambda *now: said.append(now), place % step, step)
    except AssertionError as error:
        raise AssertionError(f"{title(call)} with {' '.join(said[-1])}: {error}") from error


@pytest.mark.parametrize("place", range(len(CALLS)), ids=[title(call).replace(" ", "-") for call in CALLS])
@given(data=st.data())
def test_several_oddities(place, data):
    call, inputs = CALLS[place], {}
    for parameter, (kind, usual) in call.inputs.items():
        inputs[parameter] = data.draw(st.just(usual) | kind.strategy, parameter)
    if not any(value is each or type(value) is int and value == each
               for value in inputs.values() for each in call.skip):
        one(call, inputs)


def test_every_public_function_is_here():
    public = set()
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"mupy_helpers.{module}")).items():
            if name.startswith("_") or getattr(value, "__module__", None) != f"mupy_helpers.{module}":
                continue
            public.add(f"{module}.{name}")
            if inspect.isclass(value):
                public |= {f"{module}.{name}.{method}" for method, what in vars(value).items()
                           if not method.startswith("_")
                           and (callable(what) or isinstance(what, (property, classmethod)))}
    tried = {call.name for call in CALLS}
    # A class is tried by its parameters, and a property by what reads it.
    assert public - tried - set(EXEMPT) == set(), "public, but not in CALLS"
    assert set(EXEMPT) - public == set(), "exempt, but not there any more"
    assert set(EXEMPT) & tried == set(), "exempt, but tried"


@pytest.mark.parametrize("call", ids=title, argvalues=[
    call for call in CALLS
    if call.check is not None and any(kind in (TABLE, SERIES) for kind, _ in call.inputs.values())])
def test_the_form_of_the_numbers_does_not_matter(call):
    usual = healthy_inputs(call)
    wanted = plain(call.call(**usual))
    for parameter, (kind, value) in call.inputs.items():
        if kind not in (TABLE, SERIES) or not isinstance(value, np.ndarray):
            continue
        for name, form in odd.FORMS.items():
            if name in odd.SAME_FORMS:
                table = value if value.ndim == 2 else value[:, np.newaxis]
                found = plain(call.call(**{**usual, parameter: form(table)}))
                for ours, theirs in zip(found, wanted, strict=True):
                    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=f"{parameter}: {name}")


def plain(result):
    """The numbers of a result."""
    if isinstance(result, BaseDetector):
        return [result.decision_scores_]
    if hasattr(result, "last_row"):
        return [result.values.reshape(len(result), -1)]
    return [np.asarray(part, dtype=float) for part in (result if isinstance(result, tuple) else [result])
            if part is not None]
