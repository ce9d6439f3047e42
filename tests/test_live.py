"""The live page: the store behind it, its words, its still picture, the verb, and the page itself in a browser."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from unittest import mock

import IPython
import ipywidgets
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import course
from mupy_helpers import live, plots
from mupy_helpers.live import show
from mupy_helpers.live import engine as store
from mupy_helpers.live import words
from mupy_helpers.live.notebook import serve_in_thread
from mupy_helpers.streaming import Alarm
from tools import build, lessons, web
from tools.environment import Environment
from tools.processes import Stop

HOUR = 12  # rows


def played(hours, seed=1, fault=None, after=0):
    engine = live.Engine(seed)
    engine.step(hours * HOUR)
    if fault is not None:
        engine.switch(fault)
        engine.step(after * HOUR)
    return engine


def begins(engine):
    return [alarm for alarm in engine.alarms if alarm.kind == "begin"]


# --- the store

def test_a_fault_leaves_the_past_as_it_was_and_shows_from_the_present_on():
    calm, leaking = played(20), played(20)
    leaking.switch("door")
    present = leaking.now
    assert repr(leaking._rows[:leaking._next]) == repr(calm._rows[:calm._next])  # nan is not itself
    assert calm.step(HOUR) != leaking.step(HOUR)
    assert leaking.since == present and leaking.history[-1].fault == "door"
    assert repr(list(calm.history)[:-HOUR]) == repr(list(leaking.history)[:-HOUR])


@pytest.mark.parametrize("fault", store.FAULTS)
def test_switching_off_repairs_and_keeps_what_has_been(fault):
    engine = played(10, fault=fault, after=3)
    past = engine._rows[:engine._next]
    engine.switch(None)
    assert engine._rows[:engine._next] == past and engine.fault is None and engine.since is None
    [(kind, start, end)] = engine.spans
    assert kind == fault and end == engine.now and end - start == pd.Timedelta("3h")
    engine.step(9 * HOUR)
    assert not engine.is_alarm and engine.history[-1].fault is None


def test_one_fault_takes_the_place_of_another_and_none_is_left_by_a_short_press():
    engine = played(20)
    engine.switch("leak")
    engine.switch("leak")
    engine.switch("door")
    assert [kind for kind, _, _ in engine.spans] == ["door"]
    engine.step(HOUR)
    engine.switch("leak")
    assert [(kind, end is None) for kind, _, end in engine.spans] == [("door", False), ("leak", True)]
    with pytest.raises(ValueError, match="leak, door, stuck or None"):
        engine.switch("fire")


def test_rows_given_in_any_number_of_steps_are_the_same():
    together, apart = played(10), live.Engine(1)
    for rows in [1, 7, 13, 99]:
        apart.step(rows)
    assert repr(list(apart.history)) == repr(list(together.history)) and apart.now == together.now


def test_the_fortnight_ends():
    engine = live.Engine(1)
    engine._next = len(engine._times) - 5
    assert len(engine.step(10)) == 5 and engine.is_over and engine.step() == []
    engine.switch("leak")
    assert engine.fault is None


# --- what is told

@pytest.mark.parametrize(("fault", "channels", "hours"), [
    ("leak", {"current", "room"}, 20), ("door", {"room"}, 4), ("stuck", {"unchanged", "room"}, 1)])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_fault_is_called_in_time(fault, channels, hours, seed):
    """At an hour in a second, hours are seconds at the page."""
    engine = played(19, seed, fault, hours)
    [alarm, *_] = begins(engine)
    assert alarm.time >= engine.since and alarm.channel in channels
    assert alarm.score > engine.threshold


def test_a_calm_week_is_calm():
    assert begins(played(7 * 24)) == []


def test_the_limit_comes_from_days_that_nothing_was_fitted_on(monkeypatch):
    """It is at the level of the held-back days: twice as high if their scores are."""
    learnt = store.fitted()
    spoiled = store._readings

    def spoil(start, days, seed, faults):
        data = spoiled(start, days, seed, faults)
        data.iloc[store.FIT_DAYS * store.DAY + 500:store.FIT_DAYS * store.DAY + 600, data.columns.get_loc("room_temp")] = 5.0
        return data

    monkeypatch.setattr(store, "_readings", spoil)
    other = store.fitted.__wrapped__()
    assert other.threshold > 2 * learnt.threshold
    assert np.array_equal(other.detector.decision_scores_, learnt.detector.decision_scores_)


def test_symptoms_know_no_future():
    learnt = store.fitted()
    rows = store._readings(store.START, 3, 5, ())
    changed = rows.copy()
    changed.iloc[400:] += 3
    before, after = (learnt.symptoms.fresh().table(one) for one in (rows, changed))
    assert before[:400].equals(after[:400]) and not before[400:].equals(after[400:])


# --- words

@pytest.mark.parametrize(("channel", "value", "said"), [
    ("current", -0.67, "Drive current: the motor takes 0.67 A less than it should. Score 53, limit 48."),
    ("room", 0.5, "Room temperature: the room warms by 6.0 °C an hour more than it should. Score 53, limit 48."),
    ("unchanged", 7 ** 0.5, "Room sensor: the room's sensor has said the same for 35 minutes. Score 53, limit 48.")])
def test_an_alarm_says_when_which_channel_and_how_far(channel, value, said):
    alarm = Alarm(1, "begin", pd.Timestamp("2016-01-04 08:55"), 53.4, 48.2, channel, value, 0.0, 0.9)
    assert words.alarm_in_words(alarm) == "4 January, 08:55: alarm 1. " + said


def test_the_state_and_the_end_are_said():
    engine = played(2)
    assert re.fullmatch(r"Calm\. Score \d+(\.\d)?, limit 48\.", words.state_in_words(engine))
    engine.switch("stuck")
    engine.step(HOUR)
    assert words.state_in_words(engine).startswith("Alarm. Score ")
    end = Alarm(2, "end", pd.Timestamp("2016-01-04 08:55"), 1234.5, 48.2)
    assert words.alarm_in_words(end) == "4 January, 08:55: alarm 2 is over. Highest score 1,234."


@pytest.mark.parametrize(("speed", "said"), [
    (3600, "one hour in a second"), (1, "the speed of a clock"), (10800, "3 hours in a second"),
    (90, "1.5 minutes in a second"), (20, "20 seconds in a second")])
def test_the_speed_is_said(speed, said):
    assert words.speed_in_words(speed) == said


# --- the still picture

def test_the_still_picture_tells_the_alarm():
    figure = live.still("door", hours=12)
    alt = plots.alt_text(figure)
    assert "door left open, called after" in alt and "alarm 1. Room temperature:" in alt
    assert "not called yet" in plots.alt_text(live.still("leak", hours=2))


def shown(monkeypatch, shell):
    outputs = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", lambda bundle, metadata, raw: outputs.append((bundle, metadata)))
    live.show()
    [(bundle, metadata)] = outputs
    assert bundle["text/plain"] == metadata["image/png"]["alt"] and "leak" in bundle["text/plain"]
    return bundle


def test_without_a_kernel_the_picture_is_shown(monkeypatch):
    assert set(shown(monkeypatch, None)) == {"image/png", "text/plain"}


def test_in_a_notebook_the_page_is_served_in_a_frame(monkeypatch):
    frames = []
    monkeypatch.setattr(ipywidgets, "HTML", lambda code, layout: frames.append(code) or types.SimpleNamespace(
        _repr_mimebundle_=lambda: {build.WIDGET: {"model_id": "x"}}))
    assert {"image/png", build.WIDGET} <= set(shown(monkeypatch, mock.MagicMock()))
    frame = BeautifulSoup(frames[0], "html.parser").iframe
    assert frame["title"] and re.fullmatch(r"http://127\.0\.0\.1:\d+/", frame["src"])
    with urllib.request.urlopen(frame["src"], timeout=60) as answer:
        assert "<title>A cold store, live</title>" in answer.read().decode()
    again = serve_in_thread(3600.0)
    assert frame["src"] == f"http://127.0.0.1:{again}/", "the cell run again finds the page where it was"


def test_after_the_fortnight_the_page_says_that_another_begins():
    from mupy_helpers.live.page import Page

    def a_second_later():
        page._last -= 1
        page.tick()

    page = Page(speed=3600)
    page.board.fault = "leak"
    page.engine._next = len(page.engine._times) - HOUR
    a_second_later()
    assert page.board.since.startswith("Leak since ") and page.engine.seed == 1
    a_second_later()
    assert (page.engine.seed, page.board.fault, page.board.alarms) == (2, "", [])
    assert page.board.since == "The fortnight is over: another one begins."
    page.board.fault = "door"
    assert page.board.since.startswith("Door left open since ")


# --- the verb

def test_a_port_in_use_is_refused_in_one_sentence(capsys, monkeypatch):
    monkeypatch.setattr(Environment, "set_up", lambda self, **options: pytest.fail("no environment is needed to refuse"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert course.main(["live", "--port", str(port)]) == 1
        assert re.fullmatch(rf"course.py: port {port} is in use: [^\n]*\.\n", capsys.readouterr().err)


def test_arguments_reach_the_page(monkeypatch):
    handed = []
    monkeypatch.setattr(Environment, "set_up", lambda self, **options: None)
    monkeypatch.setattr(course, "run_module", lambda python, name, arguments: handed.append((name, arguments)))
    course.main(["live", "--speed", "60", "--no-browser"])
    assert handed == [("mupy_helpers.live", ["--speed", "60", "--no-browser"])]


@pytest.mark.parametrize(("option", "values", "limits"), [
    ("--speed", ["fast", "nan", "0", "1e9"], "1 to 86400"), ("--port", ["http", "-5", "99999"], "1 to 65535")])
def test_a_speed_or_port_that_cannot_be_is_named(option, values, limits, capsys):
    from mupy_helpers.live.__main__ import main

    for value in values:
        with pytest.raises(SystemExit):
            main([f"{option}={value}"])
        assert f"must be a number from {limits}, not '{value}'" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_is_heard_while_the_page_is_still_loading():
    process = subprocess.Popen([sys.executable, "-m", "mupy_helpers.live", "--no-browser"], text=True, cwd=lessons.ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=30)[0]
    assert process.returncode == 0 and re.fullmatch(r"Simulating[^\n]+\n\nStopped\.\n", said), said


@contextlib.contextmanager
def serving(log, *arguments):
    """The page by its module, as the verb starts it; yields its process and its address."""
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen([sys.executable, "-m", "mupy_helpers.live", "--no-browser", *arguments],
                                   cwd=lessons.ROOT, env={**os.environ, "PYTHONPATH": str(lessons.ROOT)}, stdout=out, stderr=out)
        try:
            for _ in range(400):
                found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))
                if found or process.poll() is not None:
                    break
                time.sleep(0.25)
            assert found, log.read_text(encoding="utf-8")
            yield process, found[0]
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    log = tmp_path_factory.mktemp("live") / "log.txt"
    with serving(log, "--speed", "21600") as (process, home):
        yield home, process.pid
        process.send_signal(signal.SIGINT) if os.name == "posix" else process.terminate()
        code = process.wait(timeout=30)
        if os.name == "posix":
            said = log.read_text(encoding="utf-8")
            assert code == 0 and said.endswith("\nStopped.\n") and "Traceback" not in said, said


def test_the_page_is_for_this_computer_alone(served):
    home, _ = served
    with urllib.request.urlopen(home, timeout=30) as answer:
        page = answer.read().decode()
    assert re.findall(r'(?:src|href)="(https?:)?//', page) == []
    port = int(re.search(r":(\d+)/", home)[1])
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in (address for address in own if not address.startswith("127.")):
        with pytest.raises((urllib.error.URLError, OSError)):
            urllib.request.urlopen(f"http://{address}:{port}/", timeout=3)


# --- the page in a browser

SIZES = [[1280, 720], [1920, 1080], [848, 680], [360, 800], [960, 400]]  # the third: the frame in JupyterLab


@pytest.fixture(scope="module")
def seen(served, tmp_path_factory):
    for program, found in [("Node.js", shutil.which("node")), ("Chromium", web.chromium())]:
        if not found:
            pytest.skip(f"{program} is not here, in which the live page is used")
    try:
        web.node_modules()
    except Stop as stop:
        pytest.skip(str(stop))
    axe = (web.MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    return web.browse(lessons.ROOT / "tests" / "browser" / "live.mjs", {
        "home": served[0], "pid": served[1], "sizes": SIZES, "axe": axe,
        "folder": os.environ.get("MUPY_SCREENSHOTS", str(tmp_path_factory.mktemp("screens")))}, timeout=150)


@pytest.mark.parametrize("size", range(len(SIZES)), ids=[f"{width}x{height}" for width, height in SIZES])
def test_the_page_can_be_read_from_the_back_of_a_room(seen, size):
    look = seen["looks"][size]
    assert look["small"] == [] and look["outside"] == [] and look["errors"] == []


def test_the_page_says_how_the_store_is(seen):
    use = seen["use"]
    assert use["title"] == "A cold store, live" and use["lang"] == "en"
    assert re.fullmatch(r"Calm\. Score \S+, limit 48\.", use["state"])
    assert "room temperature, now" in use["description"] and use["description"].endswith("limit 48.")
    assert use["clocks"][0] != use["clocks"][1]


def test_a_leak_switched_on_by_keyboard_is_called(seen):
    use = seen["use"]
    assert use["chosen"] == "leak" and use["live"] == "polite"
    assert re.fullmatch(r"\d+ January, \d\d:\d\d: alarm 1\. .+: the .+ than it should\. Score \d+, limit 48\.", use["alarm"])
    assert use["alarmed"].startswith("Alarm. Score")
    assert all(focus and focus["width"] >= 2 and focus["style"] == "solid" for focus in use["focus"]), use["focus"]


def test_faults_that_the_arrow_keys_pass_are_not_switched_on(seen):
    assert set(seen["use"]["passed"]) == {""}


def test_the_keyboard_goes_to_controls_alone(seen):
    assert seen["use"]["order"] == ["fault", "pause", "log"]


def test_a_page_whose_server_has_stopped_says_so(seen):
    """A picture that stands still with "Calm" above it would be believed."""
    lost = seen["use"]["lost"]
    assert lost["since"].startswith("The program behind this page has stopped.") and lost["usable"] == 0


def test_pause_holds_the_time(seen):
    assert seen["use"]["paused"][0] == seen["use"]["paused"][1]


def test_nothing_leaves_this_computer_and_nothing_fails(seen):
    use = seen["use"]
    assert use["errors"] == [] and set(use["sockets"]) == {"127.0.0.1"} and use["axe"] == []


def test_a_frame_with_no_speed_is_refused():
    with pytest.raises(ValueError, match="speed"):
        show(speed=0)
