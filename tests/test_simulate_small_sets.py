"""The small simulated sets: what each promises the lessons, and that the same bytes come every time."""

import gzip
import hashlib
import io
import platform

import numpy as np
import pandas as pd
import pytest

from mupy_helpers.datasets.bundled import data_folder
from mupy_helpers.simulate import small_sets
from mupy_helpers.simulate.__main__ import write_checksums

REMAKE = "remake it with: python -m mupy_helpers.simulate data"


def tukey_fences(values):
    first, third = np.percentile(values, [25, 75])
    return first - 1.5 * (third - first), third + 1.5 * (third - first)


def lateness():
    table, labels = small_sets.shipments()
    return (table["actual_days"] - table["promised_days"]).round(1), labels == 1


def test_salaries_are_those_of_the_walk_through():
    table, labels = small_sets.salaries()
    assert table["salary"].head().tolist() == [1175, 2220, 1537, 1502, 1211]
    assert table["salary"].nsmallest(2).to_dict() == {65: 17, 16: 23}
    assert tukey_fences(table["salary"])[0] == pytest.approx(238.75)
    assert labels[labels == 1].index.tolist() == [16, 65]


def test_salaries_leave_the_global_generator_alone():
    np.random.seed(1)
    expected = np.random.RandomState(1).random(3)
    small_sets.salaries()
    assert np.random.random(3).tolist() == expected.tolist()


def test_late_fortnight_is_ten_shipments_in_a_row():
    late, in_run = lateness()
    rows = np.flatnonzero(in_run)
    assert len(late) == 300
    assert rows.tolist() == list(range(rows[0], rows[0] + 10))
    assert (late[in_run] > 0).all()


def test_no_shipment_is_an_outlier_by_itself():
    late, in_run = lateness()
    lower, upper = tukey_fences(late)
    assert late.between(lower, upper).all()
    assert (np.abs(late - late.mean()) / late.std() < 3).all()
    # Several ordinary shipments are later than the latest of the run.
    assert (late[~in_run] > late[in_run].max()).sum() >= 5


def test_late_fortnight_stands_out_as_a_run():
    late, in_run = lateness()
    mean_of_ten = late.rolling(10).mean()
    touches_run = in_run.rolling(10).max() == 1
    assert mean_of_ten.idxmax() == in_run[in_run].index[-1]
    assert mean_of_ten.max() > 2 * mean_of_ten[~touches_run].max()
    streak = (late > 0).astype(int).groupby((late <= 0).cumsum()).sum()
    assert streak.nlargest(2).tolist()[0] == 10
    assert streak.nlargest(2).tolist()[1] <= 5


def test_every_working_day_has_one_shipment():
    table, _ = small_sets.shipments()
    assert table.index.is_unique and table.index.is_monotonic_increasing
    assert (table.index.day_of_week < 5).all()
    assert (table["actual_days"] > 0).all()


def test_kolkata_has_its_climate():
    table, labels = small_sets.kolkata()
    ordinary = table["temperature"][labels == 0]
    by_month = ordinary.groupby(ordinary.index.month).mean()
    assert by_month[1] == pytest.approx(20, abs=1)
    assert by_month[6] == pytest.approx(31, abs=1)
    assert ordinary.between(12, 37).all()
    assert len(table) == 2191


def test_the_warm_january_day_is_usual_in_june_and_unheard_of_in_january():
    table, labels = small_sets.kolkata()
    temperature = table["temperature"]
    day = labels[labels == 1].index
    assert len(day) == 1 and day.month[0] == 1
    assert temperature[day].tolist() == [32.0]
    june = temperature[temperature.index.month == 6]
    january = temperature[(temperature.index.month == 1) & (labels == 0)]
    assert (june >= 32).mean() > 0.1
    assert january.max() < 27
    # It is no outlier of the whole year: only the month gives it away.
    lower, upper = tukey_fences(temperature)
    assert lower < 32 < upper


@pytest.fixture(scope="module")
def air():
    return small_sets.air_quality()


@pytest.mark.parametrize("pair", [*small_sets.OZONE_TARGETS, *small_sets.PARTICLE_TARGETS])
def test_air_quality_correlations_are_the_published_ones(air, pair):
    target = {**small_sets.OZONE_TARGETS, **small_sets.PARTICLE_TARGETS}[pair]
    assert air[pair[0]].corr(air[pair[1]]) == pytest.approx(target, abs=0.03)


@pytest.mark.parametrize("unit", small_sets.OZONE_UNITS)
def test_air_quality_missing_rates_are_the_published_ones(air, unit):
    assert air[unit].isna().mean() == pytest.approx(small_sets.OZONE_MISSING[unit], abs=0.001)


@pytest.mark.parametrize("unit", small_sets.OZONE_UNITS)
def test_air_quality_is_missing_in_blocks_and_in_single_rows(air, unit):
    missing = air[unit].isna()
    lengths = missing.groupby((missing != missing.shift()).cumsum()).sum()
    assert (lengths == 1).sum() > 50
    assert lengths.max() > 36, "no outage of six hours"


def test_air_quality_covers_the_period_with_gaps(air):
    assert air.index[0] == pd.Timestamp("2015-09-08 23:00")
    assert air.index[-1] == pd.Timestamp("2016-02-22 08:40")
    assert air.index.is_unique and air.index.is_monotonic_increasing
    steps = air.index.to_series().diff().dropna()
    assert (steps > pd.Timedelta("10min")).sum() == len(small_sets.AIR_QUALITY_OUTAGES)
    assert len(air) == pytest.approx(212_047 / 10, rel=0.01)


def test_air_quality_temperature_is_fahrenheit(air):
    temperature = air["temperature"]
    assert temperature.between(67, 85).sum() > 1000
    assert temperature.max() > 60, "in °C nobody would notice"
    assert ((temperature - 32) / 1.8).between(-30, 38).all()


def test_ozone_has_a_daily_cycle(air):
    by_hour = air["ozone_reference"].groupby(air.index.hour).mean()
    assert by_hour.idxmax() in range(12, 18)
    assert by_hour.idxmin() in range(2, 9)
    assert by_hour.max() > 1.5 * by_hour.min()


def test_ozone_and_particles_are_never_negative(air):
    assert (air[[*small_sets.OZONE_UNITS, "ozone_reference", *small_sets.PARTICLE_UNITS]].min() >= 0).all()


def test_another_seed_gives_other_values(air):
    assert not small_sets.air_quality(seed=8)["ozone_1"].equals(air["ozone_1"])
    assert not small_sets.shipments(seed=8)[0].equals(small_sets.shipments()[0])


@pytest.mark.parametrize("name", small_sets.FILES)
def test_bundled_file_is_what_the_simulator_writes(tmp_path, name):
    bundled = data_folder() / name
    assert bundled.is_file(), f"data/{name} is missing; {REMAKE}"
    (made,) = small_sets.write_small_sets(tmp_path, [name])
    unpack = gzip.decompress if name.endswith(".gz") else bytes
    ours, theirs = unpack(bundled.read_bytes()), unpack(made.read_bytes())
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        lines = zip(ours.split(b"\n"), theirs.split(b"\n"), strict=False)
        first = next((number for number, (one, other) in enumerate(lines, 1) if one != other), "the last")
        assert ours == theirs, f"data/{name}, line {first} is not what the simulator writes; {REMAKE}"
    assert_within_last_digit(ours, theirs, small_sets.FILES[name][2])


def assert_within_last_digit(ours, theirs, decimals):
    """Another machine's arithmetic may round a last digit the other way; nothing else may differ."""
    ours, theirs = (pd.read_csv(io.BytesIO(content), index_col=0) for content in (ours, theirs))
    assert ours.index.equals(theirs.index) and list(ours.columns) == list(theirs.columns)
    for column in ours:
        unit = 10.0 ** -decimals[column] if column in decimals else 0.0
        np.testing.assert_allclose(ours[column], theirs[column], rtol=0, atol=1.001 * unit, err_msg=column)


def test_last_digit_may_differ_and_no_other():
    sheet = b"time,level\n2015-01-01,1.50\n2015-01-02,\n"
    assert_within_last_digit(sheet, sheet.replace(b"1.50", b"1.51"), {"level": 2})
    for spoiled in (sheet.replace(b"1.50", b"1.52"), sheet.replace(b"1.50", b""), sheet.replace(b"-02", b"-03")):
        with pytest.raises(AssertionError):
            assert_within_last_digit(sheet, spoiled, {"level": 2})


def test_compressed_file_is_the_same_bytes_on_every_run(tmp_path):
    first, second = (small_sets.write_small_sets(tmp_path / run, ["air_quality.csv.gz"])[0] for run in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 700_000


def test_csv_has_bare_line_feeds_and_empty_missing_values():
    index = pd.DatetimeIndex(["2015-01-01 00:10", "2015-01-01 00:20"], name="time")
    table = pd.DataFrame({"level": [1.0, np.nan], "count": [1, 2]}, index=index)
    assert small_sets.csv_bytes(table, {"level": 2}) == (
        b"time,level,count\n2015-01-01 00:10,1.00,1\n2015-01-01 00:20,,2\n"
    )
    assert np.isnan(table["level"].iloc[1]), "the table given must not be changed"


def test_unknown_small_set_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"No small set is called 'mars\.csv'"):
        small_sets.write_small_sets(tmp_path, ["mars.csv"])


def test_checksums_are_those_of_sha256sum(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\n")
    written = write_checksums(tmp_path, ["a.csv"]).read_text(encoding="ascii")
    assert written == f"{hashlib.sha256(b'a' + bytes([10])).hexdigest()}  a.csv\n"
