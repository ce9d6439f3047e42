"""Load the sets that come with the course: simulated, small, and in the repository's data/ folder.

Each is described in data/README.md. Where there is no repository (an installed wheel), a set is simulated once
into the user's cache, with the same values.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

import mupy_helpers
from mupy_helpers.checks import checked_switch, file_error
from mupy_helpers.datasets._cache import cache_folder, clear_unfinished, make_folder
from mupy_helpers.datasets.store import FetchError

FILES = {
    "air_quality": "air_quality.csv.gz",
    "cold_store": "cold_store_raw.csv.gz",
    "cold_store_events": "cold_store_events.csv",
    "kolkata": "kolkata.csv",
    "kolkata_labels": "kolkata_labels.csv",
    "salaries": "salaries.csv",
    "salaries_labels": "salaries_labels.csv",
    "server_log": "server_log.txt.gz",
    "server_log_labels": "server_log_labels.csv",
    "shipments": "shipments.csv",
    "shipments_labels": "shipments_labels.csv",
}
"""The name of each bundled table, and its file."""

LICENCE = "CC BY 4.0"
SOURCE = "simulated for this course (data/README.md)"


def path(name):
    """Return the path of a bundled file, for reading it by hand.

    Parameters
    ----------
    name : str
        One of ``FILES``, such as ``"cold_store"``.

    Returns
    -------
    Path
        In the repository's data folder, or, where that has no such file, simulated into the user's cache.

    Raises
    ------
    ValueError
        When no bundled set has that name.
    FetchError
        When the repository's file is not the one that it came with: cut off, changed, or not to be read.
    OSError
        When it is simulated, and the cache can not be written.
    """
    if not isinstance(name, str) or name not in FILES:
        raise ValueError(f"There is no bundled set {name!r}; the names are: {', '.join(FILES)}.")
    repository = data_folder()
    if repository is not None and (repository / FILES[name]).is_file():
        _refuse_changed(repository / FILES[name])
        return repository / FILES[name]
    cached = cache_folder() / "bundled" / mupy_helpers.__version__
    if not (cached / FILES[name]).is_file():
        _simulate(FILES[name], cached)
    return cached / FILES[name]


def data_folder():
    """Return the data folder of the repository that this package lies in.

    Returns
    -------
    Path or None
        None for a package that was installed without the repository.
    """
    repository = Path(__file__).resolve().parents[2]
    if (repository / "pyproject.toml").is_file() and (repository / "data").is_dir():
        return repository / "data"
    return None


def _refuse_changed(file):
    """Raise when a file is not the one whose SHA-256 stands beside it in SHA256SUMS: half a file would read well."""
    try:
        sums = (file.parent / "SHA256SUMS").read_text(encoding="ascii", errors="replace")
        known = next((line.split()[0] for line in sums.splitlines() if line.split()[1:] == [file.name]), None)
    except OSError:
        return  # the doctor says so
    try:
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FetchError(f"{file} cannot be read: {error.strerror or error}. Give yourself the right to read it.") from error
    if known not in (None, found):
        raise FetchError(f"{file} is cut off or changed: it is not the file that came with the course. Remove it, and it "
                         "is simulated again, with the same values.")


def load_salaries():
    """Load the monthly salaries of 100 people; two of them are far too low.

    Returns
    -------
    DataFrame, shape (100, 1)
        Index ``person`` (0 to 99), column ``salary`` in US dollars a month.

    References
    ----------
    The values follow the walk-through by Sayak Paul, "Introduction to anomaly detection in Python" (2019).
    """
    return describe(
        pd.read_csv(path("salaries"), index_col="person"),
        units={"salary": "US dollars a month"},
        description="Monthly salaries of 100 people, two of them far too low.",
    )


def load_salaries_labels():
    """Load which salaries are anomalies.

    Returns
    -------
    Series of int, shape (100,)
        1 for an anomaly, else 0; same index as `load_salaries`.
    """
    return _labels("salaries", "person")


def load_shipments():
    """Load 300 shipments, one a working day: promised and actual days on the road.

    Returns
    -------
    DataFrame, shape (300, 2)
        Index ``shipped`` (date), columns ``promised_days`` (whole days) and ``actual_days`` (days).
    """
    return describe(
        _read_times(path("shipments"), "shipped"),
        units={"promised_days": "days", "actual_days": "days"},
        description="Promised and actual days of 300 shipments; ten in a row are each a little late.",
    )


def load_shipments_labels():
    """Load which shipments belong to the late fortnight.

    Returns
    -------
    Series of int, shape (300,)
        1 for an anomaly, else 0; same index as `load_shipments`.
    """
    return _labels("shipments", "shipped")


def load_kolkata():
    """Load six years of daily mean temperature in Kolkata.

    Returns
    -------
    DataFrame, shape (2191, 1)
        Index ``date`` (2010-01-01 to 2015-12-31), column ``temperature`` in °C.
    """
    return describe(
        _read_times(path("kolkata"), "date"),
        units={"temperature": "°C"},
        description="Daily mean temperature of Kolkata, 2010 to 2015; one January day reads like June.",
    )


def load_kolkata_labels():
    """Load which day in Kolkata is the anomaly.

    Returns
    -------
    Series of int, shape (2191,)
        1 for an anomaly, else 0; same index as `load_kolkata`.
    """
    return _labels("kolkata", "date")


def load_air_quality():
    """Load the Denver twin: three ozone units beside a reference, three particle units, and the weather.

    The faults are left in for the reader to find: ``temperature`` is labelled °C and is not, one particle unit is
    broken, values and whole days are missing (data/README.md lists them).

    Returns
    -------
    DataFrame
        Index ``time`` (ten-minute steps, rows absent in outages), columns ``ozone_1`` to ``ozone_3`` and
        ``ozone_reference`` (ppm), ``particles_1`` to ``particles_3`` (µg/m³), ``temperature``, ``humidity`` (%).
    """
    ozone = dict.fromkeys(["ozone_1", "ozone_2", "ozone_3", "ozone_reference"], "ppm")
    particles = dict.fromkeys(["particles_1", "particles_2", "particles_3"], "µg/m³")
    return describe(
        _read_times(path("air_quality"), "time"),
        # The label is wrong on purpose, as it is in the recording that this set is a twin of.
        units={**ozone, **particles, "temperature": "°C", "humidity": "%"},
        description="Replicate air sensors in Denver, September 2015 to February 2016, in ten-minute steps.",
    )


COLD_STORE_UNITS = {
    "dc_bus_voltage": "V",
    "battery_voltage": "V",
    "load_current": "A",
    "room_temp": "°C",
    "amb_temp": "°C",
    "amb_humidity": "%",
    "tes_temp_1": "°C",
    "tes_temp_2": "°C",
    "room_humidity": "%",
    "frequency": "Hz",
    "drive_current": "A",
    "drive_power": "kW",
    "pressure": "not published",
}


def load_cold_store(raw=False):
    """Load the cold store's 36 days: 35 channels, one row about every 90 s.

    Parameters
    ----------
    raw : bool
        True returns the file as it was read: upper-case columns, times and malformed readings as strings.

    Returns
    -------
    DataFrame
        Index ``time``, sorted, without repeated stamps (the first is kept); columns in snake_case, all numbers, a
        malformed reading becomes NaN. Gaps stay gaps: their rows are absent.
    """
    raw = checked_switch(raw, "raw")
    table = pd.read_csv(path("cold_store"), low_memory=False)
    description = "A farm's solar cold store, 1 October to 5 November 2015, with a refrigerant leak."
    if raw:
        return describe(table, units={}, description=description + " As recorded, with the file's dirt.")
    table.columns = [name.strip().lower().replace(" ", "_") for name in table.columns]
    table["time"] = pd.to_datetime(table["time"]).dt.as_unit("ns")
    table = table.set_index("time").sort_index(kind="stable")
    table = table[~table.index.duplicated(keep="first")].apply(pd.to_numeric, errors="coerce")
    units = {name: unit for name, unit in COLD_STORE_UNITS.items() if name in table}
    return describe(table, units=units, description=description)


def load_cold_store_events():
    """Load what happened to the cold store, by construction of the simulation.

    Returns
    -------
    DataFrame
        One row an event: ``kind``, ``channel``, ``start`` (true onset), ``end``, ``trip`` (when the
        unit's own protection acted; NaT where it never did), ``is_fault`` (False for what is unusual and no fault).
    """
    events = pd.read_csv(path("cold_store_events"))
    for column in ("start", "end", "trip"):
        events[column] = pd.to_datetime(events[column]).dt.as_unit("ns")
    return describe(events, units={}, description="Events of the cold store: onset, end, trip.")


def _read_times(file, index):
    table = pd.read_csv(file, index_col=index, parse_dates=[index])
    table.index = table.index.as_unit("ns")
    return table


def _labels(name, index):
    file = path(f"{name}_labels")
    table = pd.read_csv(file, index_col=index) if index == "person" else _read_times(file, index)
    return describe(
        table["is_anomaly"], units={"is_anomaly": "1 = anomaly"}, description=f"Labels of the set {name!r}."
    )


def describe(table, units, description):
    """Give a table or a Series its ``attrs``: units by column, source, licence, description; returns it."""
    table.attrs = {"units": units, "source": SOURCE, "licence": LICENCE, "description": description}
    return table


def _simulate(file, folder):
    """Simulate one bundled file into a folder; a file is there whole or not at all."""
    # Imported here: a repository that has its files never needs the simulator.
    from mupy_helpers.simulate.small_sets import FILES as SMALL_FILES
    from mupy_helpers.simulate.small_sets import write_small_sets

    logging.getLogger(__name__).info("Simulating %s into %s", file, folder)
    make_folder(folder)
    clear_unfinished(folder)
    try:
        unfinished = Path(tempfile.mkdtemp(dir=folder, prefix="unfinished-"))
    except OSError as error:
        raise file_error(error, "can not be written (MUPY_CACHE names another folder)", folder) from error
    try:
        if file in SMALL_FILES:
            write_small_sets(unfinished, [file])
        elif file.startswith("server_log"):
            from mupy_helpers.simulate.server_log import write_server_log

            write_server_log(unfinished)
        else:
            from mupy_helpers.simulate.famous_unit import write_cold_store

            write_cold_store(unfinished)
        for made in unfinished.iterdir():
            os.replace(made, folder / made.name)
    except OSError as error:
        raise file_error(error, "can not be written (MUPY_CACHE names another folder)", folder / file) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
