"""The published sets: fetched from a server on loopback, verified, resumed, and read; never from the network."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import __main__ as command
from mupy_helpers.datasets import bundled, published, store

AMBIENT = "realKnownCause/ambient_temperature_system_failure"
SHARED = Path(os.environ.get("MUPY_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def needs(name):
    """Skip a test, by the set's name, where the published files are not on this machine."""
    whole = all(store._is_whole(SHARED / store.SETS[name].folder / path, name, path) for path in store.registry()[name])
    return pytest.mark.skipif(not whole, reason=f"the published set {name!r} is not in {SHARED}")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve a folder; spoil or cut short the files named in ``server.spoiled`` and ``server.cut``."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if len(self.server.asked) > self.server.answers:
            self.close_connection = True
            return
        spoiled = any(name in self.path for name in self.server.spoiled)
        cut = any(name in self.path for name in self.server.cut)
        if not spoiled and not cut:
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else b"#" + content[1:])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """A cache of the test's own; none of the user's settings, and no proxy between the test and its server."""
    for variable in ("MUPY_DATA", "MUPY_MIRROR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def server(cache, monkeypatch):
    """A mirror on loopback that serves the published files, and counts what is asked of it."""
    handler = functools.partial(Handler, directory=str(SHARED))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.asked, running.spoiled, running.cut, running.answers = [], set(), set(), float("inf")
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setenv("MUPY_MIRROR", f"http://127.0.0.1:{running.server_port}")
        yield running
        running.shutdown()
        thread.join()


def kept(cache):
    return sorted(file.name for file in cache.rglob("*") if file.is_file())


@pytest.fixture
def own_data(cache, monkeypatch, tmp_path):
    """A MUPY_DATA folder of the test's own, empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("MUPY_DATA", str(folder))
    return folder


# The registry ------------------------------------------------------------------------------------------------------


def test_registry_paths_stay_inside_their_folder():
    for name, files in store.registry().items():
        assert files, f"the registry holds no file of {name}"
        for path, (size, sha256) in files.items():
            assert ".." not in Path(path).parts and not Path(path).is_absolute() and "\\" not in path
            if name not in store.UNHASHED:
                assert len(sha256) == 64 and size > 0


def test_every_download_is_pinned_to_a_commit():
    for name, each in store.SETS.items():
        if each.repository:
            path = next(iter(store.registry()[name]))
            assert len(each.commit) == 40
            assert store.address(name, path).startswith(f"https://raw.githubusercontent.com/{each.repository}/")
            assert each.commit in store.address(name, path)


@pytest.mark.parametrize(
    ("name", "path", "ending"),
    [
        ("skab", "valve1/0.csv", "/data/valve1/0.csv"),
        ("logs", "HDFS_2k.log_structured.csv", "/HDFS/HDFS_2k.log_structured.csv"),
        ("logs", "OpenSSH_2k.log", "/OpenSSH/OpenSSH_2k.log"),
        ("nab", "labels/combined_windows.json", "/labels/combined_windows.json"),
        ("ecg", "ecg.dat", "/ecg.dat"),
    ],
)
def test_addresses_follow_each_home(name, path, ending):
    assert store.address(name, path) == (
        f"https://raw.githubusercontent.com/{store.SETS[name].repository}/{store.SETS[name].commit}{ending}"
    )


def test_registry_counts():
    counts = {name: len(files) for name, files in store.registry().items()}
    assert counts["nab"] == 58 + 1
    assert counts["skab"] == 34 + 1
    assert counts["spoken_digits"] == 2 * 10 * 20


# Downloading -------------------------------------------------------------------------------------------------------


@needs("nab")
def test_fetch_downloads_once_and_only_what_is_needed(server, cache):
    table = datasets.fetch_nab(AMBIENT)
    assert list(table.columns) == ["value"] and len(table) > 7000
    assert server.asked == [f"/nab/data/{AMBIENT}.csv"]
    assert kept(cache) == ["ambient_temperature_system_failure.csv"]
    assert datasets.fetch_nab(AMBIENT).equals(table)
    assert len(server.asked) == 1


@needs("ecg")
def test_a_corrupted_file_is_refused_and_not_kept(server, cache):
    server.spoiled = {"ecg.dat"}
    with pytest.raises(datasets.FetchError, match="is not the file that was published"):
        datasets.fetch_ecg()
    assert kept(cache) == []
    assert not datasets.is_available("ecg")
    server.spoiled = set()
    assert len(datasets.fetch_ecg()) == 108_000


@needs("ecg")
def test_a_file_cut_short_is_never_taken_for_whole(server, cache):
    server.cut = {"ecg.dat"}
    with pytest.raises(datasets.FetchError, match="1 of its files still missing; the transfer stopped"):
        datasets.fetch_ecg()
    assert kept(cache) == []
    server.cut = set()
    assert len(datasets.fetch_ecg()) == 108_000


@needs("skab")
def test_a_set_stopped_half_way_goes_on_where_it_stopped(server, cache):
    server.answers = 20
    with pytest.raises(datasets.FetchError, match="14 of its files still missing"):
        datasets.fetch_skab()
    first = set(server.asked[:20])
    assert len(kept(cache)) == 20
    server.asked, server.answers = [], float("inf")
    assert len(datasets.fetch_skab()) == 34
    assert len(server.asked) == 14 and not first & set(server.asked)


@needs("ecg")
def test_a_file_spoiled_in_the_cache_is_fetched_again(server, cache):
    datasets.fetch_ecg()
    (file,) = [file for file in cache.rglob("*") if file.is_file()]
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert not datasets.is_available("ecg")
    assert len(datasets.fetch_ecg()) == 108_000
    assert len(server.asked) == 2


def test_offline_says_what_to_do(cache, monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as unused:
        port = unused.server_port
    monkeypatch.setenv("MUPY_MIRROR", f"http://127.0.0.1:{port}")
    with pytest.raises(datasets.FetchError) as caught:
        datasets.fetch_nab(AMBIENT)
    message = str(caught.value)
    assert "set 'nab'" in message
    assert "no connection to 127.0.0.1" in message
    assert f"http://127.0.0.1:{port}/nab/data/{AMBIENT}.csv" in message
    assert "python3 course.py data" in message
    assert "nab under MUPY_DATA" in message
    assert "Skip the case study" in message
    assert kept(cache) == []


def test_a_file_that_the_server_lacks_is_named(server, cache, monkeypatch):
    monkeypatch.setenv("MUPY_MIRROR", os.environ["MUPY_MIRROR"] + "/elsewhere")
    with pytest.raises(datasets.FetchError, match=r"404(.|\n)*elsewhere/ecg/ecg\.dat"):
        datasets.fetch_ecg()


@needs("ecg")
def test_mirror_can_be_given_as_an_argument(server, cache, monkeypatch):
    mirror = os.environ["MUPY_MIRROR"]
    monkeypatch.setenv("MUPY_MIRROR", "http://127.0.0.1:9/nothing")
    assert len(datasets.fetch_ecg(mirror=mirror + "/")) == 108_000


def test_mirror_must_be_a_web_address(cache):
    with pytest.raises(ValueError, match="starts with http:// or https://"):
        store.fetch_files("ecg", mirror="file:///etc")


@needs("ecg")
def test_progress_is_on_standard_error_and_pooch_is_quiet(server, capfd):
    datasets.fetch_ecg()
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["Fetching ecg: 0 of 1 files", "Fetching ecg: 1 of 1 files"]


def test_progress_rewrites_its_line_on_a_terminal():
    class Terminal:
        def __init__(self):
            self.text = ""

        def isatty(self):
            return True

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    terminal = Terminal()
    progress = store.Progress("ecg", 2, terminal)
    progress.step()
    progress.stop()
    progress.step()
    assert terminal.text == (
        "Fetching ecg: 0 of 2 files\rFetching ecg: 1 of 2 files\r\nFetching ecg: 2 of 2 files\n"
    )


# MUPY_DATA ---------------------------------------------------------------------------------------------------------


@needs("ecg")
def test_own_folder_comes_first(server, own_data, cache):
    shutil.copytree(SHARED / "ecg", own_data / "ecg")
    assert datasets.is_available("ecg")
    assert len(datasets.fetch_ecg()) == 108_000
    assert server.asked == [] and kept(cache) == []


@needs("ecg")
def test_a_changed_file_in_the_own_folder_is_named(server, own_data):
    (own_data / "ecg").mkdir()
    (own_data / "ecg" / "ecg.dat").write_bytes(b"not an electrocardiogram")
    assert not datasets.is_available("ecg")
    with pytest.raises(datasets.FetchError, match=r"own.ecg.ecg\.dat is not the file that was published"):
        datasets.fetch_ecg()
    assert server.asked == []


@needs("skab")
def test_an_incomplete_own_folder_is_not_used(server, own_data, cache):
    (own_data / "skab" / "valve1").mkdir(parents=True)
    shutil.copy(SHARED / "skab" / "valve1" / "0.csv", own_data / "skab" / "valve1")
    files = store.fetch_files("skab", ["valve1/0.csv", "valve1/1.csv"])
    assert all(cache in file.parents for file in files.values())
    only = store.fetch_files("skab", "valve1/0.csv")
    assert only == {"valve1/0.csv": own_data / "skab" / "valve1" / "0.csv"}


def test_own_folder_that_is_none_is_an_error(cache, monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_DATA", str(tmp_path / "nowhere"))
    assert not datasets.is_available("ecg")
    with pytest.raises(datasets.FetchError, match="not a folder"):
        datasets.fetch_ecg()


# Names -------------------------------------------------------------------------------------------------------------


def test_names_and_availability_need_no_network(cache):
    assert set(datasets.names()) == set(store.SETS)
    assert not any(datasets.is_available(name) for name in datasets.names())
    with pytest.raises(ValueError, match="no published set 'nabb'; did you mean: nab"):
        datasets.is_available("nabb")


@pytest.mark.parametrize("path", ["../nab/COMMIT", "/etc/passwd", "valve1/../../x", "valve1\\0.csv", ""])
def test_no_path_leads_out_of_the_folder(server, path):
    with pytest.raises(ValueError, match="no file of the set 'skab'"):
        store.fetch_files("skab", [path])
    assert server.asked == []


@pytest.mark.parametrize(
    ("fetch", "name", "message"),
    [
        (datasets.fetch_nab, "ambient", "no NAB series 'ambient'; did you mean"),
        (datasets.fetch_nab, "../labels/combined_windows", "no NAB series"),
        (datasets.fetch_nab_events, "", "no NAB series ''"),
        (datasets.fetch_skab, "valve3/0", "no SKAB run 'valve3/0'; did you mean: .*valve1/0"),
        (datasets.fetch_skab_labels, "other/99", "no SKAB run"),
        (datasets.fetch_logs, "Windows", "no log 'Windows'; did you mean: HDFS, OpenSSH"),
        (datasets.fetch_spoken_digits, "shakespeare", "no speaker 'shakespeare'"),
        (datasets.fetch_air_quality_denver, "Ozone", "no sheet 'Ozone'"),
    ],
)
def test_unknown_names_are_refused_with_a_suggestion(server, fetch, name, message):
    with pytest.raises(ValueError, match=message):
        fetch(name)
    assert server.asked == []


# What the sets hold ------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(cache, monkeypatch):
    monkeypatch.setenv("MUPY_DATA", str(SHARED))


@needs("nab")
def test_nab_is_read_as_published(shared):
    series = datasets.fetch_nab()
    assert list(series) == datasets.fetch_nab_names() and len(series) == 58
    assert all(table.index.dtype == "datetime64[ns]" and table["value"].notna().all() for table in series.values())
    assert sum(len(datasets.fetch_nab_events(name)) for name in series) == 116
    one = datasets.fetch_nab(AMBIENT + ".csv")
    assert one.equals(series[AMBIENT])
    assert one.attrs["licence"] == "MIT" and store.SETS["nab"].commit[:12] in one.attrs["source"]
    assert set(one.attrs) == {"units", "source", "licence", "description"}


@needs("nab")
def test_nab_events_are_windows_inside_the_series(shared):
    table, events = datasets.fetch_nab(AMBIENT), datasets.fetch_nab_events(AMBIENT)
    assert list(events.columns) == ["start", "end"] and len(events) == 2
    assert (events["start"] < events["end"]).all()
    assert events["start"].min() >= table.index[0] and events["end"].max() <= table.index[-1]
    assert len(datasets.fetch_nab_events("artificialNoAnomaly/art_noisy")) == 0


@needs("skab")
def test_skab_comes_with_labels_apart(shared):
    runs, labels = datasets.fetch_skab(), datasets.fetch_skab_labels()
    assert list(runs) == list(labels) == datasets.fetch_skab_names()
    assert list(runs)[:3] == ["valve1/0", "valve1/1", "valve1/2"] and list(runs)[-1] == "other/14"
    # The benchmark trains on the first 400 rows of each run and scores the other 23,801.
    assert sum(len(table) - 400 for table in runs.values()) == 23_801
    for name, table in runs.items():
        assert list(table.columns) == list(published.SKAB_UNITS) == list(table.attrs["units"])
        assert table.index.equals(labels[name].index)
        assert set(np.unique(labels[name])) == {0, 1}


@needs("skab")
def test_skab_run_without_anomaly(shared):
    table = datasets.fetch_skab("anomaly-free/anomaly-free")
    labels = datasets.fetch_skab_labels("anomaly-free/anomaly-free")
    assert len(table) == len(labels) == 9405
    assert list(labels.columns) == ["anomaly", "changepoint"] and not labels.to_numpy().any()


@needs("ecg")
def test_ecg_is_that_of_scipy(shared):
    table = datasets.fetch_ecg()
    # The figures stand in the documentation of scipy.datasets.electrocardiogram.
    assert table["ecg"].to_numpy()[[0, 1, 2, -3, -2, -1]] == pytest.approx(
        [-0.245, -0.215, -0.185, -0.405, -0.395, -0.385]
    )
    assert table["ecg"].mean() == pytest.approx(-0.16510875)
    assert table["ecg"].std(ddof=0) == pytest.approx(0.5992473991177294)
    assert table.attrs["units"] == {"ecg": "mV"}
    assert table.index[360] == pd.Timedelta(seconds=1) and len(table) == 300 * 360


@needs("spoken_digits")
def test_spoken_digits(shared):
    digits = datasets.fetch_spoken_digits()
    assert len(digits) == 400
    assert {(each.digit, each.speaker) for each in digits} == {(d, s) for d in range(10) for s in ("jackson", "theo")}
    assert [(each.digit, each.speaker, each.take) for each in digits] == sorted(
        (each.digit, each.speaker, each.take) for each in digits
    )
    assert all(each.rate_hz == 8000 and each.signal.ndim == 1 for each in digits)
    assert all(0.01 < np.abs(each.signal).max() <= 1 for each in digits)
    assert len(datasets.fetch_spoken_digits("theo")) == 200


@needs("logs")
@pytest.mark.parametrize(
    ("name", "first", "templates"), [("HDFS", "2008-11-09 20:36:15", 14), ("OpenSSH", "1900-12-10 06:55:46", 27)]
)
def test_logs(shared, name, first, templates):
    table = datasets.fetch_logs(name)
    assert len(table) == 2000 and table["line_id"].tolist() == list(range(1, 2001))
    assert table.index[0] == pd.Timestamp(first)
    assert table["event_id"].nunique() == templates
    assert ("level" in table) == (name == "HDFS")
    assert not table.isna().any().any()


@needs("pump_slices")
def test_pump_slices_only_when_asked(shared):
    slices, labels = datasets.fetch_pump(slices=True), datasets.fetch_pump_labels(slices=True)
    assert {part: table.shape for part, table in slices.items()} == {"normal": (7244, 52), "before_failure": (721, 52)}
    assert set(labels["normal"]) == {"NORMAL"}
    assert labels["before_failure"][labels["before_failure"] == "BROKEN"].index.tolist() == [
        pd.Timestamp("2018-04-18 00:30")
    ]
    assert all(slices[part].index.equals(labels[part].index) for part in slices)


# Sets that must be put here by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fetch", "file"),
    [(datasets.fetch_pump, "sensor.csv"), (datasets.fetch_air_quality_denver, "CAIRSENSE_DataFiles.xlsx")],
)
def test_a_set_without_address_says_where_to_put_it(own_data, cache, fetch, file):
    with pytest.raises(datasets.FetchError) as caught:
        fetch()
    message = str(caught.value)
    assert file in message and "cannot be downloaded" in message
    assert str(own_data) in message and str(cache) in message
    assert "Skip the case study" in message


def small_pump(monkeypatch):
    """A pump file of 120 rows that has all that is known of the whole one, on a smaller scale."""
    monkeypatch.setattr(published, "PUMP_STATUS", {"NORMAL": 105, "RECOVERING": 13, "BROKEN": 2})
    monkeypatch.setattr(published, "PUMP_FAILURES", ("2018-04-01 00:50", "2018-04-01 01:30"))
    table = pd.DataFrame({"timestamp": pd.date_range("2018-04-01", periods=120, freq="min").astype(str)})
    values = np.random.default_rng(1).normal(size=(120, 52)).round(3)
    table = pd.concat([table, pd.DataFrame(values, columns=published.PUMP_SENSORS)], axis=1)
    table["sensor_15"] = np.nan
    table["machine_status"] = "NORMAL"
    table.loc[51:63, "machine_status"] = "RECOVERING"
    table.loc[[50, 90], "machine_status"] = "BROKEN"
    return table


def test_the_right_pump_file_is_read(own_data, monkeypatch):
    (own_data / "pump").mkdir()
    small_pump(monkeypatch).to_csv(own_data / "pump" / "sensor.csv")
    assert datasets.is_available("pump")
    table, labels = datasets.fetch_pump(), datasets.fetch_pump_labels()
    assert table.shape == (120, 52) and list(table.columns) == published.PUMP_SENSORS
    assert table["sensor_15"].isna().all()
    assert labels.value_counts().to_dict() == published.PUMP_STATUS
    assert labels.index.equals(table.index)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.iloc[:-5], "115 rows instead of 120; 100 rows are NORMAL instead of 105"),
        (lambda table: table.drop(columns=["sensor_03", "machine_status"]), "missing: sensor_03, machine_status"),
        (lambda table: table.assign(sensor_15=0.0), "sensor_15 holds values"),
        (lambda table: table.replace({"machine_status": {"RECOVERING": "?"}}), r"0 rows are RECOVERING .* values: \?"),
        (
            lambda table: table.assign(machine_status=np.roll(table["machine_status"], 1)),
            "the failures are at 2018-04-01 00:51, 2018-04-01 01:31 instead of",
        ),
    ],
)
def test_a_wrong_pump_file_is_told_what_is_wrong(own_data, monkeypatch, spoil, message):
    (own_data / "pump").mkdir()
    spoil(small_pump(monkeypatch)).to_csv(own_data / "pump" / "sensor.csv", index=False)
    with pytest.raises(datasets.FetchError, match=f"sensor.csv is not the published file: .*{message}"):
        datasets.fetch_pump()


def aeroqual(rows=5):
    """A sheet as the workbook's Aeroqual sheet, with few rows between the right first and last time."""
    time = pd.date_range(*published.DENVER_AEROQUAL_TIMES, periods=rows).round("min")
    columns = ["Aeroqual_1", "Aeroqual_2", "Aeroqual_3", "SoC_O3", "TEMP", "RHAMB"]
    return pd.DataFrame({"DateTime": time, **dict.fromkeys(columns, 0.03)})


def test_the_right_denver_sheet_passes(monkeypatch):
    monkeypatch.setattr(published, "DENVER_ROWS", {"Aeroqual": 5})
    table, problems = published.check_denver(list(published.DENVER_SHEETS), "Aeroqual", aeroqual())
    assert problems == []
    assert table.index.name == "time" and table.index[0] == pd.Timestamp("2015-09-08 23:00")


@pytest.mark.parametrize(
    ("sheets", "spoil", "message"),
    [
        (published.DENVER_SHEETS[:-2], lambda table: table, "sheets are missing: TZOA, Wind"),
        (published.DENVER_SHEETS, lambda table: table, "has 5 rows instead of 212,047"),
        (published.DENVER_SHEETS, lambda table: table.drop(columns="TEMP"), "no temperature column"),
        (published.DENVER_SHEETS, lambda table: table.drop(columns="SoC_O3"), "no reference column"),
        (published.DENVER_SHEETS, lambda table: table.drop(columns="DateTime"), "no column of times"),
        (published.DENVER_SHEETS, lambda table: table.iloc[1:], "instead of 2015-09-08 23:00 to 2016-02-22 08:49"),
    ],
)
def test_a_wrong_denver_sheet_is_told_what_is_wrong(sheets, spoil, message):
    _, problems = published.check_denver(list(sheets), "Aeroqual", spoil(aeroqual()))
    assert any(message in problem for problem in problems)


def test_denver_file_that_is_no_workbook(own_data):
    (own_data / "cairsense").mkdir()
    (own_data / "cairsense" / "CAIRSENSE_DataFiles.xlsx").write_bytes(b"no workbook")
    with pytest.raises(datasets.FetchError, match="needs the package openpyxl|is not an Excel workbook"):
        datasets.fetch_air_quality_denver()


def test_denver_workbook_is_read(own_data, monkeypatch):
    pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    monkeypatch.setattr(published, "DENVER_ROWS", {"Aeroqual": 5})
    (own_data / "cairsense").mkdir()
    with pd.ExcelWriter(own_data / "cairsense" / "CAIRSENSE_DataFiles.xlsx") as workbook:
        for sheet in published.DENVER_SHEETS:
            aeroqual().to_excel(workbook, sheet_name=sheet, index=False)
    table = datasets.fetch_air_quality_denver()
    assert table.shape == (5, 6) and table.index.name == "time"


# The command -------------------------------------------------------------------------------------------------------


@needs("ecg")
def test_command_fetches_what_is_named(server, cache, capsys):
    assert command.main(["ecg"]) == 0
    assert "ecg: fetched and verified" in capsys.readouterr().out
    assert command.main(["ecg"]) == 0
    assert "ecg: on this machine" in capsys.readouterr().out
    assert server.asked == ["/ecg/ecg.dat"]


def test_command_fails_when_a_set_does(cache, monkeypatch, capsys):
    monkeypatch.setenv("MUPY_MIRROR", "http://127.0.0.1:9")
    assert command.main([]) == 1
    out = capsys.readouterr().out
    assert "The set 'nab' could not be fetched: 59 of its files" in out
    assert "pump: not downloadable" in out


def test_command_lists_without_network(cache, capsys):
    assert command.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(store.SETS)
    assert any(line.startswith("spoken_digits") and " 400 " in line and " no " in line for line in lines)


def test_command_refuses_an_unknown_set(cache, capsys):
    with pytest.raises(SystemExit):
        command.main(["mars"])
    assert "no published set 'mars'" in capsys.readouterr().err


def test_registry_is_part_of_the_package():
    assert store.REGISTRY.parent == Path(bundled.__file__).parent and store.REGISTRY.is_file()
