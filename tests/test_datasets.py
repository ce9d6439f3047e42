"""The bundled sets as a reader of a lesson gets them."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from mupy_helpers import datasets
from mupy_helpers.datasets import _cache, bundled
from mupy_helpers.simulate import __main__ as simulate_command
from mupy_helpers.simulate import small_sets

REMAKE = "remake it with: python -m mupy_helpers.simulate data"
TABLES = {
    "air_quality": datasets.load_air_quality,
    "cold_store": datasets.load_cold_store,
    "kolkata": datasets.load_kolkata,
    "salaries": datasets.load_salaries,
    "shipments": datasets.load_shipments,
}
LABELS = {
    "kolkata": datasets.load_kolkata_labels,
    "salaries": datasets.load_salaries_labels,
    "shipments": datasets.load_shipments_labels,
}


@pytest.fixture
def without_repository(monkeypatch, tmp_path):
    """As in an installed wheel: no data folder, and a cache of the test's own."""
    monkeypatch.setattr(bundled, "data_folder", lambda: None)
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def listed_checksums():
    sums = bundled.data_folder() / "SHA256SUMS"
    assert sums.is_file(), f"data/SHA256SUMS is missing; {REMAKE}"
    return dict(reversed(line.split("  ")) for line in sums.read_text(encoding="ascii").splitlines())


@pytest.mark.parametrize("file", bundled.FILES.values())
def test_bundled_file_is_there_and_unchanged(file):
    found = bundled.data_folder() / file
    assert found.is_file(), f"data/{file} is missing; {REMAKE}"
    listed = listed_checksums()
    assert file in listed, f"data/SHA256SUMS does not list {file}; {REMAKE}"
    assert hashlib.sha256(found.read_bytes()).hexdigest() == listed[file], (
        f"data/{file} is not the file that data/SHA256SUMS lists; {REMAKE}"
    )


def test_checksums_list_nothing_else():
    assert set(listed_checksums()) <= set(bundled.FILES.values())


@pytest.mark.parametrize("name", TABLES)
def test_table_is_described(name):
    table = TABLES[name]()
    assert set(table.attrs) == {"units", "source", "licence", "description"}
    assert table.attrs["licence"] == "CC BY 4.0"
    assert table.attrs["description"] and table.attrs["source"]
    assert set(table.attrs["units"]) <= set(table.columns)
    if name != "cold_store":  # The cold store has switches and codes, which have no unit.
        assert set(table.attrs["units"]) == set(table.columns)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "salaries"])
def test_time_index_is_sorted_and_unique(name):
    index = TABLES[name]().index
    assert isinstance(index, pd.DatetimeIndex)
    assert index.dtype == "datetime64[ns]"
    assert index.is_monotonic_increasing and index.is_unique


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_apart_on_the_same_index(name):
    table, labels = TABLES[name](), LABELS[name]()
    assert labels.index.equals(table.index)
    assert labels.name == "is_anomaly" and "is_anomaly" not in table
    assert set(labels) == {0, 1}


def test_air_quality_temperature_bears_the_wrong_label():
    air = datasets.load_air_quality()
    assert air.attrs["units"]["temperature"] == "°C"
    assert air["temperature"].max() > 60


@pytest.mark.parametrize(
    ("load", "simulate"),
    [
        (datasets.load_salaries, lambda: small_sets.salaries()[0]),
        (datasets.load_shipments, lambda: small_sets.shipments()[0]),
        (datasets.load_kolkata, lambda: small_sets.kolkata()[0]),
        (datasets.load_air_quality, small_sets.air_quality),
    ],
)
def test_a_wheel_without_repository_has_the_same_values(without_repository, load, simulate):
    table = load()
    pd.testing.assert_frame_equal(table, simulate(), check_exact=True, check_freq=False, check_index_type=False)
    assert str(without_repository) in str(datasets.path("salaries"))


def test_a_missing_file_is_simulated_beside_the_repository_not_into_it(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(bundled, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "cache"))
    assert datasets.load_kolkata().shape == (2191, 1)
    assert not list((tmp_path / "data").iterdir())


def test_the_repository_comes_before_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path))
    assert datasets.path("salaries").parent == bundled.data_folder()
    datasets.load_salaries()
    assert not list(tmp_path.iterdir())


def test_an_interrupted_simulation_leaves_nothing(without_repository, monkeypatch):
    def stop_half_way(folder, names=None):
        (folder / "kolkata.csv").write_text("date,temp", encoding="ascii")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(small_sets, "write_small_sets", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            datasets.load_kolkata()
    assert [file for file in without_repository.rglob("*") if file.is_file()] == []
    assert datasets.load_kolkata().shape == (2191, 1)


def test_a_simulated_file_is_made_once(without_repository, monkeypatch):
    first = datasets.path("shipments")
    monkeypatch.setattr(small_sets, "write_small_sets", None)
    assert datasets.path("shipments") == first


def test_unknown_set_is_named(without_repository):
    with pytest.raises(ValueError, match=r"no bundled set 'salary'; the names are: .*salaries"):
        datasets.path("salary")


def test_cache_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("MUPY_CACHE", str(tmp_path / "here"))
    assert _cache.cache_folder() == tmp_path / "here"
    monkeypatch.delenv("MUPY_CACHE")
    assert _cache.cache_folder().name == "mupy_helpers"


DIRTY = """TIME,ROOM TEMP,LOW PRESSURE
2015-10-01 00:03:00,2.5,1
2015-10-01 00:00:00,2.0,1
2015-10-01 00:00:00,9.9,1
2015-10-01 00:01:30,-.7.3,1
2015-10-04 00:00:00,3.0,0
"""


@pytest.fixture
def dirty_file(monkeypatch, tmp_path):
    file = tmp_path / "cold_store_raw.csv"
    file.write_text(DIRTY, encoding="ascii")
    monkeypatch.setattr(bundled, "path", lambda name: file)


def test_cold_store_is_cleaned(dirty_file):
    table = datasets.load_cold_store()
    assert list(table.columns) == ["room_temp", "low_pressure"]
    assert table.index.name == "time"
    # Sorted; the first of the repeated stamps is kept; the gap is left open.
    assert table.index.tolist() == [
        pd.Timestamp(f"2015-10-{stamp}") for stamp in ("01 00:00:00", "01 00:01:30", "01 00:03:00", "04 00:00:00")
    ]
    np.testing.assert_array_equal(table["room_temp"], [2.0, np.nan, 2.5, 3.0])
    assert all(pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes)


def test_cold_store_raw_is_as_recorded(dirty_file):
    table = datasets.load_cold_store(raw=True)
    assert list(table.columns) == ["TIME", "ROOM TEMP", "LOW PRESSURE"]
    assert len(table) == 5
    assert "-.7.3" in table["ROOM TEMP"].tolist()
    assert table["TIME"].iloc[0] == "2015-10-01 00:03:00"


def test_cold_store_of_the_course_has_its_dirt_and_is_cleaned_of_it():
    raw, table = datasets.load_cold_store(raw=True), datasets.load_cold_store()
    assert raw.columns[0] == "TIME"
    assert raw.shape[1] == 36 and table.shape[1] == 35
    assert all(name == name.lower() and " " not in name for name in table.columns)
    assert all(pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes)
    assert any(not pd.api.types.is_numeric_dtype(raw[name]) for name in raw.columns[1:])
    assert len(table) <= len(raw)


def test_cold_store_events_tell_onset_and_trip():
    events = datasets.load_cold_store_events()
    assert {"kind", "channel", "start", "end", "trip", "is_fault"} <= set(events.columns)
    assert events["is_fault"].dtype == bool and 0 < events["is_fault"].sum() < len(events)
    assert all(pd.api.types.is_datetime64_any_dtype(events[name]) for name in ("start", "end", "trip"))
    assert (events["end"] >= events["start"]).all()
    tripped = events["trip"].dropna()
    assert len(tripped) >= 1
    assert (tripped > events["start"][tripped.index]).all()


def test_cold_store_units_are_those_of_its_simulator():
    from mupy_helpers.simulate import sensors

    assert datasets.load_cold_store().attrs["units"] == sensors.UNITS


@pytest.mark.parametrize("name", ["air_quality", "kolkata", "salaries", "shipments"])
def test_datasheet_names_every_file_and_column(name):
    sheet = (bundled.data_folder() / "README.md").read_text(encoding="utf-8")
    table = TABLES[name]()
    named = [bundled.FILES[name], *table.columns, table.index.name]
    assert [each for each in named if f"`{each}`" not in sheet] == []


def test_command_writes_every_bundled_file_and_its_checksum(tmp_path, capsys):
    assert simulate_command.main([str(tmp_path / "made")]) == 0
    listed = dict(reversed(line.split("  ")) for line in capsys.readouterr().out.splitlines())
    assert set(listed) == set(bundled.FILES.values())
    for file, sha256 in listed.items():
        assert hashlib.sha256((tmp_path / "made" / file).read_bytes()).hexdigest() == sha256
    assert set(listed) == set(listed_checksums()), f"data/SHA256SUMS is out of date; {REMAKE}"
