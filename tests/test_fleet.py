"""A fleet is scored as a plain loop would do it, however it is run, wherever it was stopped, whatever fails."""

import contextlib
import http.client
import json
import linecache
import os
import socket
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from distributed import Client, LocalCluster

from benchmarks import fleet as benchmark
from mupy_helpers import recipes
from mupy_helpers.fleet import score_fleet, workers, write_fleet
from mupy_helpers.fleet.recipe_key import recipe_key

BEFORE = "2016-02-03"
RECIPE = partial(recipes.scored_current, before=BEFORE)


@pytest.fixture(scope="module")
def data():
    return benchmark.simulated(4, days=4, seed=3)


@pytest.fixture
def source(data, tmp_path):
    return write_fleet(data, tmp_path / "readings")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "scores"


def level(readings, limit=2.0, stop=None, poison=None):
    """Score by the current alone; break at a current of `poison`, and at the third unit while `stop` is there."""
    current = readings["drive_current"]
    if poison is not None and (current == poison).any():
        raise ZeroDivisionError("this unit\ncannot be scored")
    if stop is not None and Path(stop).exists():
        if len(Path(stop).read_text()) == 2:
            raise Killed
        Path(stop).write_text(Path(stop).read_text() + "1")
    return pd.DataFrame({"score": current, "is_alarm": current > limit})


class Killed(BaseException):
    """As a keyboard interrupt: nothing that one unit does may swallow it."""


def written(out, unit):
    return pd.read_parquet(out / f"unit={unit}" / "scores.parquet", partitioning=None)


def by_loop(data, recipe):
    return {unit: recipe(readings.droplevel("unit")) for unit, readings in data.groupby(level="unit")}


@pytest.mark.parametrize("on", ["threads", "processes"])
def test_scores_are_those_of_a_plain_loop(data, source, out, on):
    table = score_fleet(source, RECIPE, out, on=on, n_workers=2)
    loop = by_loop(data, RECIPE)
    assert list(table.index) == list(loop) == [0, 1, 2, 3] and set(table["status"]) == {"scored"}
    for unit, expected in loop.items():
        pd.testing.assert_frame_equal(written(out, unit), expected, check_freq=False)
        begins = expected.index[expected["is_alarm"] & ~expected["is_alarm"].shift(fill_value=False)]
        assert table.loc[unit, "alarms"] == len(begins) and table.loc[unit, "rows"] == len(expected)
        assert table.loc[unit, "first alarm"] == begins[0] if len(begins) else pd.isna(table.loc[unit, "first alarm"])
    assert table["alarms"].sum() > 0
    together = pd.read_parquet(out)
    assert len(together) == len(data) and set(together["unit"].astype(int)) == {0, 1, 2, 3}
    pd.testing.assert_frame_equal(pd.read_parquet(out / "_units.parquet"), table)


def test_a_given_client_does_the_same(data, source, out):
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0",
                      scheduler_kwargs={"dashboard": False}) as cluster, Client(cluster) as client:
        shares = []
        table = score_fleet(source, RECIPE, out, on=client, progress=shares.append)
    assert set(table["status"]) == {"scored"} and shares == [0.25, 0.5, 0.75, 1.0]
    for unit, expected in by_loop(data, RECIPE).items():
        pd.testing.assert_frame_equal(written(out, unit), expected, check_freq=False)


def given_up(unit, files):
    if unit == "b":
        raise TimeoutError("no worker came back")
    return {"unit": unit, "status": "scored"}


def test_a_unit_that_a_cluster_gives_up_is_a_failed_one():
    ticks = []
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0",
                      scheduler_kwargs={"dashboard": False}) as cluster, Client(cluster) as client:
        rows = workers.run(given_up, {"a": [], "b": [], "c": []}, client, 1, lambda: ticks.append(1))
    rows = {row["unit"]: row for row in rows}
    assert [rows[unit]["status"] for unit in "abc"] == ["scored", "failed", "scored"] and len(ticks) == 3
    assert rows["b"]["reason"] == "TimeoutError: no worker came back"


def deadly(how):
    """Return a job that some units end; defined in here, so that workers need import neither tests nor pandas."""
    def job(unit, files):
        if unit in "bd":
            how()
        return {"unit": unit, "status": "scored"}
    return job


def ends():
    return lambda: os._exit(3)


def killed():
    return lambda: os.kill(os.getpid(), 9)


def left_over():
    """Return the ports at which this process and its children listen, and how many children there are.

    Other tests of this process may have left a server running: compare with what there was before.
    """
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    ports = [each.laddr for one in family for each in one.net_connections("tcp") if each.status == "LISTEN"]
    # Python's own watcher of shared names stays until the end of the program.
    return ports, len([one for one in family[1:] if "resource_tracker" not in " ".join(one.cmdline())])


@pytest.mark.parametrize(("on", "how", "words"), [
    ("processes", ends, "its process ended while it was scored, with status 3"),
    ("processes", killed, "its process was ended by SIGKILL, as the system does for lack of memory"),
    ("cluster", killed, "its worker ended while it was scored, with nothing else on it"),
])
def test_a_unit_that_ends_its_worker_fails_and_the_others_are_scored(on, how, words, monkeypatch):
    ticks, there, closed, close = [], left_over(), [], LocalCluster.close

    def closing(self, *arguments, **named):
        closed.append(len(self.scheduler.workers))
        return close(self, *arguments, **named)

    monkeypatch.setattr(LocalCluster, "close", closing)
    rows = workers.run(deadly(how()), dict.fromkeys("abcdef", ()), on, 2, lambda: ticks.append(1))
    rows = {row["unit"]: row for row in rows}
    assert {unit: row["status"] for unit, row in rows.items()} == {
        "a": "scored", "b": "failed", "c": "scored", "d": "failed", "e": "scored", "f": "scored"}
    assert rows["b"]["reason"] == rows["d"]["reason"] == words
    # Lost workers are there again: closed while one is being started, a cluster fails.
    assert closed[:1] == ([2] if on == "cluster" else [])
    assert len(ticks) == 6 and left_over() == there


def test_the_report_names_a_unit_that_ended_its_process(data, source, out):
    def recipe(readings):
        if readings["drive_current"].iloc[5] == -66:
            os._exit(3)
        return pd.DataFrame({"score": readings["drive_current"], "is_alarm": readings["drive_current"] > 2})

    poison, shares = data.loc[[1]].rename(index={1: 9}, level="unit"), []
    poison.iloc[5] = -66
    write_fleet(poison, source)
    table = score_fleet(source, recipe, out, on="processes", n_workers=1, progress=shares.append)
    assert table["status"].to_dict() == {0: "scored", 1: "scored", 2: "scored", 3: "scored", 9: "failed"}
    assert "with status 3" in table.loc[9, "reason"] and pd.isna(table.loc[9, "rows"])
    assert len(list(out.glob("unit=*/scores.parquet"))) == 4 and shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_an_innocent_neighbour_is_scored_when_all_are_on_the_lost_worker(tmp_path):
    def job(unit, files, marks=tmp_path):
        (marks / unit).touch()
        while not all((marks / each).exists() for each in "ab"):  # both have begun, on a worker each
            time.sleep(0.01)
        if unit == "a":
            os._exit(1)
        time.sleep(1)  # the broken pool takes this worker with it
        return {"unit": unit, "status": "scored"}

    rows = {row["unit"]: row["status"] for row in workers.run(job, {"a": [], "b": []}, "processes", 2, lambda: None)}
    assert rows == {"a": "failed", "b": "scored"}


def test_workers_that_cannot_even_start_are_no_units_fault(source, out, monkeypatch):
    pool = workers.ProcessPoolExecutor
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda *a, **k: pool(*a, **k, initializer=os._exit, initargs=(1,)))
    with pytest.raises(BrokenProcessPool):
        score_fleet(source, level, out, on="processes", n_workers=1)


def test_a_cluster_is_started_and_ended_and_shows_no_page(data, source, out):
    seen, there = [], left_over()

    def look(share):
        seen.append(share)
        if share == 0.25:
            ports, children = left_over()
            ports = [port for port in ports if port not in there[0]]
            assert children - there[1] == 2 and {port.ip for port in ports} == {"127.0.0.1"}
            pages = [requested(port, "/status") for port in ports]
            assert 404 in pages and 200 not in pages

    with socket.socket() as taken:  # by somebody else's cluster, or by this program
        with contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        table = score_fleet(source, RECIPE, out, on="cluster", n_workers=2, progress=look)
    assert set(table["status"]) == {"scored"} and seen == [0.25, 0.5, 0.75, 1.0]
    for unit, expected in by_loop(data, RECIPE).items():
        pd.testing.assert_frame_equal(written(out, unit), expected, check_freq=False)
    assert left_over() == there


def requested(address, page):
    """Return the status with which a port answers to a browser, None where it speaks no HTTP."""
    browser = http.client.HTTPConnection(*address, timeout=5)
    try:
        browser.request("GET", page)
        return browser.getresponse().status
    except (http.client.HTTPException, OSError):
        return None
    finally:
        browser.close()


def test_a_unit_that_fails_is_told_and_the_others_go_on(data, source, out):
    data = data.copy()
    data.loc[(1, data.loc[1].index[5]), "drive_current"] = -77
    write_fleet(data.loc[[1]].rename(index={1: 9}, level="unit"), source)
    (source / "unit=2" / "readings.parquet").write_bytes(b"PAR1 this is none")
    (source / "unit=5").mkdir()
    (source / "6.parquet").symlink_to(source / "nowhere.parquet")
    table = score_fleet(source, partial(level, poison=-77), out, n_workers=2)
    assert table["status"].to_dict() == {0: "scored", 1: "scored", 2: "failed", 3: "scored", 5: "failed", 6: "failed",
                                          9: "failed"}
    assert table.loc[9, "reason"] == "ZeroDivisionError: this unit cannot be scored"
    assert "Parquet" in table.loc[2, "reason"] and "no Parquet file" in table.loc[5, "reason"]
    assert not list(out.glob("unit=[2569]/*")) and table.loc[0, "reason"] == ""


@pytest.mark.parametrize(("broken", "words"), [
    (lambda rows: rows.iloc[::-1], "not in time order"),
    (lambda rows: pd.concat([rows, rows.iloc[-1:]]), "duplicate time stamps"),
    (lambda rows: rows.reset_index(drop=True), "no times"),
    (lambda rows: rows.drop(columns="drive_current"), "no column 'drive_current'"),
])
def test_rows_that_cannot_be_scored_are_named(data, tmp_path, out, broken, words):
    (tmp_path / "in").mkdir()
    rows = data.loc[0]
    rows.to_parquet(tmp_path / "in" / "cold store.parquet")
    broken(rows).to_parquet(tmp_path / "in" / "broken.parquet")
    table = score_fleet(tmp_path / "in", level, out, columns=["drive_current"])
    assert table.loc["cold store", "status"] == "scored" and table.loc["broken", "status"] == "failed"
    assert words in table.loc["broken", "reason"]


def test_files_of_other_programs_have_their_time_in_a_column_and_come_in_parts(data, tmp_path, out):
    (tmp_path / "in" / "store=north%2F1").mkdir(parents=True)
    rows = data.loc[0].reset_index()
    for number, part in enumerate(np.array_split(np.arange(len(rows)), 3)):
        rows.iloc[part].to_parquet(tmp_path / "in" / "store=north%2F1" / f"{number}.parquet", index=False)
    table = score_fleet(tmp_path / "in", level, out, columns=["drive_current"])
    assert table.loc["north/1", "rows"] == len(rows)
    pd.testing.assert_frame_equal(written(out, "north%2F1"), level(data.loc[0]), check_freq=False, check_dtype=False)


@pytest.mark.parametrize(("answer", "words"), [
    (lambda rows: rows["drive_current"], "columns score and is_alarm"),
    (lambda rows: level(rows).iloc[1:], "the same rows"),
    (lambda rows: level(rows).assign(is_alarm=2), "True and False only"),
    (lambda rows: level(rows).assign(score="high"), "ValueError"),
])
def test_a_recipe_that_answers_something_else_fails_in_words(source, out, answer, words):
    table = score_fleet(source, answer, out)
    assert set(table["status"]) == {"failed"} and table["reason"].str.contains(words).all()


def test_a_stopped_run_goes_on_where_it_was(data, source, out, tmp_path):
    stop = tmp_path / "stop"
    stop.write_text("")
    recipe = partial(level, stop=str(stop))
    with pytest.raises(Killed):
        score_fleet(source, recipe, out, n_workers=1)
    stop.unlink()
    files = {file: file.stat().st_mtime_ns for file in out.rglob("*.parquet")}
    kept = {int(file.parent.name.removeprefix("unit=")) for file in files}
    assert len(kept) == 2 and {file.name for file in files} == {"scores.parquet"}
    table = score_fleet(source, recipe, out, n_workers=1)
    assert table["status"].to_dict() == {unit: "kept" if unit in kept else "scored" for unit in range(4)}
    assert files == {file: file.stat().st_mtime_ns for file in files}
    for unit, expected in by_loop(data, recipe).items():
        pd.testing.assert_frame_equal(written(out, unit), expected, check_freq=False, check_dtype=False)
        begins = expected["is_alarm"] & ~expected["is_alarm"].shift(fill_value=False)
        assert table.loc[unit, "alarms"] == begins.sum() > 0 and table.loc[unit, "first alarm"] == begins.idxmax()


@pytest.mark.parametrize("left", [0, 4, 0.5, -1])
def test_half_a_file_is_scored_again(data, source, out, left):
    score_fleet(source, level, out)
    file = out / "unit=1" / "scores.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(left * len(whole)) if left == 0.5 else left])
    table = score_fleet(source, level, out)
    assert table["status"].to_dict() == {0: "kept", 1: "scored", 2: "kept", 3: "kept"}
    pd.testing.assert_frame_equal(written(out, 1), level(data.loc[1]), check_freq=False, check_dtype=False)


def test_a_file_being_written_has_another_name(source, out, monkeypatch):
    import pyarrow.parquet as pq
    write = pq.write_table

    def dies(table, file, **how):
        write(table, file, **how)
        Path(file).write_bytes(Path(file).read_bytes()[:100])
        raise Killed

    monkeypatch.setattr(pq, "write_table", dies)
    with pytest.raises(Killed):
        score_fleet(source, level, out, n_workers=1)
    monkeypatch.undo()
    assert [file.name for file in out.rglob("*.parquet")] == ["_half_scores.parquet"]
    assert set(score_fleet(source, level, out)["status"]) == {"scored"}
    assert not list(out.rglob("_half*")) and len(pd.read_parquet(out)) == 4 * len(written(out, 0))


def test_another_recipe_or_other_readings_are_scored_again(data, source, out):
    score_fleet(source, partial(level, limit=2.0), out)
    assert set(score_fleet(source, partial(level, limit=2.0), out)["status"]) == {"kept"}
    assert set(score_fleet(source, partial(level, limit=3.0), out)["status"]) == {"scored"}
    assert (written(out, 0)["is_alarm"] == (data.loc[0, "drive_current"] > 3)).all()
    assert set(score_fleet(source, partial(level, limit=3.0), out, columns=["drive_current"])["status"]) == {"scored"}
    data.loc[2].iloc[:-5].to_parquet(source / "unit=2" / "readings.parquet")
    table = score_fleet(source, partial(level, limit=3.0), out, columns=["drive_current"])
    assert table["status"].to_dict() == {0: "kept", 1: "kept", 2: "scored", 3: "kept"}


def test_scores_of_another_recipe_do_not_outlive_a_failure(source, out):
    score_fleet(source, level, out)
    score_fleet(source, lambda rows: 1 / 0, out)
    assert not list(out.glob("unit=*/*.parquet"))


def made(text, **names):
    """Return a function as somebody typed it."""
    names["__name__"] = "typed"
    exec(text, names)
    return names["f"]


def test_a_recipe_is_known_by_its_code_and_by_what_it_names(monkeypatch):
    # Python 3.13 keeps a source of this name after `python -c`.
    monkeypatch.setitem(linecache.cache, "<string>", (9, None, ["def f(x):\n", " return x\n", " return x\n"], "<string>"))
    assert recipe_key(RECIPE) == recipe_key(partial(recipes.scored_current, before=BEFORE))
    assert recipe_key(RECIPE) != recipe_key(partial(recipes.scored_current, before="2016-02-04"))
    assert recipe_key(level) != recipe_key(recipes.scored_current)
    text = "def g(x):\n return x\ndef f(x, a=1):\n return g(x) + LIMIT"
    same = recipe_key(made(text, LIMIT=np.arange(3)))
    assert recipe_key(made(text, LIMIT=np.arange(3))) == same
    others = [made(text, LIMIT=np.arange(4)), made(text.replace("a=1", "a=2"), LIMIT=np.arange(3)),
              made(text.replace("f(x, a=1)", "f(x, b=1)").replace("+", "-"), LIMIT=np.arange(3)),
              made(text.replace("return x", "return -x"), LIMIT=np.arange(3)),
              made(text.replace("return x", "return x + 1"), LIMIT=np.arange(3)),
              made(text.replace("return x", "return x + 2"), LIMIT=np.arange(3)),
              made(text.replace("return x", "return (lambda y: y + 1)(x)"), LIMIT=np.arange(3)),
              made(text.replace("return x", "return (lambda y: y + 2)(x)"), LIMIT=np.arange(3))]
    assert len({same, *map(recipe_key, others)}) == 9

    def within(limit):
        return lambda rows: level(rows, limit)
    assert recipe_key(within(1)) == recipe_key(within(1)) != recipe_key(within(2))
    with pytest.raises(TypeError, match="must be a function"):
        recipe_key("EWMA")
    with pytest.raises(ValueError, match="cannot be known again"):
        recipe_key(partial(level, limit=object()))


def test_bad_input_is_said_before_anything_is_scored(data, source, out, tmp_path):
    with pytest.raises(NotADirectoryError, match="no folder"):
        score_fleet(tmp_path / "nowhere", level, out)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no units in"):
        score_fleet(tmp_path / "empty", level, out)
    for place in (source, source / "scores", tmp_path):
        with pytest.raises(ValueError, match="must not lie in each other"):
            score_fleet(source, level, place)
    with pytest.raises(ValueError, match="on must be 'threads'"):
        score_fleet(source, level, out, on="gpu")
    with pytest.raises(ValueError, match="n_workers must be a whole number"):
        score_fleet(source, level, out, n_workers=0)
    with pytest.raises(FileExistsError, match="unit 1 is in"):
        write_fleet(data.loc[[1]], source)
    with pytest.raises(TypeError, match="index \\(unit, time\\)"):
        write_fleet(data.loc[1], source)
    assert not out.exists()
    data.loc[1].to_parquet(source / "1.parquet")
    with pytest.raises(ValueError, match="unit 1 is there twice"):
        score_fleet(source, level, out)


def test_the_benchmark_runs_on_few_units(monkeypatch, capsys, tmp_path):
    arguments = ["--units", "2", "3", "--days", "3", "--workers", "1", "--json", str(tmp_path / "f.json")]
    monkeypatch.setattr(sys, "argv", ["fleet.py", *arguments, "--ways", "pandas loop", "threads"])
    benchmark.main()
    figures, text = json.loads((tmp_path / "f.json").read_text()), capsys.readouterr().out
    assert figures["pandas_loop_units_per_second_2"] > 0 and figures["peak_mb_2"] > 10
    assert figures["speedup_over_loop"] == figures["speedup_over_loop_3"] == pytest.approx(
        figures["units_per_second_3"] / figures["pandas_loop_units_per_second_3"], abs=0.1)
    assert figures["units_ratio"] == 1.5 and figures["memory_ratio"] == pytest.approx(1, abs=0.2)
    assert "units/s" in text and "threads: 1.5 times the units" in text


def test_the_loop_of_the_benchmark_is_measured_on_a_part(source, out):
    benchmark.plain_loop(source, level, out, most=3)
    assert len(list(out.glob("unit=*/scores.parquet"))) == 3


def test_the_recipe_for_fleets_is_the_rule_of_the_scoreboard(data):
    scored = RECIPE(data.loc[0])
    assert scored["is_alarm"].any()
    assert scored["is_alarm"].equals(recipes.RULES["EWMA of the current's residual"](data.loc[0], BEFORE))
