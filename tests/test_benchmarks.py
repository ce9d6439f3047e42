"""The published boards run on a few files, and their parts do what they say."""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

from benchmarks import (
    boards,
    default_recipe,
    detectors_speed,
    nab,
    own_process,
    report,
    skab,
    streaming,
    tsb_nab,
)
from mupy_helpers.datasets import fetch_nab_events, store
from mupy_helpers.metrics import nab_score, volume_under_surface

SHARED = Path(os.environ.get("MUPY_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
HOLD = "realKnownCause/rogue_agent_key_hold"
COST = "realAdExchange/exchange-3_cpm_results"


def needs(name):
    """Skip a test, by the set's name, where the published files are not on this machine."""
    whole = all(store._is_whole(SHARED / store.SETS[name].folder / path, name, path) for path in store.registry()[name])
    return pytest.mark.skipif(not whole, reason=f"the published set {name!r} is not in {SHARED}")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a board on a few series; return what it prints, its figures and the folder of scores."""

    def start(board, *only):
        monkeypatch.setenv("MUPY_DATA", str(SHARED))
        arguments = ["--only", *only, "--json", str(tmp_path / "f.json"), "--scores", str(tmp_path / "scores")]
        monkeypatch.setattr(sys, "argv", [board.__name__, *arguments])
        board.main()
        return capsys.readouterr().out, json.loads((tmp_path / "f.json").read_text()), tmp_path / "scores"

    return start


# --- Programs in a process of their own -------------------------------------------------------------------------------

def test_the_peak_of_a_program_is_its_own_and_not_its_callers():
    pytest.importorskip("resource")
    large = np.ones(100_000_000 // 8)  # a caller that is larger than what it starts
    done, peak = own_process.run([sys.executable, "-c", "print('x' * 3); print('y', end='')"])
    assert (done.stdout, done.stderr, done.returncode) == ("xxx\ny", "", 0)
    assert 3 < peak < 60 < large.nbytes / 1e6
    # The program's own look at itself must not see the caller either.
    inside = f"import sys; sys.path.insert(0, {str(report.ROOT)!r}); " + (
        "from benchmarks import own_process; print(own_process.peak_mb()); b'x' * 80_000_000; sys.exit(3)")
    done, peak = own_process.run([sys.executable, "-c", inside])
    assert 3 < float(done.stdout) < 60 and 80 < peak < 140 and done.returncode == 3


# --- The published boards ---------------------------------------------------------------------------------------------

@needs("nab")
def test_nab_board(run):
    text, figures, folder = run(nab, HOLD, COST)
    assert "look-ahead 0 rows" in text and "not comparable" in text and "Numenta HTM" in text
    files = {name: folder / f"{name}.csv" for name in (HOLD, COST)}
    scores = {name: pd.read_csv(file, index_col="timestamp", parse_dates=True)["score"] for name, file in files.items()}
    again = nab_score(scores, {name: fetch_nab_events(name) for name in scores})
    assert figures["standard"] == pytest.approx(again, abs=1e-3)
    assert figures["leave_one_group_out"] <= figures["standard"]
    assert (folder / "nested" / f"{COST}.csv").is_file()


@needs("nab")
def test_tsb_nab_board(run):
    text, figures, folder = run(tsb_nab, HOLD)
    assert "ONLY 1 OF 14" in text and "PaAno" in text
    scores = pd.read_csv(folder / f"{HOLD}.csv", index_col="row")["score"]
    values, labels, _ = tsb_nab.load(HOLD)
    again = volume_under_surface(labels, scores.to_numpy(), tsb_nab.period(values)).pr
    assert figures["offline_fixed_vus_pr"] == pytest.approx(again, abs=1e-3)


@needs("nab")
def test_tsb_nab_labels_are_those_of_the_file_names(monkeypatch):
    monkeypatch.setenv("MUPY_DATA", str(SHARED))
    for name in tsb_nab.FILES:
        _, labels, n_train = tsb_nab.load(name)
        assert labels.any() and 0 < n_train < len(labels)
    monkeypatch.setitem(tsb_nab.FILES, HOLD, (18, 500, 1))
    with pytest.raises(ValueError, match="not the series of TSB-AD"):
        tsb_nab.load(HOLD)


@needs("skab")
def test_skab_board(run):
    text, figures, folder = run(skab, "valve1/0", "other/1")
    assert "look-ahead 0 rows" in text and "always alarm" in text
    labels = {name: skab.fetch_skab_labels(name)["anomaly"].to_numpy()[400:] for name in ("valve1/0", "other/1")}
    alarms = [pd.read_csv(folder / f"{name}.csv")["score"].to_numpy()[400:] > 1 for name in labels]
    truth, alarms = np.concatenate(list(labels.values())), np.concatenate(alarms)
    assert figures["f1"] == pytest.approx(f1_score(truth, alarms), abs=1e-3)
    assert figures["mcc"] == pytest.approx(matthews_corrcoef(truth, alarms), abs=1e-3)
    for part, key in (("changepoint", "changepoint_score"), ("changepoint_fixed", "changepoint_score_fixed")):
        times, changes = {}, {}
        for name in ("valve1/0", "other/1"):
            reported = pd.read_csv(folder / part / f"{name}.csv", index_col="timestamp", parse_dates=True)["score"]
            behind = skab.fetch_skab_labels(name)["changepoint"].iloc[400:]
            times[name], changes[name] = reported.index[reported == 1], behind.index[behind == 1]
        assert figures[key] == pytest.approx(skab.changepoint_score(times, changes), abs=1e-3)


@needs("skab")
def test_the_stored_figures_are_those_of_the_recipe(monkeypatch):
    monkeypatch.setenv("MUPY_DATA", str(SHARED))
    stored = json.loads(Path(default_recipe.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    found, every = 0, 0
    for name in skab.fetch_skab_names():
        truth = skab.fetch_skab_labels(name)["anomaly"].to_numpy()
        scores = default_recipe.variant("", "")(skab.fetch_skab(name).to_numpy(), skab.TRAINING_ROWS)
        found, every = found + skab.counts(scores > 1, truth), every + skab.counts(truth >= 0, truth)
    assert skab.measures(found)[:2] == pytest.approx([stored["default_f1"], stored["default_mcc"]], abs=2e-3)
    assert skab.measures(every)[0] == pytest.approx(stored["always_alarm_f1"], abs=1e-4)


def test_each_variant_changes_one_piece_of_the_recipe():
    for old, new in default_recipe.VARIANTS.values():
        assert default_recipe.variant(old, new)(np.random.default_rng(1).normal(size=(200, 4)), 100).shape == (200,)
    with pytest.raises(ValueError, match="0 times"):
        default_recipe.variant("no such line", "")


@pytest.mark.parametrize("board", [nab, skab, tsb_nab])
def test_an_unknown_series_is_named(board, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["board", "--only", "nothing/here"])
    with pytest.raises(SystemExit, match="No such series: nothing/here"):
        board.main()


def test_leave_one_out_uses_the_other_columns_only():
    table = pd.DataFrame({"a": [1.0, 0.0], "b": [0.4, 0.5], "c": [0.4, 0.5]}, index=["first", "second"])
    values, chosen = boards.leave_one_out(table)
    assert chosen.to_dict() == {"a": "second", "b": "first", "c": "first"}
    assert values.to_dict() == {"a": 0.0, "b": 0.4, "c": 0.4}


def test_scores_come_back_from_the_file_as_they_were(tmp_path):
    scores = np.random.default_rng(1).normal(size=20) ** 5
    boards.write_scores(tmp_path, {"group/one": scores})
    header, *lines = (tmp_path / "group" / "one.csv").read_text().splitlines()
    assert header == "row,score"
    assert [float(line.split(",")[1]) for line in lines] == scores.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_causal_scores_do_not_change_with_the_future(seed):
    rng = np.random.default_rng(seed)
    values, cut = np.round(rng.normal(size=900).cumsum(), 1), int(rng.integers(500, 890))
    for width in (1, 9, 25):
        whole = nab.new_peaks(nab.outside_range(values, width, 200), 20)
        assert np.array_equal(whole[:cut], nab.new_peaks(nab.outside_range(values[:cut], width, 200), 20))
    for candidate in (tsb_nab.FIXED, (("level",), (25,), 101)):
        parts = [tsb_nab.exceedances(rows, 300, offline=False) for rows in (values, values[:cut])]
        whole, part = (tsb_nab.recipe(each, candidate, offline=False) for each in parts)
        np.testing.assert_allclose(whole[:cut], part, atol=1e-9)
    table = pd.DataFrame(rng.normal(size=(900, 3)), columns=["Pressure", "Temperature", "Volume Flow RateRMS"])
    for score in (lambda t: skab.distance(t, "all", 0.1, True), lambda t: skab.change(t, 10, 100)):
        np.testing.assert_allclose(score(table)[:cut], score(table.iloc[:cut]), atol=1e-9)


def test_period():
    rows = np.arange(3000)
    assert tsb_nab.period(np.sin(rows * 2 * np.pi / 40)) == 40
    assert tsb_nab.period(rows.astype(float)) == 125
    assert tsb_nab.period(np.sin(rows * 2 * np.pi / 350)) == 125


def test_exceedance_of_constant_training_rows():
    assert tsb_nab.exceedance(np.array([1.0, 1.0, 1.0, 3.0]), 2).tolist() == [0, 0, 0, 1]
    assert tsb_nab.exceedance(np.array([0.0, 2.0, 1.0, 3.0, -9.0]), 2).tolist() == [0, 0, 0, 0.5, 1]


def test_outside_range_of_a_flat_series_is_zero():
    assert not nab.outside_range(np.full(50, 3.0), 9, 20).any()


def test_new_peaks():
    assert nab.new_peaks(np.array([1.0, 2, 1, 2, 3]), 2).tolist() == [1, 2, 0, 0, 3]
    assert nab.new_peaks(np.array([2.0, 1]), 0).tolist() == [2, 1]


def test_groups_at_their_own_threshold_add_up():
    index = pd.date_range("2024-01-01", periods=400, freq="min")
    rng, events, scores = np.random.default_rng(3), {}, {}
    for place, name in enumerate(("one/a", "one/b", "two/a", "none/a")):
        start = 120 + 40 * place
        windows = [] if name == "none/a" else [(index[start], index[start + 30])]
        events[name] = pd.DataFrame(windows, columns=["start", "end"], dtype="datetime64[ns]")
        scores[name] = pd.Series(rng.random(400), index=index)
        scores[name].iloc[start : start + 6] += 0.2
    held = nab.Held(scores, events, {"one/a": 1, "one/b": 1, "two/a": 1, "none/a": 0}, "standard")
    known, earned, threshold = held["two"]
    assert earned == pytest.approx(nab_score(scores["two/a"], events["two/a"], threshold=threshold))
    assert known == pytest.approx(nab_score({n: scores[n] for n in scores if n != "two/a"},
                                            {n: events[n] for n in scores if n != "two/a"}))
    assert held["none"][1] <= 0 and held.optimised == pytest.approx(nab_score(scores, events))


def test_changepoint_score():
    index = pd.date_range("2024-01-01", periods=600, freq="s")
    changes = {"run": index[[100, 300, 330]]}
    nothing = {"run": index[[]]}
    assert skab.changepoint_score(nothing, changes) == 0
    # The third window begins where the second ends: a report at its change of 330 is the second's.
    assert skab.changepoint_score({"run": index[[100, 300, 361]]}, changes) == pytest.approx(100, abs=1)
    assert skab.changepoint_score({"run": index[[100, 300, 330]]}, changes) == pytest.approx(100 * 4 / 6)
    late = skab.changepoint_score({"run": index[[160]]}, {"run": index[[100]]})
    assert late == pytest.approx(100 * (1 - 0.11) / 2)
    assert skab.changepoint_score({"run": index[[500]]}, {"run": index[[100]]}) == pytest.approx(-100 * 0.11 / 2)


def test_reports_keep_quiet():
    index = pd.date_range("2024-01-01", periods=500, freq="s")
    times = skab.reports(np.ones(500, dtype=bool), index, 30)
    assert list(times) == [index[400], index[430], index[460], index[490]]


def test_measures_of_a_constant_alarm():
    f1, mcc, far, mar, balance = skab.measures(np.array([6.0, 4, 0, 0]))
    assert (f1, mcc, far, mar, balance) == (0.75, 0, 1, 0, 0)


# --- The speed of detectors -------------------------------------------------------------------------------------------

def test_detectors_speed_on_few_rows(monkeypatch, capsys, tmp_path):
    file = tmp_path / "f.json"
    arguments = ["speed", "--rows", "1000", "--only", "EWMA chart, 1 channel", "--json", str(file)]
    monkeypatch.setattr(sys, "argv", arguments)
    detectors_speed.main()
    text, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert "1,000 rows of 52 channels" in text and "EXTRAPOLATED" not in text
    assert figures["rows"] == 1000 and figures["pca_ratio"] == 1
    assert 0 <= figures["ewma_chart_1_channel_seconds"] < 5 and figures["ewma_chart_1_channel_ratio"] >= 0


def test_slow_detectors_are_extrapolated_and_marked(monkeypatch, capsys, tmp_path):
    asked = []

    def as_the_square(name, n, seed):
        asked.append((name, n))
        return {"fit": 1e-8 * n**2, "score": 1e-9 * n**2, "mb": 0.001 * n}

    file = tmp_path / "f.json"
    monkeypatch.setattr(detectors_speed, "in_its_own_process", as_the_square)
    arguments = ["speed", "--only", "LOF", "HBOS", "--json", str(file)]
    monkeypatch.setattr(sys, "argv", arguments)
    detectors_speed.main()
    text, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert set(asked) == {("PCA", 220_320), ("HBOS", 220_320), ("LOF", 6_000), ("LOF", 12_000)}
    assert "EXTRAPOLATED" in text and [line for line in text.splitlines() if line.startswith("LOF")][0].count("~") == 4
    assert figures["lof_extrapolated_seconds"] == pytest.approx(1.1e-8 * 220_320**2, rel=1e-5)
    assert figures["lof_exponent"] == pytest.approx(2) and figures["lof_extrapolated_mb"] == pytest.approx(220.32)
    assert "lof_seconds" not in figures and figures["hbos_ratio"] == pytest.approx(1)
    monkeypatch.setattr(sys, "argv", [*arguments, "--all"])
    detectors_speed.main()
    assert "~" not in capsys.readouterr().out and ("LOF", 220_320) in asked


def test_what_is_too_short_to_grow_is_kept():
    figures, _ = detectors_speed.extrapolated(
        {10: {"fit": 1.0, "score": 0.0, "mb": None}, 20: {"fit": 0.9, "score": 0.0, "mb": None}}, 40)
    assert figures == {"fit": 0.9, "score": 0.0, "mb": None}


def test_the_rows_of_the_speed_benchmark():
    values = detectors_speed.pump_like(5_000, seed=1)
    assert values.shape == (5_000, 52) and np.array_equal(values, detectors_speed.pump_like(5_000, seed=1))
    between = np.abs(np.corrcoef(values.T)[np.triu_indices(52, 1)])
    assert 0.15 < np.median(between) < 0.6 and values.std(axis=0).min() > 0
    keys = [detectors_speed.key_of(name) for name in detectors_speed.DETECTORS]
    assert len(set(keys)) == len(keys) and "k_nn_2000_sampled_rows" in keys


def test_few_rows_are_refused_by_the_speed_benchmark(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["speed", "--rows", "999"])
    with pytest.raises(SystemExit, match="1000 or more"):
        detectors_speed.main()


# --- The report on a reader's own table -------------------------------------------------------------------------------

def test_report_on_few_rows(monkeypatch, capsys, tmp_path):
    file = tmp_path / "f.json"
    monkeypatch.setattr(sys, "argv", ["report", "--rows", "1000", "--json", str(file)])
    report.main()
    text, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert "1,000 rows of 52 channels" in text and "peak MB" in text
    assert figures["rows"] == 1000 and 0.5 < figures["seconds"] < 600 and figures["report_mb"] > 0.05
    assert "peak_mb" not in figures or 50 < figures["peak_mb"] < 3000


def test_a_report_that_fails_is_no_figure(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["report", "--rows", "999"])
    with pytest.raises(SystemExit, match="1000 or more"):
        report.main()
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(SystemExit, match=r"status 1: report: empty\.csv is empty"):
        report.measure(tmp_path / "empty.csv", tmp_path / "report.html")


# --- Streams through a broker -----------------------------------------------------------------------------------------

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="Mosquitto is not here: install the package mosquitto")
FEW = ["streaming", "--rows", "300", "--paced-rows", "50", "--per-second", "100"]


@needs_mosquitto
def test_streaming_on_few_readings(monkeypatch, capsys, tmp_path):
    file = tmp_path / "f.json"
    monkeypatch.setattr(sys, "argv", [*FEW, "--json", str(file)])
    streaming.main()
    text, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert "300 readings" in text and "broker killed once, 100 a second" in text
    assert {name.removesuffix("readings_per_second") for name in figures if "readings" in name} == {
        "", "frame_", "row_by_row_", "killed_", "paced_", "paced_killed_"}
    assert 0 < figures["paced_readings_per_second"] < 105
    assert figures["killed_readings_per_second"] < figures["row_by_row_readings_per_second"]
    for key in ("", "row_by_row_", "killed_", "paced_", "paced_killed_"):
        assert 0 < figures[f"{key}delay_50_ms"] <= figures[f"{key}delay_99_ms"] < 60_000
    assert all(isinstance(value, float) for value in figures.values())


def test_streaming_refuses_scores_that_are_not_those_of_the_frame(monkeypatch):
    monkeypatch.setattr(sys, "argv", FEW)
    monkeypatch.setattr(streaming, "by_row", lambda detector, rows: (np.zeros(len(rows)), {"readings_per_second": 1}))
    with pytest.raises(SystemExit, match="row by row, no broker: the scores are not those of the frame"):
        streaming.main()


def test_streaming_without_a_broker_or_with_too_few_readings_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["streaming", "--rows", "9"])
    with pytest.raises(SystemExit, match="10 or more"):
        streaming.main()
    monkeypatch.setattr(streaming.shutil, "which", lambda *place, **named: None)
    with pytest.raises(SystemExit, match="install the package mosquitto"):
        streaming.Broker(tmp_path)
