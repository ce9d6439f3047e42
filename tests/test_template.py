"""Lesson 10 is a template: papermill runs it on any file, and the verb `report` bears every published series."""

import os
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import store
from mupy_helpers.own_data import TableError, inspect, read_table, score
from mupy_helpers.own_data import __main__ as program
from tools import lessons

NOTEBOOK = lessons.NOTEBOOKS / "10_your_own_data.ipynb"
FLAT = "art_flatline.csv"  # it never varies: the one series that can only be refused
# The pages of all of them take minutes; without this each folder's first one is drawn, and all are read and scored.
EVERY_REPORT = "MUPY_EVERY_REPORT"


@pytest.fixture
def recording(tmp_path):
    """A file like those of NAB: one value every five minutes, some of them missing, and a jump at the end."""
    rng, n = np.random.default_rng(7), 3000
    value = 40 + 8 * np.sin(2 * np.pi * np.arange(n) / 288) + rng.normal(0, 0.5, n)
    value[2700:2740] += 25
    value[500:520] = np.nan
    stamps = pd.date_range("2014-04-01", periods=n, freq="5min", name="timestamp")
    path = tmp_path / "traffic.csv"
    pd.Series(value, index=stamps, name="value").round(3).to_csv(path)
    return path


def test_the_parameters_stand_in_one_cell():
    tagged = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells
              if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert [line.split(" = ")[0] for line in tagged[0].source.splitlines()] == [
        "file", "time_column", "healthy", "report"]


def test_papermill_runs_it_on_another_file(recording, tmp_path):
    out, report = tmp_path / "mine.ipynb", tmp_path / "report.html"
    parameters = {"file": recording, "report": report}  # nothing else: what is left must fit any file
    given = [word for name, value in parameters.items() for word in ("-p", name, str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", NOTEBOOK, out, "--kernel", "python3", "--no-progress-bar", *given],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(lessons.ROOT)})
    assert done.returncode == 0, done.stderr[-2000:]
    page = report.read_text(encoding="utf-8")
    assert "What is unusual in traffic.csv" in page and page.count("<img") == 2
    ran = nbformat.read(out, as_version=4)
    assert all(output.get("name") != "stderr" for cell in ran.cells for output in cell.get("outputs", []))
    shown = str([cell.get("outputs") for cell in ran.cells])
    assert "2014-04-10 09:00:00" in shown, "the jump is not among the alarms"


def published(name):
    if not datasets.is_available(name):
        pytest.skip(f"the published set {name!r} is not here; python3 course.py data fetches it")
    files = [path for key, path in sorted(store.fetch_files(name).items()) if key.endswith(".csv")]
    assert len(files) > 30
    return files


@pytest.mark.parametrize("name", ["nab", "skab"])
def test_every_published_series_is_read_and_scored(name):
    for path in published(name):
        df, _ = read_table(path)
        assert len(inspect(df).channels) == df.shape[1]
        if path.name == FLAT:
            with pytest.raises(TableError, match="no channel varies"):
                score(df)
            continue
        scored = score(df)
        assert np.isfinite(scored.scores[scored.healthy_until:]).all() and scored.threshold > 0, path.name


@pytest.mark.parametrize("name", ["nab", "skab"])
def test_published_series_get_their_report(name, tmp_path, capsys):
    folders = {}
    for path in published(name):
        folders.setdefault(path.parent, []).append(path)
    out = tmp_path / "report.html"
    for files in folders.values():
        for path in files if os.environ.get(EVERY_REPORT) else files[:1]:
            code = program.main([str(path), "--out", str(out)])
            assert code == (path.name == FLAT), (path.name, capsys.readouterr().err)
            assert FLAT == path.name or path.name in out.read_text(encoding="utf-8")
