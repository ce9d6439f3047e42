"""Load the sets that are too big for the repository: simulated on the first call, kept in the user's cache.

The same values come on every machine: what is simulated is rounded to the resolution of its sensors, and `DIGESTS`
holds the SHA-256 of each set. A file of the cache that is cut short or changed is made again.
"""

import hashlib
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_switch, file_error
from mupy_helpers.datasets._cache import cache_folder, clear_unfinished, make_folder
from mupy_helpers.datasets.bundled import COLD_STORE_UNITS, describe

SIMULATORS = {
    "card_payments": ("card_payments", "simulate_card_payments"),
    "fleet": ("fleet", "simulate_fleet"),
    "heartbeats": ("heartbeats", "simulate_heartbeats"),
    "pump": ("pump", "simulate_pump"),
}
"""The name of each set, and the module and function of `mupy_helpers.simulate` that make it."""

DIGESTS = {
    "card_payments": "fb1a94fb7698457c6f8646d655648e914e80a4e4345beacc00ddf265b9c3e5d0",
    "fleet": "4e2319c9d2a3f4e90e279672ccf472772c312f725810118fe6aa3427256e6470",
    "heartbeats": "6e2888b739bb5b20f0d9d96c033bcaf175a919311826d2e4fffd3ac3e5332f08",
    "pump": "c1424d4cf34f3d0b0b183510e987c0f17a5b4fff91f13aee37e56790cbca055d",
}
"""SHA-256 over names, types and values of each set (`digest`)."""


def load_fleet():
    """Load 24 cold stores over 90 days: 35 channels, one row every five minutes.

    The stores differ in size, gain and climate. Labels come apart, from `load_fleet_events`.

    Returns
    -------
    DataFrame, shape (622080, 35)
        Index (``unit``, ``time``), columns as `load_cold_store`; float32, switches int8; nothing is missing.
    """
    return describe(_table("fleet", "data"), dict(COLD_STORE_UNITS),
                     "A fleet of 24 solar cold stores, February to April 2016, in five-minute steps.")


def load_fleet_events():
    """Load what happened to the fleet, by construction of the simulation.

    Returns
    -------
    DataFrame
        One row an event: ``unit``, ``kind``, ``channel``, ``start`` (true onset), ``end`` (repair), ``trip`` (a
        pressure switch acts first), ``failure`` (the store stops to do its work: the trip, the standstill of the
        fan, the loss of power; NaT for faults without failure), ``is_fault`` (False for what is unusual and no fault).
    """
    return describe(_table("fleet", "events"), {}, "Events of the fleet: onset, end, trip, failure.")


def load_pump():
    """Load the twin of the pump: 52 sensors, 220,320 minutes, seven failures.

    Returns
    -------
    DataFrame, shape (220320, 52)
        Index ``time``, columns ``sensor_00`` to ``sensor_51``, float32; ``sensor_15`` is empty, others have gaps.
    """
    table = _table("pump", "data")
    return describe(table, dict.fromkeys(table, "not published"), "A twin of a pump: 52 sensors, a row a minute.")


def load_pump_labels():
    """Load the state of the pump at each minute.

    Returns
    -------
    Series of str, shape (220320,)
        Index as `load_pump`: ``"NORMAL"``, ``"BROKEN"`` (one minute a failure) or ``"RECOVERING"``.
    """
    return describe(_table("pump", "labels")["machine_status"], {}, "State of the twin of the pump at each minute.")


def load_heartbeats():
    """Load ten minutes of a simulated electrocardiogram; there are only normal beats in the first three.

    Returns
    -------
    DataFrame, shape (216000, 1)
        Index ``time`` since the start, 360 samples a second, column ``ecg`` in mV, float32.
    """
    return describe(_table("heartbeats", "data"), {"ecg": "mV"}, "A simulated electrocardiogram with ectopic beats.")


def load_heartbeats_labels():
    """Load the beats of the electrocardiogram.

    Returns
    -------
    Series of str
        One value a beat, index ``time`` of its R peak: ``"normal"`` or ``"ectopic"`` (premature ventricular).
    """
    return describe(_table("heartbeats", "labels")["beat"], {}, "Beats of the simulated electrocardiogram.")


def load_card_payments():
    """Load 100,000 card payments in the order of time; 200 of them are fraud.

    Returns
    -------
    DataFrame, shape (100000, 5)
        Index ``time``, columns ``customer`` (0 to 999), ``amount`` (US dollars), ``shop`` (a kind of shop),
        ``distance`` (km from home, 0 online), ``online`` (0 or 1).
    """
    return describe(_table("card_payments", "data"), {
        "customer": "a number", "amount": "US dollars", "shop": "a kind of shop", "distance": "km",
        "online": "1 = online",
    }, "Card payments of 1,000 customers in 60 days, 0.2 % of them fraud.")


def load_card_payments_labels(patterns=False):
    """Load which payments are fraud.

    Parameters
    ----------
    patterns : bool
        True returns the kind of fraud instead: ``"test_burst"``, ``"far_away"``, ``"night"``, else an empty string.

    Returns
    -------
    Series of int or str, shape (100000,)
        1 for fraud, else 0; same index as `load_card_payments`.
    """
    patterns = checked_switch(patterns, "patterns")
    labels = _table("card_payments", "labels")["pattern" if patterns else "is_anomaly"]
    return describe(labels, {} if patterns else {"is_anomaly": "1 = anomaly"}, "Labels of the set 'card_payments'.")


def names():
    """Return the names of the sets that are made on the first call.

    Returns
    -------
    list of str
    """
    return sorted(SIMULATORS)


def file_of(name):
    """Return where the cache keeps a set; other values have another name, so that an old file is never read."""
    if not isinstance(name, str) or name not in SIMULATORS:
        raise ValueError(f"There is no simulated set {name!r}; the names are: {', '.join(SIMULATORS)}.")
    return cache_folder() / "simulated" / f"{name}-{DIGESTS[name][:12]}.npz"


def is_made(name):
    """Tell whether a set is in the cache, whole and unchanged.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    bool
    """
    file = file_of(name)
    try:
        known = file.with_suffix(".sha256").read_text(encoding="ascii", errors="replace").strip()
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == known
    except OSError:
        return False


def make(name):
    """Simulate a set into the user's cache, with a progress bar where standard error is a terminal.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Path
        The file; it and its checksum are there whole, or the next call makes them again.

    Raises
    ------
    ValueError
        When no set has that name.
    OSError
        When the cache can not be written.
    """
    target = file_of(name)
    module, function = SIMULATORS[name]
    logging.getLogger(__name__).info("Simulating %s into %s", name, target.parent)
    bar = Bar(name)
    simulate = getattr(importlib.import_module(f"mupy_helpers.simulate.{module}"), function)
    arrays = _arrays(simulate(progress=bar))
    if DIGESTS[name] != digest(arrays):
        logging.getLogger(__name__).info("%s has not the digest that is known: a last digit may differ", name)
    make_folder(target.parent)
    clear_unfinished(target.parent)
    try:
        handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix="unfinished-")
    except OSError as error:
        raise file_error(error, "can not be written (MUPY_CACHE names another folder)", target) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, **arrays)
        checksum = Path(unfinished + ".sha256")
        with open(unfinished, "rb") as stream:
            checksum.write_text(hashlib.file_digest(stream, "sha256").hexdigest() + "\n", encoding="ascii")
        os.replace(unfinished, target)
        os.replace(checksum, target.with_suffix(".sha256"))
    except OSError as error:
        raise file_error(error, "can not be written (MUPY_CACHE names another folder)", target) from error
    finally:
        for left in (Path(unfinished), Path(unfinished + ".sha256")):
            left.unlink(missing_ok=True)
    bar(1.0)
    return target


def digest(arrays):
    """Return the SHA-256 over names, types and values of arrays, in hexadecimal."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        total.update(f"{name} {values.dtype.str} {values.shape}".encode("ascii"))
        total.update(values.view(np.uint8).data if values.size else b"")
    return total.hexdigest()


class Bar:
    """A progress bar on standard error; nothing where that is no terminal, so that no notebook stores it."""

    def __init__(self, name, stream=None):
        self.name, self.stream, self.shown = name, stream or sys.stderr, -1

    def __call__(self, share):
        """Show the share that is done, 0 to 1."""
        percent = int(100 * share)
        if not self.stream.isatty() or percent <= self.shown:
            return
        self.shown = percent
        done = "#" * (percent // 4)
        end = "\n" if share >= 1 else ""
        self.stream.write(f"\rSimulating {self.name} (once): [{done:<25}] {percent:3d} %{end}")
        self.stream.flush()


def _arrays(tables):
    """Return the columns of tables as arrays by name: table/index/level and table/column/name, in order."""
    arrays = {}
    for title, table in tables.items():
        levels = {level or "row": table.index.get_level_values(i) for i, level in enumerate(table.index.names)}
        for part, columns in (("index", levels), ("column", table)):
            for name in columns:
                values = columns[name].to_numpy()
                is_plain = values.dtype.kind in "iufbmM"
                arrays[f"{title}/{part}/{name}"] = values if is_plain else values.astype("U")
    return arrays


def _table(name, title):
    """Return one table of a set, made first when the cache has none that is whole."""
    if not is_made(name):
        make(name)
    parts = {"index": {}, "column": {}}
    with np.load(file_of(name), allow_pickle=False) as archive:
        for key in archive.files:
            table, part, column = key.split("/")
            if table == title:
                values = archive[key]
                parts[part][column] = values if values.dtype.kind != "U" else values.astype(object)
    index = [pd.Index(values, name=None if level == "row" else level) for level, values in parts["index"].items()]
    index = index[0] if len(index) == 1 else pd.MultiIndex.from_arrays(index)
    return pd.DataFrame(parts["column"], index=index)
