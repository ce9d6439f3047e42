"""The sets that are simulated on the first call: their values, what they promise, and how the cache keeps them."""

import io
import os
import time

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import datasets, simulate
from mupy_helpers.datasets import __main__ as command
from mupy_helpers.datasets import made
from mupy_helpers.simulate import fleet, heartbeats, pump

HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A cache of this file's own, in which each set is made once, from nothing."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUPY_CACHE", str(folder))
        yield folder


@pytest.mark.parametrize("name", made.names())
def test_values_are_those_that_the_course_is_written_with(name, capfd):
    file = made.make(name)
    assert made.is_made(name)
    with np.load(file, allow_pickle=False) as archive:
        assert made.digest({key: archive[key] for key in archive.files}) == made.DIGESTS[name]
    assert capfd.readouterr() == ("", ""), "a progress bar belongs on a terminal only"


TABLES = {
    "card_payments": (datasets.load_card_payments, datasets.load_card_payments_labels),
    "fleet": (datasets.load_fleet, datasets.load_fleet_events),
    "heartbeats": (datasets.load_heartbeats, datasets.load_heartbeats_labels),
    "pump": (datasets.load_pump, datasets.load_pump_labels),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_described_and_labels_come_apart(name):
    table, labels = (load() for load in TABLES[name])
    for each in (table, labels):
        assert set(each.attrs) == {"units", "source", "licence", "description"}
        assert each.attrs["licence"] == "CC BY 4.0" and each.attrs["source"] and each.attrs["description"]
    assert set(table.attrs["units"]) <= set(table.columns)
    assert not {"is_anomaly", "machine_status", "beat", "pattern", "kind", "failure"} & set(table.columns)
    assert table.index.is_unique and table.index.is_monotonic_increasing


# The cache.

def test_a_set_is_simulated_once(monkeypatch):
    first = datasets.load_heartbeats()
    monkeypatch.setattr(heartbeats, "simulate_heartbeats", None)
    pd.testing.assert_frame_equal(datasets.load_heartbeats(), first)


@pytest.mark.parametrize("spoil", [
    lambda file: file.write_bytes(file.read_bytes()[:1000]),
    lambda file: file.write_bytes(file.read_bytes().replace(b"ecg", b"egc", 1)),
    lambda file: file.unlink(),
    lambda file: file.with_suffix(".sha256").unlink(),
])
def test_a_spoiled_cache_is_made_again(spoil):
    first = datasets.load_heartbeats()
    spoil(made.file_of("heartbeats"))
    assert not made.is_made("heartbeats")
    pd.testing.assert_frame_equal(datasets.load_heartbeats(), first)
    assert made.is_made("heartbeats")


def test_an_interrupted_simulation_leaves_nothing(monkeypatch, tmp_path):
    def stop(*arguments, **values):
        raise KeyboardInterrupt

    monkeypatch.setenv("MUPY_CACHE", str(tmp_path))
    (tmp_path / "simulated").mkdir()
    (tmp_path / "simulated" / "unfinished-by-one-that-was-killed").touch()
    os.utime(tmp_path / "simulated" / "unfinished-by-one-that-was-killed", (0, 0))
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", stop)
        with pytest.raises(KeyboardInterrupt):
            datasets.load_heartbeats()
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_what_a_killed_process_left_is_cleared_an_hour_later(tmp_path):
    """Nobody else would: its name is that of no set."""
    for age, name in ((7200, "unfinished-old"), (60, "unfinished-new"), (7200, "fleet-1.npz")):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    (tmp_path / "unfinished-folder").mkdir()
    os.utime(tmp_path / "unfinished-folder", (0, 0))
    made.clear_unfinished(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["fleet-1.npz", "unfinished-new"]


def test_the_bar_grows_on_a_terminal_and_is_silent_elsewhere(monkeypatch):
    stream = io.StringIO()
    bar = made.Bar("fleet", stream)
    bar(0.5)
    assert stream.getvalue() == ""
    monkeypatch.setattr(stream, "isatty", lambda: True)
    for share in (0.0, 0.5, 0.5, 1.0):
        bar(share)
    assert stream.getvalue().count("\r") == 3 and stream.getvalue().endswith("100 %\n")


def test_unknown_simulated_set_is_named():
    with pytest.raises(ValueError, match="no simulated set 'flet'; the names are: .*fleet"):
        made.file_of("flet")


def test_the_command_makes_them_all(capsys):
    command.make_all()
    assert capsys.readouterr().out.count("in the cache") == len(made.names())


@pytest.mark.parametrize("name", TABLES)
def test_datasheet_names_every_column(name):
    from mupy_helpers.datasets.bundled import data_folder

    sheet = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert f"load_{name}()" in sheet
    columns = [] if name in ("fleet", "pump") else list(TABLES[name][0]().columns)
    assert [column for column in columns if f"`{column}`" not in sheet] == []


# The fleet.

@pytest.fixture(scope="module")
def stores():
    return datasets.load_fleet(), datasets.load_fleet_events()


def test_fleet_has_its_shape_and_nothing_missing(stores):
    data, events = stores
    assert data.shape == (24 * 90 * 288, 35) and data.index.names == ["unit", "time"]
    assert not data.isna().any().any()
    assert set(data.dtypes.astype(str)) == {"float32", "int8"}
    faults = events[events["is_fault"]]
    assert faults["kind"].value_counts().to_dict() == fleet.COUNTS
    counts = faults["unit"].value_counts().reindex(range(24), fill_value=0).value_counts().sort_index()
    assert tuple(counts) == fleet.UNITS_WITH and counts.index.max() == 4
    start, end = pd.Timestamp(fleet.START), pd.Timestamp(fleet.START) + fleet.DAYS * DAY
    assert (faults["start"] >= start + fleet.HEALTHY_DAYS * DAY).all() and (faults["end"] <= end).all()


def test_fleet_faults_of_a_unit_never_overlap(stores):
    faults = stores[1][stores[1]["is_fault"]]
    for _, unit in faults.groupby("unit"):
        assert (unit["start"].iloc[1:].to_numpy() > unit["end"].iloc[:-1].to_numpy()).all()


def test_fleet_failures_come_after_onset_and_before_repair(stores):
    faults = stores[1][stores[1]["is_fault"]]
    fails = faults["kind"].isin(["slow_leak", "condenser_fouling", "fan_failure", "power_cut"])
    assert (faults["failure"].notna() == fails).all()
    warned = faults[fails & (faults["kind"] != "power_cut")]
    assert (warned["failure"] - warned["start"] > 24 * HOUR).all()
    assert (faults.loc[fails, "failure"] < faults.loc[fails, "end"]).all()
    for kind in set(warned["kind"]):  # both parts of a split by time have each kind
        early = warned.loc[warned["kind"] == kind, "failure"] < pd.Timestamp("2016-04-01")
        assert 2 <= early.sum() <= len(early) - 2


def test_a_leak_and_a_dirty_condenser_show_in_the_day_before_the_failure(stores):
    """At the same speed of the compressor a leak lowers the current, and dust raises it."""
    data, events = stores
    shifts = {"slow_leak": [], "condenser_fouling": []}
    for event in events[events["kind"].isin(shifts)].itertuples():
        unit = data.loc[event.unit]
        unit = unit[unit["frequency"] > 30]
        healthy = unit[: pd.Timestamp(fleet.START) + fleet.HEALTHY_DAYS * DAY]
        design = np.column_stack([np.ones(len(healthy)), healthy["frequency"], healthy["tes_temp_2"]])
        weights = np.linalg.lstsq(design, healthy["drive_current"], rcond=None)[0]
        last = unit[event.failure - DAY : event.failure - HOUR]
        expected = np.column_stack([np.ones(len(last)), last["frequency"], last["tes_temp_2"]]) @ weights
        spread = np.std(healthy["drive_current"] - design @ weights)
        shifts[event.kind].append(float((last["drive_current"] - expected).mean() / spread))
    assert np.median(shifts["slow_leak"]) < -1
    assert np.median(shifts["condenser_fouling"]) > np.median(shifts["slow_leak"]) + 1.5


def test_fleet_units_differ(stores):
    means = stores[0].groupby("unit")[["amb_temp", "drive_current"]].mean()
    assert np.ptp(means["amb_temp"]) > 3 and means["drive_current"].max() > 1.4 * means["drive_current"].min()


# The pump.

def test_pump_has_the_published_counts_and_times():
    data, labels = datasets.load_pump(), datasets.load_pump_labels()
    assert data.shape == (220_320, 52) and labels.index.equals(data.index)
    assert labels.value_counts().to_dict() == {"NORMAL": 205_836, "RECOVERING": 14_477, "BROKEN": 7}
    assert list(labels.index[labels == "BROKEN"]) == [pd.Timestamp(time) for time in pump.FAILURES]
    assert data["sensor_15"].isna().all()
    assert (data.drop(columns="sensor_15").isna().mean() < 0.03).all()
    assert data["2018-04-02 09:22":"2018-04-02 09:51"]["sensor_01"].isna().all()


@pytest.mark.parametrize("failure", pump.FAILURES)
def test_pump_collapses_before_it_breaks(failure):
    hours = datasets.load_pump()[: pd.Timestamp(failure)].iloc[-720:]
    before = hours.iloc[:-60]
    shift = (hours.iloc[-5:].mean() - before.median()).abs() / before.std()
    assert shift["sensor_00"] > 50 and shift["sensor_04"] > 40


# Heartbeats.

def test_heartbeats_are_normal_at_first_and_ectopic_beats_are_early():
    data, beats = datasets.load_heartbeats(), datasets.load_heartbeats_labels()
    assert data.shape == (216_000, 1) and not data.isna().any().any()
    assert set(beats) == {"normal", "ectopic"} and 30 <= (beats == "ectopic").sum() <= 80
    assert (beats[: pd.Timedelta(minutes=heartbeats.NORMAL_MINUTES)] == "normal").all()
    gap = pd.Series(beats.index.to_series().diff().dt.total_seconds(), index=beats.index)
    ectopic = beats == "ectopic"
    assert gap[ectopic].max() < 0.75 * gap[~ectopic].median()
    assert gap[ectopic.shift(1, fill_value=False)].min() > 1.2 * gap[~ectopic].median()
    assert beats.index.isin(data.index).all()


def test_no_heartbeat_knows_when_the_next_will_come():
    ecg, beats = datasets.load_heartbeats()["ecg"].to_numpy(float), datasets.load_heartbeats_labels()
    peaks, ectopic = datasets.load_heartbeats().index.get_indexer(beats.index), (beats == "ectopic").to_numpy()
    shape = ecg[peaks[:, np.newaxis] + np.arange(36, 90)]  # 0.1 to 0.25 s after the peak: the rise of the T wave
    rise = shape[:, -1] - shape[:, 0]
    before, after = np.roll(ectopic, -1) & ~ectopic, np.roll(ectopic, 1) & ~ectopic
    usual = rise[~ectopic & ~before & ~after]
    assert abs(rise[before].mean() - usual.mean()) < 3 * usual.std() / np.sqrt(before.sum())
    assert rise[after].mean() < usual.mean() - 6 * usual.std() / np.sqrt(after.sum())  # late after a pause


# Card payments.

def test_card_payments_have_their_fraud():
    data = datasets.load_card_payments()
    labels, patterns = datasets.load_card_payments_labels(), datasets.load_card_payments_labels(patterns=True)
    assert data.shape == (100_000, 5) and labels.index.equals(data.index) and not data.isna().any().any()
    assert labels.sum() == 200 and ((patterns != "") == (labels == 1)).all()
    fraud = {name: data[patterns == name] for name in ("test_burst", "far_away", "night")}
    assert sum(map(len, fraud.values())) == 200
    assert fraud["test_burst"]["amount"].max() < 5 < fraud["far_away"]["amount"].min()
    assert fraud["far_away"]["distance"].min() > 400
    assert set(fraud["night"].index.hour) <= {1, 2, 3, 4}
    # None of the three can be caught by one rule alone: honest payments do all of it.
    honest = data[labels == 0]
    assert (honest["amount"] < 5).sum() > 500 and (honest["distance"] > 400).sum() > 500
    assert honest.index.hour.isin([1, 2, 3, 4]).sum() > 500


# The two faults that came with the fleet.

@pytest.mark.parametrize(("make", "message"), [
    (lambda: simulate.FanFailure("2016-01-01", "2016-01-03", wear_days=2.0), "wear_days must be at least 0 and end"),
    (lambda: simulate.CondenserFouling("2016-01-01", "2016-01-03", per_day=0.0), "per_day must be above 0"),
])
def test_bad_faults_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
