"""Odd inputs to every public function of nine packages: a stated result or a stated error, inputs as they were.

MUPY_THOROUGH=500 tries so many examples of each function instead of the few of every day.
"""

import functools
import importlib
import io
import math
import socket
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_calls import Case, anything, events, paths, public_names, quick, series, tables, texts, times
from odd_inputs import finite_scores, odd_parameters

from mupy_helpers import datasets, exercises, fleet, own_data, plots, simulate, streaming, widgets
from mupy_helpers.datasets import made, published
from mupy_helpers.detectors import HotellingT2
from mupy_helpers.exercises import engine, three_bugs
from mupy_helpers.live import page, picture
from mupy_helpers.live.engine import Engine
from mupy_helpers.own_data import inspecting, recipe
from mupy_helpers.simulate import (
    card_payments,
    famous_unit,
    faults,
    heart_sounds,
    heartbeats,
    plant,
    pump,
    radio,
    server_log,
    small_sets,
    spoken_words,
    typing_errors,
)
from mupy_helpers.simulate import fleet as fleet_simulation
from mupy_helpers.streaming import files, messages
from mupy_helpers.streaming.arrivals import checked_columns
from mupy_helpers.streaming.scorer import one_row
from mupy_helpers.widgets import show
from mupy_helpers.widgets.faults import healthy_series

START = pd.Timestamp("2016-01-01")
TIMES = pd.date_range(START, periods=40, freq="h", name="time")
WAVE = pd.Series(20 + np.sin(np.arange(40)), index=TIMES, name="v")
ROWS = pd.DataFrame({"a": np.sin(np.arange(60.0)), "b": np.cos(np.arange(60.0) ** 2)},
                    index=pd.date_range(START, periods=60, freq="min", name="time"))
DETECTOR = HotellingT2(n_components=2).fit(ROWS)
LONG = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["a", "b"],
                    index=pd.date_range(START, periods=300, freq="min", name="time"))
FLEET = pd.concat({1: ROWS, 2: ROWS}, names=["unit"])
SPANS = pd.DataFrame({"start": [START], "end": [START + pd.Timedelta("5h")]})
P = odd_parameters
CASES = {}


def add(name, call, odd, given=None, check=None, errors=(TypeError, ValueError, OSError)):
    """Add a case by the name that the registry knows it by."""
    fixed = given or {}
    CASES[name] = Case(call, fixed if callable(fixed) else lambda: dict(fixed), odd, check, errors)


# ---------------------------------------------------------------------------------------------------------- simulate

def finite(run):
    assert np.isfinite(run.data.to_numpy(dtype=float)).all(), "readings that are not finite"


add("simulate.cold_store.simulate_cold_store", simulate.simulate_cold_store,
    {"start": times, "days": quick, "n_units": quick, "faults": P, "operations": P, "seed": P, "step_seconds": P,
     "warm_up_days": quick, "store": P, "cloudy_days": P | st.dictionaries(times.filter(hashable := lambda each: (
         isinstance(each, (str, int, float)))), P, max_size=2), "warmer": P, "progress": P.filter(lambda x: x not in (
             len, object) if callable(x) else True)},
    {"start": "2016-01-01", "days": 0.05, "step_seconds": 300, "warm_up_days": 0}, finite)
for kind in (faults.SlowLeak, faults.DoorAjar, faults.FanFailure, faults.CondenserFouling, faults.PowerCut,
             faults.StuckSensor, faults.SensorDrift, faults.SensorGlitches, faults.DoorOpening, faults.WarmLoad,
             faults.GridPower, faults.CloudyDay, faults.Fault, faults.Operation, faults.SensorFault):
    own = [name for name in kind.__dataclass_fields__ if name not in ("start", "end")]
    add(f"simulate.faults.{kind.__name__}", kind, {"start": times, "end": times, **dict.fromkeys(own, P)},
        {"start": START, "end": START + pd.Timedelta("2h")})


def run_with(kind, **odd):
    """What a fault lets pass must run."""
    try:
        fault = kind("2016-01-01 00:10", "2016-01-01 01:00", **odd)
    except (TypeError, ValueError):
        return None
    of = "operations" if kind is faults.WarmLoad else "faults"
    return simulate.simulate_cold_store("2016-01-01", 0.06, step_seconds=300, warm_up_days=0, **{of: [fault]})


for kind in (faults.SlowLeak, faults.FanFailure, faults.CondenserFouling, faults.SensorDrift, faults.SensorGlitches,
             faults.WarmLoad):
    own = [name for name in kind.__dataclass_fields__ if name not in ("start", "end", "unit")]
    add(f"run with {kind.__name__}", lambda kind=kind, **odd: run_with(kind, **odd), dict.fromkeys(own, P), {},
        lambda run: run is None or finite(run))
add("simulate.plant.Store", lambda **odd: plant.Store(**odd).spread(1),
    {name: P for name in ("air_capacity", "wall_conductance", "coil_lag", "sun_start")})
add("simulate.radio.send_by_radio", radio.send_by_radio,
    {"readings": anything, "delay": P, "stuck": P, "share_stuck": P, "share_twice": P, "share_lost": P, "seed": P},
    {"readings": ROWS})
add("simulate.heart_sounds.simulate_heart_sounds", heart_sounds.simulate_heart_sounds,
    {"n_persons": quick, "n_recordings": quick, "share_with_murmur": P, "seed": P}, {"n_persons": 1, "n_recordings": 1})
add("simulate.heartbeats.simulate_heartbeats", heartbeats.simulate_heartbeats, {"seed": P.filter(
    lambda x: not isinstance(x, (int, np.integer)) or x < 0)}, {"seed": 3})
add("simulate.card_payments.simulate_card_payments", card_payments.simulate_card_payments, {"seed": P.filter(
    lambda x: not isinstance(x, (int, np.integer)) or x < 0)}, {"seed": 3})
add("simulate.pump.simulate_pump", pump.simulate_pump, {"seed": st.sampled_from((-1, None, 0.5, "x", math.nan))},
    {"seed": "x"})
add("simulate.fleet.simulate_fleet", fleet_simulation.simulate_fleet, {"seed": st.sampled_from((-1, None, 0.5, "x"))},
    {"seed": "x"})
add("simulate.fleet.draw_faults", fleet_simulation.draw_faults, {"rng": P}, lambda: {"rng": np.random.default_rng(1)})
add("simulate.famous_unit.raw_file", famous_unit.raw_file, {"run": P, "seed": P}, {"run": None})
add("simulate.famous_unit.write_cold_store", famous_unit.write_cold_store, {"folder": st.sampled_from(
    ("no/such", "\0", 3, None, b"x", "/dev/null"))}, {"folder": 3})
add("simulate.server_log.simulate_server_log", server_log.simulate_server_log, {"n_blocks": quick, "seed": P},
    {"n_blocks": 80})
add("simulate.server_log.write_server_log", server_log.write_server_log, {"folder": st.sampled_from(("\0", 3, None))},
    {"folder": 3})
add("simulate.spoken_words.simulate_spoken_word", spoken_words.simulate_spoken_word,
    {"word": texts, "n_speakers": quick, "seed": P}, {"word": "ai", "n_speakers": 1, "seed": 1})
add("simulate.typing_errors.simulate_typing_errors", typing_errors.simulate_typing_errors,
    {"words": P | st.lists(st.text("abc ä", max_size=5), max_size=9), "share": P, "seed": P},
    {"words": ["from", "form", "with"] * 10})
add("simulate.small_sets.write_small_sets", small_sets.write_small_sets, {"names": P}, {"folder": 3})
for name in ("shipments", "kolkata"):
    add(f"simulate.small_sets.{name}", getattr(small_sets, name), {"seed": P})


# ------------------------------------------------------------------------------------------------------------- plots

def drawn(axes):
    """The figure can be drawn and has an alt text; it is the only one, and closed here."""
    figure = np.ravel(np.array(axes, dtype=object))[0].figure
    figure.savefig(io.BytesIO(), dpi=20)
    alt = plots.alt_text(figure)
    assert alt == " ".join(alt.split()), repr(alt)
    assert alt, "no alt text"
    assert len(plt.get_fignums()) == 1, "a figure that was left open"


# Of a letter that its font lacks, and of a title wider than the figure, matplotlib warns by itself.
drawable = texts.filter(lambda text: text not in ("日本", "é" * 300))
LINE = {"title": drawable, "ylabel": drawable, "alt": texts}
add("plots.plot_series", plots.plot_series, {"series": series, "gap": P, "show_gaps": P, "color": P, "ax": P, **LINE},
    {"series": WAVE}, drawn)
add("plots.plot_scores", plots.plot_scores, {"series": series, "scores": series, "threshold": P, "events": events,
                                             "event_label": drawable, "axes": P, **LINE},
    {"series": WAVE, "scores": WAVE, "threshold": 20.5}, drawn)
add("plots.plot_fences", plots.plot_fences, {"values": series, "fences": P, "bins": quick, "ax": P, "title": texts,
                                             "xlabel": texts, "alt": texts}, {"values": WAVE, "fences": (19, 21)}, drawn)
add("plots.plot_day_profile", plots.plot_day_profile, {"series": series, "exclude": events, "label": drawable, **LINE},
    {"series": WAVE}, drawn)
add("plots.plot_correlation", plots.plot_correlation, {"correlation": tables | P, "ax": P, "title": texts},
    {"correlation": ROWS.corr()}, drawn)
add("plots.plot_decomposition", plots.plot_decomposition,
    {"result": P | series.map(lambda part: SimpleNamespace(observed=part, trend=WAVE, seasonal=WAVE, resid=WAVE)),
     "axes": P, "title": texts},
    {"result": SimpleNamespace(observed=WAVE, trend=WAVE, seasonal=WAVE, resid=WAVE)}, drawn)
add("plots.shade_events", lambda events, kind, label: plots.shade_events(plt.subplots()[1], events, kind=kind,
                                                                         label=label),
    {"events": events, "kind": texts, "label": drawable}, {"events": SPANS, "kind": "fault", "label": None})
add("plots.gaps", plots.gaps, {"index": P | series.map(lambda each: getattr(each, "index", each)), "longest": P},
    {"index": TIMES})
add("plots.with_gaps_open", plots.with_gaps_open, {"series": series, "longest": P}, {"series": WAVE})
add("plots.describe", lambda figure_or_axes, text: plots.describe(figure_or_axes or plt.Figure(), text) and None,
    {"figure_or_axes": P.filter(lambda x: isinstance(x, (str, int, float, list)) and bool(x)), "text": texts},
    {"figure_or_axes": None, "text": "A figure."})
add("plots.alt_text", plots.alt_text, {"figure": P}, plt.Figure and (lambda: {"figure": plt.Figure()}))
add("plots.figure_of", plots.figure_of, {"figure_or_axes": P}, lambda: {"figure_or_axes": plt.Figure()})


# --------------------------------------------------------------------------------------------------------- streaming

values = st.one_of(P, st.lists(P, max_size=3), st.dictionaries(st.sampled_from(("a", "b", "c")), P, max_size=3))


def arrive(time, value, missing="skip", lateness="1min"):
    arrivals = streaming.Arrivals(["a", "b"], missing=missing, lateness=lateness)
    arrivals.push("2016-01-01", [1, 2])
    released = arrivals.push(time, value) + arrivals.push("2016-01-02", [1, 2]) + arrivals.flush()
    assert sum(arrivals.counts[each] for each in ("released", "malformed", "duplicate", "late", "missing")) == 3
    assert all(np.isfinite(row).all() for _, row in released)
    return streaming.Arrivals.resumed(arrivals.state()).state()["counts"]


def watched(time, value):
    return streaming.watch(DETECTOR, ["a", "b"], on=3).feed(time, value)


def alarms(score, time):
    told = streaming.AlarmFilter(0.5, merge="1h")
    return [told.update(1.0, START)[1], told.update(score, time)[1], told.update(1.0, START + pd.Timedelta("1D"))[1]]


add("streaming.alarms.AlarmFilter", streaming.AlarmFilter, {"on": P, "off": P, "k": P, "n": P, "merge": P}, {"on": 1.0})
add("AlarmFilter.update", alarms, {"score": P, "time": times}, {"score": 0.0, "time": START + pd.Timedelta("5min")})
add("AlarmFilter.resumed", streaming.AlarmFilter.resumed, {"state": P}, {"state": streaming.AlarmFilter(1).state()})
add("streaming.arrivals.Arrivals", streaming.Arrivals,
    {"columns": P, "lateness": P, "missing": texts, "max_hold": P, "max_gap": P}, {"columns": ["a"]})
add("Arrivals.push", arrive, {"time": times, "value": values, "missing": st.just("hold")},
    {"time": "2016-01-01 05:00", "value": [1, 2]})
add("Arrivals.begin_after", lambda time: streaming.Arrivals(["a"]).begin_after(time), {"time": times}, {"time": START})
add("Arrivals.resumed", streaming.Arrivals.resumed, {"state": P}, {"state": streaming.Arrivals(["a"]).state()})
add("streaming.arrivals.checked_columns", checked_columns, {"columns": P}, {"columns": ["a"]})
add("streaming.scorer.StreamScorer", streaming.StreamScorer, {"detector": P | st.just(HotellingT2())},
    {"detector": DETECTOR})
add("StreamScorer.score", lambda X: streaming.StreamScorer(DETECTOR).score(X), {"X": tables}, {"X": ROWS.to_numpy()})
add("StreamScorer.score_one", lambda row, time: streaming.StreamScorer(DETECTOR).score_one(row, time),
    {"row": values, "time": times}, {"row": [1, 2], "time": START + pd.Timedelta("1D")}, lambda score: isinstance(
        score, float))
add("streaming.scorer.one_row", one_row, {"values": values}, {"values": [1, 2]})
add("streaming.online.OnlineScorer", streaming.OnlineScorer,
    {"columns": P, "n_trees": quick, "height": quick.filter(lambda x: x not in (2, 3) if isinstance(x, int) else True),
     "window": P, "delta": P, "restart": P, "random_state": P}, {"columns": ["a"], "n_trees": 2, "height": 2})


def online(row, time):
    scorer = streaming.OnlineScorer(["a", "b"], n_trees=2, height=2)
    scorer.score_one([1, 2], START)
    return scorer.score_one(row, time)


add("OnlineScorer.score_one", online, {"row": values, "time": times}, {"row": [1, 2], "time": START + pd.Timedelta("1D")})
add("OnlineScorer.resumed", streaming.OnlineScorer.resumed, {"state": P},
    {"state": streaming.OnlineScorer(["a"], n_trees=2, height=2).state()})
add("streaming.monitor.Monitor", streaming.Monitor, {"scorer": P, "arrivals": P, "alarms": P}, lambda: {
    "scorer": streaming.StreamScorer(DETECTOR), "arrivals": streaming.Arrivals(["a", "b"]),
    "alarms": streaming.AlarmFilter(3)})
add("streaming.monitor.watch", streaming.watch,
    {"detector": P, "columns": P, "on": P, "off": P, "k": P, "n": P, "merge": P, "lateness": P, "missing": texts,
     "max_hold": P, "max_gap": P}, {"detector": DETECTOR, "columns": ["a", "b"], "on": 3})
add("Monitor.feed", watched, {"time": times, "value": values}, {"time": "2016-01-02", "value": [1, 2]})
add("Monitor.save", lambda path: streaming.watch(DETECTOR, ["a", "b"], on=3).save(path), {"path": paths.filter(
    lambda x: not isinstance(x, str) or x != "")}, {"path": "/dev/null/x.npz"})
add("streaming.files.read", lambda path: files.read(path, "Monitor", dict), {"path": paths}, {"path": "no/such.npz"})
add("streaming.files.write", lambda content: files.write("no/such/folder/x.npz", "x", content), {"content": P},
    {"content": {}})
add("streaming.messages.decoded", messages.decoded, {"payload": P | st.binary(max_size=60)},
    {"payload": b'{"time": "x", "values": {"a": 1}}'})
add("streaming.messages.encoded", messages.encoded, {"reading": P | values.map(lambda v: messages.Reading("x", v)),
                                                    "after": P}, {"reading": messages.Reading("x", {"a": 1.0})})
add("streaming.player.play", streaming.play, {"rows": anything, "publish": P.filter(lambda x: not callable(x)),
                                              "speed": P, "stop": P.filter(lambda x: not callable(x))},
    {"rows": ROWS.iloc[:1], "publish": lambda time, row: None})
CASES["streaming.player.play"].odd["rows"] = anything.map(lambda each: each[:1] if hasattr(each, "iloc") else each)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    NOBODY = probe.getsockname()[1]
CONNECTION = {"topic": texts, "host": st.sampled_from(("", None, 3, "256.0.0.1", "no such host", "\0", "::1", b"x")),
              "port": P, "username": texts, "password": texts, "tls": paths.filter(lambda x: x is not True),
              "certificate": paths, "key": P, "longest_wait": P, "client_id": texts, "largest": P}


def connected(kind):
    def connect(**settings):
        with kind(**settings):
            pass
    return connect


add("streaming.sink.MQTTSink", connected(streaming.MQTTSink),
    {**CONNECTION, "window": P, "resend_after": P, "journal": paths.filter(lambda x: not isinstance(x, str) or x != "")},
    {"topic": "t", "host": "127.0.0.1", "port": NOBODY})
add("streaming.source.MQTTSource", connected(streaming.MQTTSource),
    {**CONNECTION, "state": P | st.dictionaries(st.just("taken"), values), "confirm": P, "patience": P,
     "longest_queue": P}, {"topic": "t", "host": "127.0.0.1", "port": NOBODY, "client_id": "c"})


@functools.cache
def sink_without_broker():
    return streaming.MQTTSink("t", "127.0.0.1", NOBODY, largest=500, window=10**6)


@functools.cache
def source_without_broker():
    return streaming.MQTTSource("t", "127.0.0.1", NOBODY, client_id="c")


waits = st.sampled_from((None, "x", -1, math.nan, math.inf, 1e300, [1], True, 0, 0.001))
add("MQTTSink.publish", lambda time, value: sink_without_broker().publish(time, value, timeout=0.01), {"time": times, "value": values}, {"time": START, "value": {"a": 1}})
add("MQTTSource.take", lambda most, timeout: source_without_broker().take(most, timeout), {"most": P, "timeout": waits}, {"most": 3, "timeout": 0})
add("MQTTSink.flush", lambda timeout: sink_without_broker().flush(timeout), {"timeout": waits}, {"timeout": 0})
add("MQTTSink.wait_connected", lambda timeout: sink_without_broker().wait_connected(timeout), {"timeout": waits},
    {"timeout": 0})


# ------------------------------------------------------------------------------------------------------------- fleet

add("fleet.files.write_fleet", lambda data, folder: fleet.write_fleet(data, folder),
    {"data": anything, "folder": paths.filter(lambda x: not isinstance(x, str) or x not in ("", ".", "x" * 5000))},
    {"data": FLEET, "folder": "/dev/null/x"})
add("fleet.scoring.score_fleet", fleet.score_fleet,
    {"source": paths, "recipe": P, "out": paths, "on": P, "n_workers": P, "columns": P, "progress": P},
    {"source": "no/such", "recipe": len, "out": "/dev/null/x"})
add("fleet.recipe_key.recipe_key", importlib.import_module("mupy_helpers.fleet.recipe_key").recipe_key,
    {"recipe": P.filter(lambda x: not callable(x))}, {"recipe": len})


# ---------------------------------------------------------------------------------------------------------- own data

add("own_data.reading.read_table", own_data.read_table, {"path": paths, "time": texts}, {"path": "no/such.csv"})
add("own_data.scoring.score", own_data.score, {"df": tables, "healthy": P | times, "progress": quick}, {"df": LONG})
# Twice the rows of the odd tables: fewer than 60 would all be refused for that.
doubled = tables.map(lambda each: pd.concat([each, each], ignore_index=True) if isinstance(each, pd.DataFrame) else each)
add("own_data.recipe.score_parts", recipe.score_parts, {"table": doubled, "healthy": quick, "progress": P.filter(
    lambda x: not callable(x))}, {"table": LONG, "healthy": 60}, lambda parts: finite_scores(parts.max(axis=1), len(parts)))
add("own_data.recipe.scores_of_array", recipe.scores_of_array, {"values": doubled, "healthy": quick},
    {"values": LONG.to_numpy(), "healthy": 60}, lambda scores: finite_scores(scores, len(scores)))
add("own_data.inspecting.inspect", own_data.inspect, {"df": tables}, {"df": ROWS})
add("own_data.inspecting.checked_table", inspecting.checked_table, {"df": anything}, {"df": ROWS})
add("own_data.page.write_report", own_data.write_report,
    {"df": anything, "path": paths, "title": P, "notes": P, "progress": P}, {"df": ROWS, "path": "no/such/r.html"})


# --------------------------------------------------------------------------------------------- exercises and widgets

for call in (exercises.check, exercises.hint, exercises.solution, engine.find, engine.load_bank):
    add(f"exercises.engine.{call.__name__}", call, {next(iter(call.__code__.co_varnames[:1])): texts | st.text(max_size=6)},
        {call.__code__.co_varnames[0]: "03.1" if call is not engine.load_bank else "03"})


def judged(answer):
    """Each exercise of two lessons, given any answer, has something to say and breaks nothing."""
    said = []
    for exercise in [*engine.load_bank("02").values(), *engine.load_bank("05").values()]:
        said.append(engine.judge(exercise, {"np": np, "pd": pd, "plt": plt, **dict.fromkeys(exercise.names, answer)}))
        assert repr(said[-1]), "nothing said"
        assert said[-1]._repr_html_(), "nothing shown"
    plt.close("all")


add("exercises.engine.judge", judged, {"answer": anything | texts}, {"answer": ...})
add("exercises.three_bugs.puzzle_scores", three_bugs.puzzle_scores,
    {"features": tables, "until": times, "pipeline": texts, "n_components": quick, "n_clusters": quick,
     "random_state": P}, {"features": ROWS, "until": "2016-01-01 00:40", "n_components": 2, "n_clusters": 3})
HEALTHY = healthy_series()
add("widgets.faults.healthy_series", healthy_series, {"seed": P})
add("widgets.faults.inject", widgets.inject, {"series": series, "kind": texts, "size": P, "rows": P, "seed": P},
    {"series": WAVE, "kind": "spike", "size": 1.0, "rows": slice(2, 5)})
add("widgets.faults.alarms_of", importlib.import_module("mupy_helpers.widgets.faults").alarms_of,
    {"series": series, "detectors": P.filter(lambda x: x is not None)}, {"series": HEALTHY, "detectors": {"own": abs}})
add("widgets.faults.answers", widgets.answers, {"kinds": P, "sizes": P, "n_series": quick, "detectors": P.filter(
    lambda x: x is not None)}, {"kinds": ["spike"], "sizes": [1.0], "detectors": {"own": abs}, "n_series": 1})
FAILURES = SPANS.assign(failure=START + pd.Timedelta("3h"))
failures = events.map(lambda each: each.assign(failure=START) if isinstance(each, pd.DataFrame) and (
    each.columns.is_unique) else each) | st.sampled_from((
        FAILURES.assign(failure="x"), FAILURES.assign(is_fault="x"), FAILURES.assign(is_fault=None),
        FAILURES.assign(is_fault=0), FAILURES.assign(failure=pd.NaT), FAILURES.astype(str),
        FAILURES.apply(lambda column: column.dt.tz_localize("UTC")), FAILURES.iloc[:0]))
add("widgets.thresholds.judge_thresholds", widgets.judge_thresholds,
    {"scores": series, "faults": failures, "thresholds": P, "costs": P},
    {"scores": WAVE, "faults": FAILURES, "thresholds": [19.0, 21.0]})
add("widgets.show.png", show.png, {"figure": P}, lambda: {"figure": plt.figure()})
add("widgets.show.answer_html", show.answer_html, {"sentence": texts, "figure": P}, lambda: {
    "sentence": "x", "figure": plt.figure()})


# -------------------------------------------------------------------------------------------------------------- live

add("live.engine.Engine", Engine, {"seed": P.filter(lambda x: not isinstance(x, (int, np.integer)) or x < 0)},
    {"seed": "x"})
add("live.page.Page", page.Page, {"speed": P.filter(lambda x: not (isinstance(x, (int, float)) and x > 0))},
    {"speed": "x"})
add("live.picture.still", picture.still, {"fault": texts, "hours": st.sampled_from(
    ("x", None, math.nan, math.inf, -1, 0, [1], 1e-9))}, {"hours": "x"})


# ---------------------------------------------------------------------------------------------------------- datasets

ALL = (TypeError, ValueError, OSError, datasets.FetchError)
for name, parameter in (("load_server_log_labels", "kinds"), ("load_cold_store", "raw")):
    module = "beyond_sensors" if "log" in name else "bundled"
    add(f"datasets.{module}.{name}", getattr(datasets, name), {parameter: P.filter(lambda x: not isinstance(x, bool))},
        {parameter: "x"})
add("datasets.made.load_card_payments_labels", datasets.load_card_payments_labels, {
    "patterns": P.filter(lambda x: not isinstance(x, (bool, np.bool_)))}, {"patterns": "x"})
add("datasets.bundled.path", datasets.path, {"name": texts}, {"name": "salaries"}, errors=ALL)
for call in (made.make, made.is_made, made.file_of):
    add(f"datasets.made.{call.__name__}", call, {"name": texts}, {"name": "x"})
for call in (datasets.fetch_nab, datasets.fetch_skab, datasets.fetch_skab_labels, datasets.fetch_logs):
    add(f"datasets.published.{call.__name__}", call, {"name": texts.filter(lambda x: x is not None)}, {"name": "x"},
        errors=ALL)
add("datasets.published.fetch_nab_events", datasets.fetch_nab_events, {"name": texts}, {"name": "x"}, errors=ALL)
add("datasets.published.fetch_spoken_digits", datasets.fetch_spoken_digits, {"speaker": texts.filter(
    lambda x: x is not None)}, {"speaker": "x"}, errors=ALL)
add("datasets.published.fetch_air_quality_denver", datasets.fetch_air_quality_denver, {"sheet": texts}, {"sheet": "x"},
    errors=ALL)
for call in (datasets.fetch_pump, datasets.fetch_pump_labels):
    add(f"datasets.published.{call.__name__}", call, {"slices": P}, {"slices": "x"}, errors=ALL)
add("datasets.published.check_pump", published.check_pump, {"table": anything}, {"table": ROWS})
add("datasets.published.check_denver", published.check_denver, {"table": anything, "sheet": st.just("Aeroqual")},
    {"sheets": ["Aeroqual"], "table": ROWS, "sheet": "Aeroqual"})

# Without a parameter, or given only what a function above has checked.
INSIDE = set("""
datasets.beyond_sensors.load_course_words datasets.beyond_sensors.load_heart_sounds
datasets.beyond_sensors.load_heart_sounds_labels datasets.beyond_sensors.load_server_log datasets.bundled.data_folder
datasets.bundled.describe datasets.bundled.load_air_quality datasets.bundled.load_cold_store_events
datasets.bundled.load_kolkata datasets.bundled.load_kolkata_labels datasets.bundled.load_salaries
datasets.bundled.load_salaries_labels datasets.bundled.load_shipments datasets.bundled.load_shipments_labels
datasets.made.Bar datasets.made.digest datasets.made.load_card_payments datasets.made.load_fleet
datasets.made.load_fleet_events datasets.made.load_heartbeats datasets.made.load_heartbeats_labels
datasets.made.load_pump datasets.made.load_pump_labels datasets.made.names datasets.published.SpokenDigit
datasets.published.fetch_ecg datasets.published.fetch_nab_names datasets.published.fetch_skab_names
exercises.bank.answers.not_a_day exercises.bank.answers.not_a_mask exercises.bank.answers.not_a_number
exercises.engine.Exercise exercises.engine.Feedback exercises.engine.NotAttempted exercises.engine.Wrong
fleet.files.note_of fleet.files.place_of fleet.files.read_unit fleet.files.units_of fleet.files.write_table
fleet.workers.failed fleet.workers.run live.board.Board live.charts.Charts live.engine.Fitted live.engine.Moment
live.notebook.show live.page.free_port live.page.make live.page.server live.symptoms.Symptoms live.words.alarm_in_words
own_data.scoring.Scored
live.words.number live.words.speed_in_words live.words.state_in_words live.words.when own_data.cells.as_numbers
own_data.cells.numbers_of own_data.cells.quoted own_data.inspecting.Findings own_data.inspecting.in_words
own_data.inspecting.period_of own_data.inspecting.snapped own_data.opening.TableError own_data.opening.damaged
own_data.opening.encoding_of own_data.opening.first_bytes own_data.opening.first_lines own_data.opening.opened
own_data.page.check_place own_data.figures.alarms_in_words own_data.figures.channel_figure own_data.figures.score_figure
own_data.figures.thinned own_data.reading.rows_that
own_data.recipe.distance own_data.recipe.limit own_data.recipe.news own_data.stamps.find_time plots.use_style
simulate.cold_store.ColdStoreRun simulate.cold_store.draw_operations simulate.cold_store.saturation_pressure
simulate.famous_unit.simulate_famous_unit simulate.plant.Inputs simulate.plant.draw_stores
simulate.plant.evaporator_feed simulate.plant.run_plant simulate.sensors.apply_sensor_faults simulate.sensors.measure
simulate.signals.autoregression simulate.signals.follow simulate.small_sets.air_quality simulate.small_sets.csv_bytes
simulate.small_sets.gzip_bytes simulate.small_sets.salaries simulate.typing_errors.neighbours_of
simulate.weather.Weather simulate.weather.clear_sky_irradiance simulate.weather.relative_humidity
simulate.weather.simulate_weather streaming.alarms.Alarm streaming.alarms.checked_state
streaming.connection.Connection streaming.connection.checked_timeout
streaming.files.MissingDetector streaming.files.packed_scorer streaming.files.scorer_from streaming.journal.Journal
streaming.messages.Reading streaming.monitor.Scored streaming.online.Drift widgets.faults.draw_answer
widgets.faults.draw_answers widgets.faults.fault_injector widgets.faults.in_words widgets.show.show
widgets.thresholds.draw_thresholds widgets.thresholds.in_words widgets.thresholds.threshold_explorer
""".split())
# Their own tests: datasets.store.
PACKAGES = ("datasets", "exercises", "fleet", "live", "own_data", "plots", "simulate", "streaming", "widgets")


def test_every_public_function_has_a_case():
    known = {name for package in PACKAGES for name in public_names(f"mupy_helpers.{package}")
             if not name.startswith("datasets.store.")}
    cases = {name for name in CASES if name.partition(".")[0] in PACKAGES and name.count(".")}
    assert known - cases - INSIDE == set(), "without a case"
    assert (cases | INSIDE) - known == set(), "no longer there"


@pytest.fixture(scope="module", autouse=True)
def no_connection_left():
    """Nothing goes on in the background after these tests."""
    yield
    for make in (sink_without_broker, source_without_broker):
        make().close()


@pytest.fixture(autouse=True)
def no_data_from_outside(monkeypatch, tmp_path):
    """No data but the bundled, a cache of the test's own, and no figure left over."""
    monkeypatch.delenv("MUPY_DATA", raising=False)
    monkeypatch.setenv("MUPY_MIRROR", f"http://127.0.0.1:{NOBODY}/")
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context():
        yield
    plt.close("all")


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_survives(name, data):
    plt.close("all")
    CASES[name].survives(data)
    if name.startswith("plots.plot_"):
        assert len(plt.get_fignums()) <= 1
