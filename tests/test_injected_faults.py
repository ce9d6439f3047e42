"""Faults in files and processes: damaged, cut, full and killed, at random with a seed; one test for each that was mended."""

import contextlib
import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
import unittest.mock
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from odd_inputs import survives

from mupy_helpers import datasets, exercises, fleet, own_data, plots, simulate, streaming
from mupy_helpers.datasets import bundled, published
from mupy_helpers.detectors import DenseAutoencoder, HotellingT2
from mupy_helpers.exercises import engine
from mupy_helpers.own_data import page
from mupy_helpers.simulate import faults
from mupy_helpers.streaming import journal, messages

try:
    import resource
except ImportError:  # Windows
    resource = None

TIMES = pd.date_range("2016-01-01", periods=300, freq="h", name="time")
TABLE = pd.DataFrame({"a": 20 + np.sin(np.arange(300) / 4), "b": np.cos(np.arange(300) ** 2.0)}, index=TIMES)
REPOSITORY = Path(__file__).resolve().parents[1]


def damaged(content, rng):
    """Cut a file, change a byte, or write noise into its middle."""
    content = bytearray(content)
    kind, place = rng.randrange(3), rng.randrange(len(content))
    if kind == 0:
        return bytes(content[:place])
    if kind == 1:
        content[place] ^= 1 << rng.randrange(8)
    else:
        content[place:place + 12] = rng.randbytes(12)
    return bytes(content)


# ------------------------------------------------------------------------------------------------------------- files

SPOILED = {"empty": b"", "a web page": b"<!doctype html><html>404</html>", "noise": random.Random(0).randbytes(3000)}


@pytest.mark.parametrize("spoiled", [*SPOILED, "half", "one bit", "unreadable"])
def test_a_damaged_bundled_file_is_refused(monkeypatch, tmp_path, spoiled):
    """Half of a CSV reads well: only its hash tells."""
    monkeypatch.setattr(bundled, "data_folder", lambda: tmp_path)
    for name in ("kolkata", "server_log", "cold_store_events"):
        whole, file = (REPOSITORY / "data" / bundled.FILES[name]).read_bytes(), tmp_path / bundled.FILES[name]
        (tmp_path / "SHA256SUMS").write_bytes((REPOSITORY / "data" / "SHA256SUMS").read_bytes())
        file.write_bytes({**SPOILED, "half": whole[:len(whole) // 2], "unreadable": whole,
                          "one bit": whole[:99] + bytes([whole[99] ^ 1]) + whole[100:]}[spoiled])
        if spoiled == "unreadable":
            monkeypatch.setattr(Path, "open", denied(file.name))
        with pytest.raises(datasets.FetchError, match=r"cut off or changed|cannot be read"):
            getattr(datasets, f"load_{name}")()
        monkeypatch.undo()
        monkeypatch.setattr(bundled, "data_folder", lambda: tmp_path)


def denied(name):
    """As `Path.open`, but one file may not be read."""
    usual = Path.open

    def opened(path, *given, **named):
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return usual(path, *given, **named)
    return opened


def test_a_folder_in_the_place_of_a_bundled_file_is_passed_over(monkeypatch, tmp_path):
    (tmp_path / "salaries.csv").mkdir()
    monkeypatch.setattr(bundled, "data_folder", lambda: tmp_path)
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    assert datasets.load_salaries().shape == (100, 1)


@pytest.mark.parametrize("content", [*SPOILED.values(), b"timestamp\n\xe4", b'timestamp\n"', b"timestamp,a\n1,2\n3,4,5"])
def test_a_damaged_pump_file_is_refused(monkeypatch, tmp_path, content):
    monkeypatch.setenv("MUPY_DATA", str(tmp_path))
    (tmp_path / "pump").mkdir()
    (tmp_path / "pump" / "sensor.csv").write_bytes(content)
    for fetch in (datasets.fetch_pump, datasets.fetch_pump_labels):
        assert isinstance(survives(fetch, errors=(datasets.FetchError,)), datasets.FetchError)


def test_a_pump_file_whose_failures_have_no_time_is_told_so():
    table = pd.DataFrame(1.0, index=range(2), columns=published.PUMP_SENSORS)
    problems = published.check_pump(table.assign(timestamp=[None, "x"], machine_status="BROKEN"))
    assert any("no time" in each for each in problems)


def test_no_damage_of_a_saved_monitor_ends_in_a_traceback(tmp_path):
    rng = random.Random(1)
    whole = streaming.watch(HotellingT2(n_components=2).fit(TABLE), ["a", "b"], on=3).save(tmp_path / "m.npz").read_bytes()
    for _ in range(150):
        (tmp_path / "d.npz").write_bytes(damaged(whole, rng))
        survives(streaming.Monitor.load, tmp_path / "d.npz", errors=(ValueError,))


@pytest.fixture(scope="module")
def network():
    return DenseAutoencoder(n_hidden=2, n_code=1, epochs=1, random_state=0).fit(TABLE)


def test_no_damage_of_a_saved_detector_ends_in_a_traceback(tmp_path, network):
    rng, path = random.Random(7), tmp_path / "d.npz"
    whole, scores = network.save(path).read_bytes(), network.decision_function(TABLE)
    entry, end = whole.rfind(b"PK\x01\x02"), whole.rfind(b"PK\x05\x06")  # of the archive's list of what is in it
    for start in [entry] * 40 + [end] * 30 + [None] * 60:
        content = bytearray(whole if start is not None else damaged(whole, rng))
        if start is not None:
            content[start + rng.randrange(4, 22)] = rng.randrange(256)
        path.write_bytes(content)
        survives(DenseAutoencoder.load, path, errors=(ValueError,),
                 check=lambda loaded: np.testing.assert_array_equal(loaded.decision_function(TABLE), scores))
    for nowhere in (tmp_path, tmp_path / "none.npz"):
        assert isinstance(survives(DenseAutoencoder.load, nowhere, errors=(OSError,)), OSError)


def test_no_damage_of_a_journal_ends_in_a_traceback(tmp_path):
    rng, whole = random.Random(2), journal.Journal(tmp_path / "j", "t")
    for number in range(1, 6):
        whole.add(messages.Reading(f"2016-01-0{number}", {"a": number}, whole.run, number))
    whole.confirm(2, {})
    whole.close()
    content = (tmp_path / "j").read_bytes()
    for _ in range(150):
        (tmp_path / "d").write_bytes(damaged(content, rng))
        opened = survives(journal.Journal, tmp_path / "d", "t", errors=(ValueError,))
        if isinstance(opened, journal.Journal):
            opened.close()


def test_no_damage_of_a_table_ends_in_a_traceback(tmp_path):
    rng = random.Random(3)
    TABLE.to_parquet(tmp_path / "t.parquet")
    TABLE.to_csv(tmp_path / "t.csv")
    TABLE.to_csv(tmp_path / "t.csv.gz")
    read = 0
    for name in ("t.parquet", "t.csv", "t.csv.gz"):
        whole = (tmp_path / name).read_bytes()
        for _ in range(60):
            (tmp_path / f"d-{name}").write_bytes(damaged(whole, rng))
            read += isinstance(survives(own_data.read_table, tmp_path / f"d-{name}", errors=(own_data.TableError,)), tuple)
    assert read > 20


def odd_csv(rng):
    """A table as some program might write it."""
    separator, quote, comma = rng.choice(",;\t|"), rng.choice(["", '"']), rng.random() < 0.3
    ending, encoding = rng.choice(["\n", "\r\n"]), rng.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    way = rng.choice(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%d%H%M%S"])
    names = ["time", *rng.sample(["a", "a", "", "ä", "<script>", "$x$", "unit", "x" * 300, "1", "nan"], rng.randint(1, 4))]
    lines = ["Logger 5"] * rng.choice([0, 0, 0, 2]) + [separator.join(names)]
    for moment in pd.date_range("2016-01-01", periods=rng.randint(0, 40), freq=rng.choice(["h", "D", "7min"])):
        row = [moment.strftime(way)]
        for _ in names[1:]:
            cell = f"{rng.gauss(20, 5):.2f}".replace(".", "," if comma else ".")
            row.append(rng.choice(["", "NA", "-", "x", "1e300", "inf", "1,234.5", "5 °C", "-999"])
                       if rng.random() < 0.05 else cell)
        row = row[:-1] if rng.random() < 0.01 else row + ["9"] * (rng.random() < 0.01)
        lines.append(separator.join(f"{quote}{cell}{quote}" for cell in row))
    content = ending.join(lines).encode(encoding, errors="replace")
    return content[:rng.randrange(len(content))] if rng.random() < 0.1 else content


def check_table(result):
    df, notes = result
    assert isinstance(df.index, pd.DatetimeIndex)
    assert df.index.is_monotonic_increasing
    assert df.index.is_unique
    assert not df.index.hasnans
    assert df.columns.is_unique
    assert set(df.dtypes) == {np.dtype(float)}
    assert np.isfinite(df.to_numpy()).any()
    assert not np.isinf(df.to_numpy()).any()
    assert all(isinstance(note, str) for note in notes)


def test_any_csv_is_read_or_refused_in_one_sentence(tmp_path):
    rng, read, tried = random.Random(4), 0, int(os.environ.get("MUPY_THOROUGH", "60"))
    for _ in range(tried):
        (tmp_path / "x.csv").write_bytes(odd_csv(rng))
        read += isinstance(survives(own_data.read_table, tmp_path / "x.csv", errors=(own_data.TableError,),
                                    check=check_table), tuple)
    assert read > tried / 4, f"only {read} of {tried} tables were read"


def test_a_first_row_with_a_field_too_many_is_refused(tmp_path):
    """pandas leaves the field out, and warns."""
    (tmp_path / "x.csv").write_text("time,a\n2016-01-01,1,9\n2016-01-02,2\n2016-01-03,3\n")
    with pytest.raises(own_data.TableError, match="more fields"):
        own_data.read_table(tmp_path / "x.csv")


# ---------------------------------------------------------------------------------------------------- a full disk

@contextlib.contextmanager
def disk_with(room):
    """Let no file grow beyond some bytes: for a program that is what a full disk is."""
    if resource is None:
        pytest.skip("this system sets files no limit")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Some Pythons keep a compiled library that did not fit, cut as it is, and every later import of it fails.
    compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with unittest.mock.patch.dict(os.environ, PYTHONDONTWRITEBYTECODE="1"):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
        sys.dont_write_bytecode = compiled


def test_a_full_disk_leaves_no_compiled_library_cut(tmp_path, monkeypatch):
    module = tmp_path / "long_module.py"
    module.write_text("\n".join(f"name_{number} = {number}" for number in range(200)))
    monkeypatch.syspath_prepend(tmp_path)
    with disk_with(500):
        importlib.import_module("long_module")
        subprocess.run([sys.executable, "-c", "import long_module"], cwd=tmp_path, check=True)
    assert not Path(importlib.util.cache_from_source(str(module))).exists()
    assert not list(tmp_path.rglob("*.pyc"))


def test_a_full_disk_leaves_the_old_monitor(tmp_path):
    monitor = streaming.watch(HotellingT2(n_components=2).fit(TABLE), ["a", "b"], on=3)
    old = monitor.save(tmp_path / "m.npz").read_bytes()
    with disk_with(500):
        assert isinstance(survives(monitor.save, tmp_path / "m.npz", errors=(OSError,)), OSError)
    assert (tmp_path / "m.npz").read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


def test_a_full_disk_leaves_the_old_detector(tmp_path, network):
    old = network.save(tmp_path / "d.npz").read_bytes()
    with disk_with(500):
        assert isinstance(survives(network.save, tmp_path / "d.npz", errors=(OSError,)), OSError)
    assert (tmp_path / "d.npz").read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["d.npz"]


def test_a_full_disk_leaves_the_old_report(tmp_path):
    (tmp_path / "r.html").write_text("<!doctype html>old")
    with disk_with(5000):
        assert isinstance(survives(own_data.write_report, TABLE, tmp_path / "r.html", errors=(own_data.TableError,)),
                          own_data.TableError)
    assert [file.name for file in tmp_path.iterdir()] == ["r.html"]
    assert (tmp_path / "r.html").read_text() == "<!doctype html>old"
    plt.close("all")


def with_scores(readings):
    return pd.DataFrame({"score": readings["a"], "is_alarm": readings["a"] > 20.9})


def test_a_full_disk_fails_a_unit_and_no_other(tmp_path):
    long = pd.concat([TABLE.set_axis(TIMES + number * pd.Timedelta("13D")) for number in range(40)])
    fleet.write_fleet(pd.concat({1: TABLE, 2: long}, names=["unit"]), tmp_path / "in")
    with disk_with(9000):
        told = fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")
    assert told["status"].tolist() == ["scored", "failed"]
    assert "scores.parquet" in told["reason"][2]
    assert fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")["status"].tolist() == ["kept", "scored"]
    assert not list((tmp_path / "out").rglob("_half_*"))


def test_no_damage_of_a_fleet_goes_into_its_scores_in_silence(tmp_path):
    """One flipped bit among the numbers leaves a file that reads well: only a checksum of its pages tells."""
    rng = random.Random(8)
    fleet.write_fleet(pd.concat({1: TABLE}, names=["unit"]), tmp_path / "in")
    fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")
    readings, scores = tmp_path / "in" / "unit=1" / "readings.parquet", tmp_path / "out" / "unit=1" / "scores.parquet"
    right, whole = pd.read_parquet(scores), scores.read_bytes()
    for place in [200, len(whole) - 300, *(rng.randrange(len(whole)) for _ in range(30))]:
        content = bytearray(whole)
        content[place] ^= 1 << rng.randrange(8)
        scores.write_bytes(content)
        assert fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")["reason"].tolist() == [""]
        pd.testing.assert_frame_equal(pd.read_parquet(scores), right)
    content = bytearray(readings.read_bytes())
    content[len(content) // 3] ^= 1
    readings.write_bytes(content)
    told = fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")
    assert told["status"].tolist() == ["failed"] and "CRC" in told["reason"][1]


# ------------------------------------------------------------------------------------------------------------ killed

FLEET_SCRIPT = """
import sys, time
import pandas as pd
from mupy_helpers import fleet

def recipe(readings):
    time.sleep(0.05)
    return pd.DataFrame({"score": readings["a"], "is_alarm": readings["a"] > 20.9})

print("begun", flush=True)
fleet.score_fleet(sys.argv[1], recipe, sys.argv[2], n_workers=2)
"""


def killed(arguments, ready, wait):
    """Start a program, and kill it some seconds after it has said it is ready."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
                               env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    with process:
        for line in process.stdout:
            if ready in line:
                break
        time.sleep(wait)
        process.kill()


def test_a_killed_scoring_leaves_whole_files_and_is_resumed(tmp_path):
    units = {number: TABLE for number in range(40)}
    fleet.write_fleet(pd.concat(units, names=["unit"]), tmp_path / "in")
    (tmp_path / "score.py").write_text(FLEET_SCRIPT)
    rng = random.Random(5)
    killed([str(tmp_path / "score.py"), str(tmp_path / "in"), str(tmp_path / "out")], "begun", rng.uniform(0.6, 1.2))
    there = [file for file in (tmp_path / "out").rglob("scores.parquet")]
    for file in there:
        assert len(pd.read_parquet(file)) == len(TABLE)
    assert len(there) < len(units), "it had ended before"
    table = fleet.score_fleet(tmp_path / "in", with_scores, tmp_path / "out")
    assert (table["status"] == "scored").all()  # another recipe: nothing of it is taken for this one's


def test_a_killed_report_leaves_the_old_one(tmp_path):
    TABLE.to_csv(tmp_path / "t.csv")
    old = "<!doctype html>old"
    (tmp_path / "r.html").write_text(old)
    wait = random.Random(6).uniform(0.05, 0.5)
    killed(["-m", "mupy_helpers.own_data", str(tmp_path / "t.csv"), "--out", str(tmp_path / "r.html")], "drawing", wait)
    found = (tmp_path / "r.html").read_text()
    assert found == old or found.rstrip().endswith("</html>")


# ------------------------------------------------------------------------------------------ one test for each fault

def test_a_text_is_no_switch():
    with pytest.raises(ValueError, match="kinds must be True or False"):
        datasets.load_server_log_labels(kinds="no")


def test_a_journal_in_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        journal.Journal(tmp_path / "none" / "j", "t")


def test_a_run_beyond_all_memory_is_refused_at_once():
    for odd in ({"days": 1e12}, {"n_units": 10**9}, {"days": float("inf")}, {"start": "2261-12-31", "days": 1000}):
        with pytest.raises(ValueError, match="days|units|years"):
            simulate.simulate_cold_store(**{"start": "2016-01-01", "days": 1, "warm_up_days": 0, "step_seconds": 300, **odd})



def test_no_fault_makes_readings_that_are_none():
    for make in (lambda: faults.SensorGlitches("2016-01-01", "2016-01-02", value=None),
                 lambda: faults.SensorDrift("2016-01-01", "2016-01-02", per_day=float("nan")),
                 lambda: faults.SlowLeak("2016-01-01", "2016-01-02", rate=float("inf"))):
        with pytest.raises(ValueError, match="must be a finite number"):
            make()


@pytest.mark.parametrize("odd", [{"title": 3}, {"gap": "x"}, {"color": "no colour"}, {"alt": " "}, {"title": r"$\frac$"}])
def test_a_plot_that_fails_leaves_nothing_open_and_nothing_drawn(odd):
    with pytest.raises((TypeError, ValueError)):
        plots.plot_series(TABLE["a"], **odd)
    assert not plt.get_fignums()
    figure, ax = plt.subplots()
    before = ax.get_children()
    with pytest.raises((TypeError, ValueError)):
        plots.plot_series(TABLE["a"], ax=ax, **odd)
    assert ax.get_children() == before
    plt.close(figure)


def test_an_answer_that_ends_the_process_is_a_wrong_one():
    for exercise in engine.load_bank("06").values():
        said = engine.judge(exercise, {"np": np, "pd": pd, **dict.fromkeys(exercise.names, sys.exit)})
        assert said.kind in ("wrong", "open")
    assert exercises.check is engine.check


def test_a_recipe_that_ends_the_process_fails_its_unit(tmp_path):
    fleet.write_fleet(pd.concat({1: TABLE}, names=["unit"]), tmp_path / "in")
    told = fleet.score_fleet(tmp_path / "in", lambda readings: sys.exit(3), tmp_path / "out")
    assert told["status"].tolist() == ["failed"]


def test_a_stream_of_times_with_and_without_zone_is_refused():
    alarms = streaming.AlarmFilter(0.5)
    alarms.update(1.0, TIMES[0])
    with pytest.raises(ValueError, match="time zone"):
        alarms.update(0.0, TIMES[1].tz_localize("UTC"))


def test_channels_need_names_of_their_own():
    with pytest.raises(own_data.TableError, match="name of its own"):
        own_data.inspect(TABLE.set_axis(["a", "a"], axis=1))
    with pytest.raises(ValueError, match="different names"):
        streaming.Arrivals(["a", "a"])


def test_readings_beyond_all_bounds_are_refused():
    with pytest.raises(own_data.TableError, match="beyond"), warnings.catch_warnings():
        warnings.simplefilter("error")
        own_data.inspect(TABLE * 1e200)


def test_a_report_checks_its_place_first(tmp_path):
    with pytest.raises(own_data.TableError, match="cannot be written"):
        page.check_place(tmp_path / ("x" * 5000))
