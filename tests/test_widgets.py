"""The things to turn: what they say is what the package measures, with a kernel and without one."""

import types
from unittest import mock

import IPython
import ipywidgets
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook

from mupy_helpers import datasets, plots, widgets
from mupy_helpers.scoreboard import Costs, Scoreboard, measure_failures
from mupy_helpers.widgets import faults, show, thresholds
from tools import build, lessons


@pytest.fixture(autouse=True)
def _no_figure_left():
    yield
    plt.close("all")


# --- thresholds

@pytest.fixture(scope="module")
def room():
    return datasets.load_cold_store()["room_temp"]["2015-10-18":]


@pytest.fixture(scope="module")
def leak():
    events = datasets.load_cold_store_events()
    return events[events["kind"] == "slow_leak"]


def test_a_threshold_is_judged_as_the_scoreboard_does(room, leak):
    row = widgets.judge_thresholds(room, leak, [10.0]).loc[10.0]
    board = Scoreboard(datasets.load_cold_store_events()).measure(datasets.load_cold_store()["room_temp"] > 10)
    assert round(row["hours ahead"], 1) == board["hours before the trip"]
    assert row["faults"] == 1 and row["faults called in time"] == 0
    assert row["cost"] == 6000 + 80 * float(board["false alarms"].split()[0])


def test_precision_and_recall_are_those_of_the_rows():
    index = pd.date_range("2016-01-01", periods=400, freq="1h")
    scores = pd.Series(0.0, index=index)
    scores.iloc[[10, 100, 101, 102, 120]] = 1  # one row outside the fault, three in it, one after its failure
    fault = pd.DataFrame({"start": index[[98]], "failure": index[[108]], "end": index[[130]]})
    row = widgets.judge_thresholds(scores, fault, [0.5], Costs(hours_needed=5)).iloc[0]
    assert row["precision"] == 3 / 4 and row["recall"] == 3 / 10
    assert row["hours ahead"] == 8 and row["faults called in time"] == 1 and row["cost"] == 80
    assert row["false alarms per week"] == pytest.approx(1 / ((400 - 33 - 24) / 168), rel=0.01)


def test_a_fleet_is_judged_as_lesson_05_does():
    index = pd.MultiIndex.from_product([[3, 4], pd.date_range("2016-01-01", periods=300, freq="2h")],
                                       names=["unit", "time"])
    scores = pd.Series(np.random.default_rng(0).random(600), index=index)
    times = index.get_level_values("time").unique()
    events = pd.DataFrame({"unit": [3, 4, 4], "kind": "slow_leak", "start": times[[50, 20, 200]],
                           "failure": [times[80], pd.NaT, times[240]], "end": times[[90, 40, 260]], "is_fault": True})
    table = widgets.judge_thresholds(scores, events, [0.9, 0.99])
    for threshold, row in table.iterrows():
        failures, units = measure_failures(scores > threshold, events)
        assert row["faults"] == 2 and row["faults called in time"] == (failures["hours ahead"] >= 12).sum()
        assert row["false alarms per week"] == pytest.approx(units["false alarms"].sum() / units["healthy weeks"].sum())


@pytest.mark.parametrize(("change", "message"), [
    ({"scores": [1, 2]}, "scores must be a pandas Series"),
    ({"faults": pd.DataFrame({"start": [1]})}, "start, end and failure"),
    ({"thresholds": []}, "thresholds"),
    ({"thresholds": [np.nan]}, "thresholds"),
    ({"costs": 3}, "costs must be a Costs"),
    ({"scores": pd.Series(["a", "b"], index=pd.date_range("2016", periods=2))}, "scores hold"),
    ({"scores": pd.Series([1.0, 2.0])}, "DatetimeIndex"),
    ({"scores": pd.concat({1: pd.Series([1.0], index=pd.date_range("2016", periods=1))}, names=["a", "time"])},
     "the column unit"),
])
def test_bad_input_is_named(room, leak, change, message):
    with pytest.raises((TypeError, ValueError), match=message):
        widgets.judge_thresholds(**{"scores": room, "faults": leak, "thresholds": [10.0], **change})


def test_a_fault_needs_a_series():
    with pytest.raises(TypeError, match="must be a pandas Series"):
        widgets.inject([1.0, 2.0], "spike", 1.0)


def test_nothing_given_is_changed(room, leak):
    before = leak.copy(deep=True), room.copy()
    widgets.judge_thresholds(room, leak, [10.0])
    pd.testing.assert_frame_equal(leak, before[0])
    pd.testing.assert_series_equal(room, before[1])


# --- faults

@pytest.mark.parametrize("kind", faults.KINDS)
def test_a_fault_touches_its_rows_alone(kind):
    series = faults.healthy_series()
    before = series.copy()
    changed = widgets.inject(series, kind, 3.0) != series
    assert changed.any() and not changed.to_numpy()[np.r_[:faults.FAULT.start, faults.FAULT.stop:len(series)]].any()
    pd.testing.assert_series_equal(series, before)


@pytest.mark.parametrize(("arguments", "message"), [
    (("hum", 1.0), "kind must be one of"), (("spike", np.nan), "size"), (("spike", 1.0, slice(5000, 5001)), "no row")])
def test_a_fault_that_cannot_be_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        widgets.inject(faults.healthy_series(), *arguments)


@pytest.mark.parametrize("name", faults.DETECTORS)
def test_the_detectors_know_no_future(name):
    series = faults.healthy_series()
    changed = series.copy()
    changed.iloc[1000:] += 50
    before, after = (np.asarray(faults.DETECTORS[name](one)) for one in (series, changed))
    assert np.array_equal(before[:1000], after[:1000]) and not np.array_equal(before, after)


def test_large_faults_are_found_and_none_only_by_luck():
    table = widgets.answers(n_series=10).set_index(["kind", "detector", "size"])["found"]
    assert (table.xs(0.0, level="size") <= 2).all()
    assert table["level shift", "CUSUM of the residual", 6.0] == 10
    assert table["spike", "last value", 6.0] == 10 and table["spike", "CUSUM of the residual", 6.0] <= 3
    assert table["frozen", "spread of six hours", 6.0] == 10 and table["frozen", "last value", 6.0] <= 1


@pytest.mark.parametrize("series", [[1.0, 2.0], pd.Series([1.0, 2.0])])
def test_a_series_that_is_not_ours_is_named(series):
    with pytest.raises(ValueError, match="use healthy_series"):
        faults.alarms_of(series)


def test_a_detector_that_fails_is_named():
    with pytest.raises(ValueError, match="mine must return one finite score"):
        faults.alarms_of(faults.healthy_series(), {"mine": lambda series: series[:5]})


# --- with a kernel, and without

def test_turning_a_control_changes_the_answer(monkeypatch):
    shown = []
    monkeypatch.setattr(IPython, "get_ipython", mock.MagicMock)
    monkeypatch.setattr("IPython.display.display", lambda bundle, metadata, raw: shown.append((bundle, metadata)))
    slider, boxes = ipywidgets.IntSlider(value=1), []
    monkeypatch.setattr(ipywidgets, "VBox", lambda children: boxes.append(children) or types.SimpleNamespace(
        _repr_mimebundle_=lambda: {build.WIDGET: {"model_id": "x"}}))
    figure = plots.describe(plt.figure(), "A picture.")
    show.show([slider], lambda value: f"<p>{value}</p>", figure)
    screen = boxes[0][-1]
    assert screen.value == "<p>1</p>"
    slider.value = 5
    assert screen.value == "<p>5</p>"
    bundle, metadata = shown[0]
    assert bundle["text/plain"] == "A picture." and metadata["image/png"]["alt"] == "A picture."
    assert {"image/png", build.WIDGET} <= set(bundle)


def test_the_answer_is_spoken_and_escaped():
    figure = plots.describe(plt.figure(), 'The "room" < 5.')
    page = BeautifulSoup(show.answer_html("a < b & c", figure), "html.parser")
    assert page.p["aria-live"] == "polite" and page.p.text == "a < b & c"
    assert page.img["alt"] == 'The "room" < 5.'


def test_a_built_notebook_keeps_the_picture_and_not_the_widget():
    code = ("from mupy_helpers.widgets.faults import fault_injector\nfault_injector()")
    notebook = build.execute(new_notebook(cells=[new_code_cell(code)]), lessons.ROOT, lambda text: None)
    output = notebook.cells[0].outputs[0]
    assert set(output["data"]) == {"image/png", "text/plain"} and output["metadata"]["image/png"]["alt"]
    assert "widgets" not in notebook.metadata and "model_id" not in nbformat.writes(notebook)


def test_words_say_what_the_table_holds(room, leak):
    table = widgets.judge_thresholds(room, leak, [5.0, 30.0])
    assert "0 of 1 faults" in thresholds.in_words(table.loc[5.0], "room (°C)", 5.0)
    assert "none is called" in thresholds.in_words(table.loc[30.0], "room (°C)", 30.0)
    assert "precision not defined" in thresholds.in_words(table.loc[30.0], "room (°C)", 30.0)
