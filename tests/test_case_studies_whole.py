"""The case studies that run on a twin run on the whole published file too, where somebody has put it there.

The files are made up here, with the published schema, and laid where the loaders look.
"""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import published
from tools import build, lessons

LESSONS = {lesson.name: lesson for lesson in lessons.all_lessons()}
SLOW = ("drawn(split, rng)", "table = pd.DataFrame(grades)", "table.loc[", "variants = ")


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """An empty folder for published sets, and an empty cache."""
    monkeypatch.setenv("MUPY_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def run(name, monkeypatch, without=()):
    """Run a case study's cells in this process, but those that hold one of some texts; return its variables."""
    import matplotlib.pyplot as plt

    names = {"__name__": "__main__"}
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    with plt.rc_context():
        for cell in lessons.read(LESSONS[name]).cells:
            if cell.cell_type == "code" and not any(text in cell.source for text in without):
                exec(compile(cell.source, f"{name}, cell {cell.id}", "exec"), names)
    plt.close("all")
    return names


# The pump ----------------------------------------------------------------------------------------------------------


def write_pump(path, seed=11):
    """Write a file with the pump's published schema: its rows, states and failures, a walk for each sensor."""
    rng = np.random.default_rng(seed)
    n = sum(published.PUMP_STATUS.values())
    times = pd.date_range("2018-04-01", periods=n, freq="min")
    broken = times.get_indexer(pd.to_datetime(list(published.PUMP_FAILURES)))
    status, falls = np.full(n, "NORMAL", dtype=object), np.zeros(n)
    length = published.PUMP_STATUS["RECOVERING"] // len(broken)
    for number, row in enumerate(broken):
        extra = published.PUMP_STATUS["RECOVERING"] % len(broken) if number == 0 else 0
        status[row], status[row + 1:row + 1 + length + extra] = "BROKEN", "RECOVERING"
        falls[row - 20:row + 1 + length + extra] = 1
    # The two that fall are written minute by minute; for the others one day's text serves every day: it is quick.
    two = {number: (level - 0.5 * level * falls + spread * rng.standard_normal(n)).round(3).astype(str)
           for number, level, spread in ((0, 2.4, 0.01), (4, 640.0, 5.0))}
    day = (50 + 0.2 * np.cumsum(rng.standard_normal((1440, 52)), axis=0)).round(2).astype(str)
    day[:, 15] = ""
    parts = [[",".join(row) for row in day[:, first:last]] for first, last in ((1, 4), (5, 52))]
    stamps = times.strftime("%Y-%m-%d %H:%M:%S")
    with path.open("w", encoding="ascii") as file:
        file.write(",".join(["", "timestamp", *published.PUMP_SENSORS, "machine_status"]) + "\n")
        file.writelines(f"{i},{stamps[i]},{two[0][i]},{parts[0][i % 1440]},{two[4][i]},{parts[1][i % 1440]},{status[i]}\n"
                        for i in range(n))


def test_the_pump_runs_on_the_whole_file(own_data, monkeypatch, capsys):
    (own_data / "pump").mkdir()
    write_pump(own_data / "pump" / "sensor.csv")
    assert "runs in its place" in build.reason_to_wait({"stored_without": "pump"})
    names = run("kaggle_pump", monkeypatch, without=SLOW)
    out = capsys.readouterr().out
    assert "five months: the published file" in out and "two slices: cut from the five months above" in out
    assert "220,320 minutes, 52 sensors; empty: sensor_15" in out
    assert {name: len(rows) for name, rows in names["slices"].items()} == {"normal": 7244, "before_failure": 721}
    assert len(names["stops"]) == 7
    # What fell 20 minutes before each failure is found, by two sensors that agree, and nothing else is.
    found = names["board"].loc[("two agree", 2)]
    assert (found["found"], found["false a week"]) == (7, 0) and 10 <= found["shortest (min)"] <= 20
    assert names["minutes_before"](names["z_quiet"], names["z_before"], names["rules"]["two agree"], 2) in (15, 20)


def test_the_pump_without_slices_cuts_them_from_the_twin(own_data, monkeypatch, capsys):
    # The twin itself is made in the user's cache, which this test must not fill again: a stub of its index is enough.
    index = pd.date_range("2018-04-01", "2018-04-18 00:30", freq="min")
    twin = pd.DataFrame(1.0, index=index, columns=published.PUMP_SENSORS)
    monkeypatch.setattr(datasets, "load_pump", lambda: twin)
    monkeypatch.setattr(datasets, "load_pump_labels", lambda: pd.Series("NORMAL", index=index))
    cells = [cell for cell in lessons.read(LESSONS["kaggle_pump"]).cells if cell.cell_type == "code"][:2]
    names = {}
    for cell in cells:
        exec(cell.source, names)
    assert "five months: the twin" in (out := capsys.readouterr().out) and "cut from the five months above" in out
    assert {name: len(rows) for name, rows in names["slices"].items()} == {"normal": 7244, "before_failure": 721}


# CAIRSENSE Denver --------------------------------------------------------------------------------------------------


def sheet(units, first, last, rows, rng):
    """A sheet of the workbook: three units of one truth, the last of which may be noise, a reference and the weather."""
    time = pd.date_range(first, last, periods=rows).round("min")
    truth = 0.03 + 0.01 * np.sin(np.arange(rows) / 23) + 0.005 * rng.standard_normal(rows)
    table = {name: (truth if is_good else 0.03) + 0.005 * rng.standard_normal(rows) for name, is_good in units.items()}
    table = pd.DataFrame({**table, "SoC_O3": truth, "TEMP": 60 + 10 * rng.standard_normal(rows), "RHAMB": 40.0})
    return pd.concat([pd.Series(time, name="DateTime"), table.round(4)], axis=1)


def write_denver(path, rows, units=("Unit A", "Unit B", "Unit C")):
    """Write a workbook with the published sheets, with few rows between the right first and last times."""
    rng = np.random.default_rng(3)
    with pd.ExcelWriter(path) as workbook:
        for name in published.DENVER_SHEETS:
            if name in rows:
                good = {unit: not (name == "TZOA" and number == 0) for number, unit in enumerate(units)}
                first, last = published.DENVER_AEROQUAL_TIMES
                table = sheet(good, "2016-01-03 08:49" if name == "TZOA" else first, last, rows[name], rng)
            else:
                table = pd.DataFrame({"note": ["made up"]})
            table.to_excel(workbook, sheet_name=name, index=False)


@pytest.fixture
def denver(own_data, monkeypatch):
    """A folder for the workbook; the loader is told to expect fewer rows, for writing them takes minutes."""
    rows = {"Aeroqual": 12_050, "TZOA": 7200}  # about a row every 20 and every 10 minutes
    monkeypatch.setattr(published, "DENVER_ROWS", rows)
    (own_data / "cairsense").mkdir()
    return own_data / "cairsense" / "CAIRSENSE_DataFiles.xlsx", rows


def test_denver_runs_on_the_workbook(denver, monkeypatch, capsys):
    path, rows = denver
    write_denver(path, rows)
    assert "runs in its place" in build.reason_to_wait({"stored_without": "air_quality_denver"})
    names = run("cairsense_denver", monkeypatch)
    assert "air of Denver: the published workbook" in capsys.readouterr().out
    assert list(names["dust"]) == list(names["ozone"]) == ["unit 1", "unit 2", "unit 3"]
    assert names["marks"](names["dust"])["correlation"].idxmin() == "unit 1"
    assert names["ozone"].corrwith(names["reference"]).min() > 0.8
    assert names["temperature"].median() == pytest.approx(60, abs=1)


def test_denver_with_a_fourth_unit_is_refused(denver, monkeypatch):
    path, _ = denver
    monkeypatch.setattr(published, "DENVER_ROWS", {})
    write_denver(path, {"Aeroqual": 50, "TZOA": 50}, units=("A", "B", "C", "D"))
    with pytest.raises(ValueError, match="three units were expected"):
        run("cairsense_denver", monkeypatch)


def test_a_wrong_workbook_stops_the_case_study_with_its_fault(denver, monkeypatch):
    path, rows = denver
    write_denver(path, {**rows, "Aeroqual": 50})
    with pytest.raises(datasets.FetchError, match="has 50 rows instead of 12,050"):
        run("cairsense_denver", monkeypatch)
