"""The famous unit: 36 days of October and November 2015, and the dirt of its file."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_path

from .cold_store import ColdStoreRun, simulate_cold_store
from .faults import DoorOpening, GridPower, SensorGlitches, SlowLeak, WarmLoad
from .plant import Store
from .sensors import CHANNELS

START, DAYS, ROWS = "2015-10-01", 36, 23675
SEED = 23

# The story: what is known of it stands in the datasheet; the rest of these times is invented around it.
CLOUDY_DAYS = {
    "2015-09-29": 0.05, "2015-09-30": 0.05, "2015-10-01": 0.1, "2015-10-02": 0.35, "2015-10-03": 0.05,
    "2015-10-12": 0.05, "2015-10-13": 0.02, "2015-10-14": 0.05, "2015-10-15": 0.6, "2015-10-16": 0.1,
    "2015-10-17": 0.0, "2015-10-18": 0.7, "2015-10-19": 0.1, "2015-10-20": 0.04, "2015-10-21": 0.08,
    "2015-10-22": 0.03, "2015-10-23": 0.05, "2015-10-24": 0.1, "2015-10-25": 0.02, "2015-10-26": 0.25,
    "2015-10-27": 0.1, "2015-10-28": 0.05, "2015-10-29": 0.05, "2015-10-30": 0.1, "2015-10-31": 0.5,
    "2015-11-01": 0.1, "2015-11-02": 0.05, "2015-11-03": 0.1, "2015-11-04": 0.08, "2015-11-05": 0.12,
}
FAULTS = (
    SlowLeak("2015-10-20 20:00", "2015-10-29 12:00"),
    SensorGlitches("2015-10-14 11:12:00", "2015-10-14 11:15:00", value=-2.3),
    SensorGlitches("2015-10-19 14:36:00", "2015-10-19 14:37:30", value=-4.7),
    SensorGlitches("2015-10-20 10:03:00", "2015-10-20 10:06:00", value=-1.9),
    SensorGlitches("2015-10-20 15:21:00", "2015-10-20 15:22:30", value=-3.4),
    SensorGlitches("2015-10-23 07:45:00", "2015-10-23 07:46:30", value=-0.8),
)
# Times and samples of door openings. In the leak week people carry the crop out of a warm store.
DOOR_OPENINGS = (
    ("2015-10-01 09:30", 1), ("2015-10-01 16:33", 2), ("2015-10-02 10:15", 1), ("2015-10-13 15:00", 1),
    ("2015-10-14 17:03", 2), ("2015-10-16 10:03", 2), ("2015-10-17 11:30", 1), ("2015-10-19 16:03", 2),
    ("2015-10-20 09:45", 1), ("2015-10-21 14:15", 1), ("2015-10-22 12:00", 1), ("2015-10-23 10:30", 1),
    ("2015-10-24 09:00", 1), ("2015-10-24 17:00", 1), ("2015-10-25 16:00", 3),
    ("2015-10-25 17:30", 3), ("2015-10-26 13:30", 7), ("2015-10-26 15:30", 4), ("2015-10-27 11:00", 5),
    ("2015-10-28 10:00", 5), ("2015-10-28 16:00", 3), ("2015-10-29 08:30", 2), ("2015-10-30 10:30", 1),
    ("2015-11-01 09:30", 1), ("2015-11-02 15:45", 1), ("2015-11-03 16:24", 3), ("2015-11-04 10:00", 1),
    ("2015-11-05 14:30", 1),
)
OPERATIONS = (
    WarmLoad("2015-10-01 16:30", "2015-10-01 17:10", fraction=0.06),
    WarmLoad("2015-10-14 17:00", "2015-10-14 17:40", fraction=0.07),
    WarmLoad("2015-10-16 10:00", "2015-10-16 10:40", fraction=0.06),
    WarmLoad("2015-10-19 16:00", "2015-10-19 16:40", fraction=0.06),
    WarmLoad("2015-11-03 16:20", "2015-11-03 17:10", fraction=0.25, fraction_open=0.65),
    GridPower("2015-10-18 12:00", "2015-10-19 10:00"),
    GridPower("2015-10-29 12:00", "2015-10-30 11:10"),
    *(DoorOpening(time, pd.Timestamp(time) + pd.Timedelta(seconds=90 * rows)) for time, rows in DOOR_OPENINGS),
)

# The file: when the logger was silent, and what it wrote wrongly.
MAIN_GAP = ("2015-10-03 09:10", "2015-10-13 10:40")
OUTAGES = (
    ("2015-10-01 20:12", "2015-10-01 23:40"), ("2015-10-14 01:10", "2015-10-14 03:35"),
    ("2015-10-15 18:05", "2015-10-15 20:50"), ("2015-10-17 02:40", "2015-10-17 04:05"),
    ("2015-10-18 20:00", "2015-10-18 22:10"), ("2015-10-20 00:30", "2015-10-20 03:30"),
    ("2015-10-28 02:10", "2015-10-28 02:25"), ("2015-11-01 19:00", "2015-11-01 23:05"),
    ("2015-10-30 22:00", "2015-10-31 01:15"), ("2015-11-02 03:00", "2015-11-02 05:10"),
    ("2015-11-04 19:30", "2015-11-04 22:00"),
)
DUPLICATED_ROWS = 6
MALFORMED = (
    ("room_temp", 3), ("tes_temp_2", 3), ("tes_temp_1", 2), ("amb_temp", 1), ("battery_voltage", 1),
)
WILD = (
    ("amb_temp", (-25.6, 89.7, -18.4, 61.2, -7.7)), ("pressure", (0.0, 0.0, 85.5)), ("room_humidity", (0.4,)),
    ("fan_1", (2,)), ("fan_valve", (2, 2)), ("tank_full", (0,)),
)


def simulate_famous_unit(seed=SEED) -> ColdStoreRun:
    """Simulate the 36 days of the famous unit, complete and without the dirt of its file.

    Parameters
    ----------
    seed : int, default 23
        Seed of weather and noise; the story (faults, cloudy days, what people do) stays.

    Returns
    -------
    ColdStoreRun
        34,560 rows at 90 s from 2015-10-01 to 2015-11-05, the hidden truth, and the events.
    """
    return simulate_cold_store(START, DAYS, faults=FAULTS, operations=OPERATIONS, seed=seed, store=Store(),
                               cloudy_days=CLOUDY_DAYS, warm_up_days=2)


def raw_file(run, seed=SEED) -> pd.DataFrame:
    """Return the famous unit's file as its logger wrote it: gaps, duplicates, wild and malformed readings.

    Parameters
    ----------
    run : ColdStoreRun
        Result of `simulate_famous_unit`.
    seed : int, default 23
        Seed of the dirt.

    Returns
    -------
    pandas.DataFrame
        Text, ready to be written: TIME and the 35 published names in upper case.
    """
    if not isinstance(run, ColdStoreRun) or len(run.data) != 86400 // 90 * DAYS:
        raise TypeError("run must be what simulate_famous_unit() returns")
    rng = np.random.default_rng([checked_count(seed, "seed", at_least=0), 6])
    data, times = run.data, run.data.index
    keep = np.ones(len(data), dtype=bool)
    for start, end in (MAIN_GAP, *OUTAGES):
        keep[times.searchsorted(pd.Timestamp(start)):times.searchsorted(pd.Timestamp(end))] = False
    # Readings that the story counts (door, trips, glitches) are not lost in the scattered drop-outs.
    counted = (data["door_open"] + data["low_pressure"] > 0).to_numpy() | (data["room_temp"] < 0).to_numpy()
    ordinary = np.flatnonzero(keep & ~counted)
    surplus = int(keep.sum()) + DUPLICATED_ROWS - ROWS
    if surplus < 0:
        raise ValueError(f"the outages leave {-surplus} rows too few for a file of {ROWS} rows; shorten one.")
    chosen = rng.permutation(ordinary)
    keep[chosen[:surplus]] = False
    free = list(chosen[surplus:])

    text = pd.DataFrame(index=times)
    for name in CHANNELS:
        column = data[name]
        text[name] = column.map("{:.1f}".format) if column.dtype.kind == "f" else column.astype(str)
    for name, values in WILD:
        for value in values:
            text.iloc[free.pop(), text.columns.get_loc(name)] = str(value)
    for name, count in MALFORMED:
        for _ in range(count):
            row, column = free.pop(), text.columns.get_loc(name)
            text.iloc[row, column] = "-." + text.iloc[row, column].lstrip("-")
    stamps = times + pd.to_timedelta(rng.integers(0, 4, len(times)), unit="s")
    text.insert(0, "TIME", stamps.strftime("%Y-%m-%d %H:%M:%S"))
    copies = np.ones(len(text), dtype=int)
    copies[[free.pop() for _ in range(DUPLICATED_ROWS)]] = 2
    text = text.iloc[np.repeat(np.arange(len(text)), copies * keep)].reset_index(drop=True)
    text.columns = [name.upper().replace("_", " ") for name in text.columns]
    return text


def write_cold_store(folder, seed=SEED) -> tuple[Path, Path]:
    """Write `cold_store_raw.csv.gz` and `cold_store_events.csv`, the same bytes on every call.

    Parameters
    ----------
    folder : str or pathlib.Path
        Folder to write to; it must exist.
    seed : int, default 23
        Seed of weather, noise and dirt.

    Returns
    -------
    tuple of pathlib.Path
        The two files.
    """
    folder = checked_path(folder, "folder")
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; make it first.")
    run = simulate_famous_unit(seed)
    raw, labels = folder / "cold_store_raw.csv.gz", folder / "cold_store_events.csv"
    text = raw_file(run, seed).to_csv(index=False, lineterminator="\n")
    # No file name and no time of writing in the header, or every call would write other bytes.
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as stream:
        stream.write(text.encode("ascii"))
    raw.write_bytes(buffer.getvalue())
    events = run.events.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d %H:%M:%S")
    labels.write_bytes(events.encode("ascii"))
    return raw, labels
