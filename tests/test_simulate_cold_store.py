"""The cold store simulator: faults act where they should and when they should, and the famous unit keeps its facts."""

import gzip
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import simulate
from mupy_helpers.simulate import cold_store, famous_unit, faults, sensors

ROOT = Path(__file__).resolve().parents[1]
START = "2015-10-05"
STORY = [
    "ROOM TEMP", "TES TEMP 1", "TES TEMP 2", "DRIVE CURRENT", "FREQUENCY", "LOW PRESSURE", "AMB TEMP", "AMB HUMIDITY",
    "ROOM HUMIDITY", "DOOR OPEN", "SOLAR RELAY", "LOAD CURRENT",
]


def run(*items, days=4, **options):
    options.setdefault("step_seconds", 180)
    options.setdefault("operations", ())
    return simulate.simulate_cold_store(START, days, faults=items, **options)


@pytest.fixture(scope="module")
def healthy():
    return run()


@pytest.fixture(scope="module")
def famous():
    return simulate.simulate_famous_unit()


@pytest.fixture(scope="module")
def raw(famous):
    return famous_unit.raw_file(famous)


@pytest.fixture(scope="module")
def numbers(raw):
    return raw.drop(columns="TIME").apply(pd.to_numeric, errors="coerce")


def assert_same_before(run_a, run_b, onset):
    """Nothing a fault does may show before its onset, in any channel and in the hidden truth."""
    before = run_a.data.index < pd.Timestamp(onset)
    assert before.sum() > 100
    pd.testing.assert_frame_equal(run_a.data[before], run_b.data[before])
    pd.testing.assert_frame_equal(run_a.truth[before], run_b.truth[before])


# Shape, seeds, units.

def test_one_unit_has_a_time_index_and_all_channels(healthy):
    assert healthy.data.index.name == "time"
    assert list(healthy.data.columns) == list(sensors.CHANNELS)
    assert len(sensors.CHANNELS) == 35
    assert len(healthy.data) == 4 * 480
    assert not healthy.data.isna().any().any()
    assert healthy.data.attrs["units"]["room_temp"] == "°C"
    assert "refrigerant_charge" not in healthy.data and "suction_pressure" in healthy.truth


def test_same_seed_same_values_other_seed_other_values(healthy):
    pd.testing.assert_frame_equal(healthy.data, run().data)
    assert not healthy.data["room_temp"].equals(run(seed=8).data["room_temp"])


def test_a_unit_does_not_depend_on_how_many_there_are():
    small, large = run(n_units=2, days=1, operations=None), run(n_units=5, days=1, operations=None)
    assert list(small.data.index.names) == ["unit", "time"]
    for unit in range(2):
        pd.testing.assert_frame_equal(small.data.loc[unit], large.data.loc[unit])


def test_units_differ():
    fleet = run(n_units=3, days=2)
    rooms = fleet.data["room_temp"].unstack("unit")
    assert rooms.corr().where(~np.eye(3, dtype=bool)).max().max() < 0.999
    assert (rooms.max() < 15).all()


def test_healthy_store_cycles_between_cold_days_and_cool_nights(healthy):
    room = healthy.data["room_temp"]
    assert room.between_time("12:00", "14:00").median() < 3
    assert 6 < room.between_time("02:00", "06:00").median() < 8.5
    on = healthy.data["compressor"]
    assert on.between_time("20:00", "06:00").sum() == 0 and on.between_time("09:00", "12:00").mean() > 0.8
    assert healthy.data["low_pressure"].sum() == 0
    assert len(healthy.events) == 0


# Faults of the machine.

def test_slow_leak_lowers_charge_pressure_current_and_trips(healthy):
    onset = "2015-10-06 00:00"
    leak = run(faults.SlowLeak(onset, "2015-10-09", rate=0.2, growth=0.3))
    assert_same_before(healthy, leak, onset)
    charge = leak.truth["refrigerant_charge"]
    assert charge[:onset].eq(1).all() and charge[onset:].is_monotonic_decreasing
    day = slice("2015-10-06 10:00", "2015-10-06 12:00")
    for column in ("suction_pressure", "cooling_power"):
        assert leak.truth.loc[day, column].mean() < 0.97 * healthy.truth.loc[day, column].mean()
    assert leak.data.loc[day, "drive_current"].mean() < 0.98 * healthy.data.loc[day, "drive_current"].mean()
    trip = leak.events.loc[0, "trip"]
    assert leak.data.loc[trip, "low_pressure"] == 1
    assert leak.data.loc[:trip, "low_pressure"].sum() == 1
    assert leak.data.loc["2015-10-08", "compressor"].mean() < 0.05
    assert leak.data.loc["2015-10-08 18:00":, "room_temp"].min() > 12


def test_repair_after_a_leak_lets_the_store_recover():
    leak = run(faults.SlowLeak("2015-10-05 18:00", "2015-10-07 09:00", rate=0.6))
    assert leak.truth.loc["2015-10-07 09:00", "refrigerant_charge"] == 1
    assert leak.data.loc["2015-10-07 10:00":"2015-10-07 12:00", "compressor"].mean() > 0.8


def test_a_leak_too_slow_to_trip_has_no_trip_time():
    leak = run(faults.SlowLeak("2015-10-06", "2015-10-08", rate=0.005, growth=0.0))
    assert pd.isna(leak.events.loc[0, "trip"])


@pytest.mark.parametrize("seen", [False, True])
def test_door_ajar_warms_the_room(healthy, seen):
    onset, end = "2015-10-06 20:00", "2015-10-07 06:00"
    ajar = run(faults.DoorAjar(onset, end, fraction=0.5, seen=seen))
    assert_same_before(healthy, ajar, onset)
    assert ajar.truth.loc[onset:end, "room_temp"].mean() > healthy.truth.loc[onset:end, "room_temp"].mean() + 0.5
    assert ajar.data.loc[onset:end, "door_open"].iloc[:-1].eq(int(seen)).all()


def test_fan_failure_warms_the_room_while_the_fan_is_commanded(healthy):
    onset, end = "2015-10-06 09:00", "2015-10-07 09:00"
    broken = run(faults.FanFailure(onset, end))
    assert_same_before(healthy, broken, onset)
    assert broken.truth.loc[onset:end, "room_temp"].mean() > healthy.truth.loc[onset:end, "room_temp"].mean() + 3
    assert broken.data.loc["2015-10-06 10:00":"2015-10-06 12:00", "fan_1"].mean() > 0.9


def test_power_cut_stops_the_machine(healthy):
    onset, end = "2015-10-06 09:00", "2015-10-06 13:00"
    cut = run(faults.PowerCut(onset, end))
    assert_same_before(healthy, cut, onset)
    during = cut.data.loc[onset:"2015-10-06 12:57"]
    assert (during[["compressor", "solar_relay", "drive_current", "frequency", "fan_1"]] == 0).all().all()
    assert cut.data.loc["2015-10-06 13:30":"2015-10-06 14:30", "compressor"].mean() > 0.9


# Faults of the sensors: the store must not notice.

def test_stuck_sensor_repeats_its_last_reading(healthy):
    onset, end = pd.Timestamp("2015-10-06 20:00"), pd.Timestamp("2015-10-07 20:00")
    stuck = run(faults.StuckSensor(onset, end, sensor="tes_temp_1"))
    inside = (stuck.data.index >= onset) & (stuck.data.index < end)
    last = healthy.data["tes_temp_1"][:onset].iloc[-2]
    assert stuck.data.loc[inside, "tes_temp_1"].eq(last).all()
    assert healthy.data.loc[inside, "tes_temp_1"].nunique() > 10
    pd.testing.assert_frame_equal(stuck.data[~inside], healthy.data[~inside])
    pd.testing.assert_frame_equal(stuck.truth, healthy.truth)


def test_sensor_drift_grows_with_time(healthy):
    drift = run(faults.SensorDrift("2015-10-06", "2015-10-08", sensor="room_temp", per_day=1.5))
    error = drift.data["room_temp"] - healthy.data["room_temp"]
    assert error[:"2015-10-05"].eq(0).all() and error["2015-10-08 00:00":].eq(0).all()
    assert error["2015-10-07 12:00"] == pytest.approx(2.25, abs=0.06)
    pd.testing.assert_frame_equal(drift.truth, healthy.truth)
    pd.testing.assert_frame_equal(drift.data.drop(columns="room_temp"), healthy.data.drop(columns="room_temp"))


def test_sensor_glitches_hit_as_many_samples_as_asked(healthy):
    glitch = run(faults.SensorGlitches("2015-10-06", "2015-10-07", sensor="room_temp", value=-5.0, count=4))
    hit = glitch.data["room_temp"] != healthy.data["room_temp"]
    assert hit.sum() == 4
    assert glitch.data.loc[hit, "room_temp"].eq(-5).all()
    assert set(hit[hit].index.day) == {6}
    pd.testing.assert_frame_equal(glitch.truth, healthy.truth)


def test_a_fault_stays_in_its_unit():
    fault = faults.FanFailure("2015-10-05 09:00", "2015-10-05 20:00", unit=1)
    with_fault, without = run(fault, days=1, n_units=3), run(days=1, n_units=3)
    for unit in (0, 2):
        pd.testing.assert_frame_equal(with_fault.data.loc[unit], without.data.loc[unit])
    assert not with_fault.data.loc[1].equals(without.data.loc[1])
    assert with_fault.events[["unit", "kind", "is_fault"]].values.tolist() == [[1, "fan_failure", True]]


# What people do.

def test_warm_load_warms_crop_and_room(healthy):
    load = run(operations=[faults.WarmLoad("2015-10-06 18:00", "2015-10-06 18:40", fraction=0.3)])
    step = load.truth["crop_temp"] - healthy.truth["crop_temp"]
    cold = healthy.truth.loc["2015-10-06 18:00", "crop_temp"]
    assert step["2015-10-06 18:42"] == pytest.approx(0.3 * (28 - cold), rel=0.1)
    assert load.events["is_fault"].tolist() == [False]


def test_grid_power_runs_the_compressor_at_night():
    grid = run(operations=[faults.GridPower("2015-10-06 00:00", "2015-10-06 06:00")])
    night = grid.data.loc["2015-10-06 00:00":"2015-10-06 05:57"]
    assert night["grid_available"].eq(1).all() and night["grid_relay"].sum() > 20
    assert grid.data.loc["2015-10-07 00:00":"2015-10-07 05:57", "compressor"].sum() == 0


# Bad input.

@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"days": -1}, "days must be a number above 0"),
        ({"days": 0}, "days must be a number above 0"),
        ({"start": "yesterday-ish"}, "is not a time"),
        ({"start": pd.Timestamp("2015-10-01", tz="UTC")}, "without a time zone"),
        ({"n_units": 0}, "n_units must be a whole number"),
        ({"n_units": 1.5}, "n_units must be a whole number"),
        ({"step_seconds": 900}, "step_seconds must be between"),
        ({"warm_up_days": -1}, "warm_up_days must not be negative"),
        ({"faults": [faults.FanFailure("2015-10-05 09:00", "2015-10-05 10:00", unit=3)]}, "there is no unit 3"),
        ({"faults": [faults.FanFailure("2016-10-05", "2016-10-06")]}, "lies outside the run"),
        ({"faults": [faults.FanFailure("2015-10-04", "2015-10-06")]}, "lies outside the run"),
        ({"faults": [faults.StuckSensor("2015-10-05 09:00", "2015-10-05 10:00", sensor="temp")]}, "no channel 'temp'"),
        ({"faults": ["leak"]}, "is none of the faults"),
        ({"operations": [faults.SlowLeak("2015-10-05 09:00", "2015-10-05 10:00")]}, "is none of the operations"),
        ({"store": simulate.Store(wall_conductance=[0.1, 0.2])}, "wall_conductance has shape"),
        (
            {"faults": [faults.PowerCut("2015-10-05 09:00", "2015-10-05 11:00"),
                        faults.PowerCut("2015-10-05 10:00", "2015-10-05 12:00")]},
            "overlap",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate.simulate_cold_store(**({"start": START, "days": 1, "warm_up_days": 0} | arguments))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: faults.PowerCut("2015-10-06", "2015-10-05"), "is not after start"),
        (lambda: faults.PowerCut("noon", "2015-10-05"), "is not a time"),
        (lambda: faults.PowerCut(None, "2015-10-05"), "is missing"),
        (lambda: faults.PowerCut("2015-10-05", "2015-10-06", unit=-1), "unit must be 0, 1, 2"),
        (lambda: faults.DoorAjar("2015-10-05", "2015-10-06", fraction=1.5), "fraction must be a number from 0 to 1"),
        (lambda: faults.SlowLeak("2015-10-05", "2015-10-06", rate=-1), "must not be negative"),
        (lambda: faults.SensorGlitches("2015-10-05", "2015-10-06", count=0), "count must be a whole number of 1 or more"),
        (lambda: faults.PowerCut(pd.Timestamp("2015-10-05", tz="UTC"), "2015-10-06"), "time zone"),
    ],
)
def test_bad_faults_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# The famous unit.

def test_file_has_the_published_shape(raw, numbers, famous):
    assert len(raw) == famous_unit.ROWS == 23675
    assert raw.columns[0] == "TIME" and len(raw.columns) == 36
    assert len(famous.data) == 36 * 960
    assert (numbers.std() == 0).sum() == 7
    assert (numbers.max() == 0).sum() == 4
    assert sorted(numbers.columns[(numbers.min() == 1) & (numbers.max() == 1)]) == ["CROP", "MODE", "POWER"]


def test_file_is_dirty_as_told(raw, numbers):
    malformed = numbers.isna()
    assert malformed.sum().sum() == 10
    assert raw.drop(columns="TIME")[malformed].stack().dropna().str.match(r"^-\.\d+\.\d$").all()
    when = pd.to_datetime(raw["TIME"])
    assert when.is_monotonic_increasing
    assert 1 <= when.duplicated().sum() <= 10
    gap = when.diff().max()
    assert pd.Timedelta(days=9.5) < gap < pd.Timedelta(days=10.5)
    assert when[when.diff().idxmax()].strftime("%m-%d") == "10-13"
    assert numbers["AMB TEMP"].min() == -25.6 and numbers["AMB TEMP"].max() == 89.7
    assert numbers["PRESSURE"].min() == 0 and numbers["PRESSURE"].max() == 85.5
    assert numbers["ROOM HUMIDITY"].min() == 0.4
    assert numbers["FAN 1"].max() == 2 and numbers["FAN VALVE"].max() == 2
    assert (numbers["TANK FULL"] == 0).sum() == 1


def test_five_glitches_of_the_room_sensor(raw, numbers):
    when = pd.to_datetime(raw["TIME"])
    below = numbers["ROOM TEMP"] < 0
    block = (below != below.shift()).cumsum()[below]
    sizes = block.value_counts()
    assert len(sizes) == 5 and sizes.isin([1, 2]).all()
    assert [when[rows.index[0]].day for _, rows in block.groupby(block)] == [14, 19, 20, 20, 23]
    assert numbers["ROOM TEMP"].min() == -4.7


def test_the_story_of_the_leak(famous, numbers):
    leak = famous.events[famous.events["kind"] == "slow_leak"].iloc[0]
    assert pd.Timestamp("2015-10-20") <= leak["start"] < pd.Timestamp("2015-10-22")
    assert pd.Timestamp("2015-10-23 06:30") < leak["trip"] < pd.Timestamp("2015-10-23 11:00")
    room, data = famous.truth["room_temp"], famous.data
    assert room["2015-10-20 20:00":leak["trip"]].max() < 10
    assert (room["2015-10-24":"2015-10-28"] > 14).all()
    assert 27 < room["2015-10-23":"2015-10-29"].max() < 30
    assert data.loc["2015-10-24":"2015-10-28", "compressor"].mean() < 0.02
    assert room["2015-10-29 20:00":"2015-10-30"].max() < 10
    assert 12 < room["2015-11-03"].max() < 14
    starts = data["compressor"].diff().eq(1).groupby(data.index.date).sum()
    assert starts[pd.Timestamp("2015-10-22").date()] >= 8
    assert numbers["LOW PRESSURE"].sum() == pytest.approx(252, abs=25)


def test_no_healthy_night_crosses_ten_degrees(famous):
    healthy = famous.truth["room_temp"].loc[:"2015-10-23 08:00"]
    assert (healthy > 10).sum() == 0


def test_labels_tell_faults_from_what_is_only_unusual(famous):
    events = famous.events
    assert list(events.columns) == ["unit", "kind", "channel", "start", "end", "trip", "is_fault"]
    assert set(events.loc[events["is_fault"], "kind"]) == {"slow_leak", "sensor_glitch"}
    assert set(events.loc[~events["is_fault"], "kind"]) == {"warm_load", "grid_power", "cloudy_day"}
    cloudy = events.loc[events["kind"] == "cloudy_day", "start"]
    assert (cloudy >= "2015-10-13").sum() >= 2
    sunny_hours = famous.data["solar_relay"].groupby(famous.data.index.normalize()).sum() * 90 / 3600
    assert sunny_hours[cloudy].max() < sunny_hours["2015-10-20"]


def test_arithmetic_of_another_platform_moves_no_more_than_the_last_digit():
    """A relative change of 1e-9 is far more than platforms differ by; no switch may flip because of it."""
    nudged = simulate.Store(wall_conductance=simulate.Store().wall_conductance * (1 + 1e-9))
    one, two = run(store=simulate.Store(), days=10), run(store=nudged, days=10)
    assert (one.data - two.data).abs().max().max() < 0.11


def test_the_door_is_a_confounder(numbers):
    opened = numbers["DOOR OPEN"] == 1
    assert opened.sum() == 58
    assert 23 < numbers.loc[opened, "ROOM TEMP"].median() < 27
    assert numbers.loc[~opened, "ROOM TEMP"].median() < 8


def test_published_summary_is_met(numbers):
    home = Path(os.environ.get("MUPY_DATA", ROOT / ".." / "shared" / "data"))
    path = home / "cold_store" / "mcs_describe.csv"
    if not path.is_file():
        pytest.skip("the published summary mcs_describe.csv is not on disk (set MUPY_DATA)")
    published = pd.read_csv(path, index_col=0)
    published = published if "mean" in published.columns else published.T
    own = numbers.describe().T
    assert set(own.index) == set(published.index)
    statistics = ["mean", "25%", "50%", "75%"]
    gap = own[statistics].sub(published[statistics]).abs().div(published["std"], axis=0).loc[STORY]
    assert gap.max().max() < 0.15, gap.round(3)


@pytest.mark.parametrize(
    ("channel", "published"),
    [("TES TEMP 1", 0.944), ("TES TEMP 2", 0.951), ("DRIVE CURRENT", -0.42), ("FREQUENCY", -0.41),
     ("SOLAR RELAY", -0.38), ("LOAD CURRENT", -0.26), ("AMB TEMP", -0.12)],
)
def test_correlations_with_the_room(numbers, channel, published):
    own = numbers[channel].corr(numbers["ROOM TEMP"])
    assert np.sign(own) == np.sign(published)
    assert own == pytest.approx(published, abs=0.1)


# The files.

def test_written_files_are_reproduced(tmp_path, raw):
    written = simulate.write_cold_store(tmp_path)
    assert [path.name for path in written] == ["cold_store_raw.csv.gz", "cold_store_events.csv"]
    for path in written:
        bundled = ROOT / "data" / path.name
        new, old = path.read_bytes(), bundled.read_bytes()
        if path.suffix == ".gz":
            assert new[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", "the header holds a time or a file name"
            # The compressor may differ from platform to platform; the text inside may not.
            new, old = gzip.decompress(new), gzip.decompress(old)
        assert new == old, f"data/{path.name} is not what the simulator writes; write it anew"
    again = pd.read_csv(io.BytesIO(gzip.decompress(written[0].read_bytes())), dtype=str)
    pd.testing.assert_frame_equal(again, raw.astype(str), check_dtype=False)


def test_writing_needs_a_folder(tmp_path):
    with pytest.raises(ValueError, match="is not a folder"):
        simulate.write_cold_store(tmp_path / "missing")


def test_saturation_pressure_meets_the_table():
    assert cold_store.saturation_pressure([-26.07, 0.0, 25.0]) == pytest.approx([1.013, 2.928, 6.654], rel=1e-6)
    assert cold_store.saturation_pressure(-10.0) == pytest.approx(2.006, rel=0.01)
