"""A twin of the pump with 52 sensors: 153 days of minutes, seven failures at the published times.

What is calibrated on published rows and what is invented is written down in data/README.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from mupy_helpers.checks import check_callable, checked_count

START, ROWS, SEED = "2018-04-01", 220_320, 5
SENSORS = [f"sensor_{number:02d}" for number in range(52)]
EMPTY = "sensor_15"
# Published: when it broke, and 14,477 minutes of recovering in all. Invented: how they fall on the seven failures.
FAILURES = (
    "2018-04-12 21:55", "2018-04-18 00:30", "2018-05-19 03:18", "2018-05-25 00:30", "2018-06-28 22:00",
    "2018-07-08 00:11", "2018-07-25 14:00",
)
RECOVERING_MINUTES = (940, 1290, 1460, 2130, 4420, 1080, 3157)
# How long before each failure the pump collapses (minutes; that of the second is published), and how long before it
# wears visibly (hours) and how strongly: invented.
COLLAPSE_MINUTES = (35, 20, 25, 15, 50, 30, 40)
WEAR_HOURS = (10, 12, 8, 9, 30, 14, 20)
WEAR_STRENGTH = (1.0, 0.35, 0.9, 0.7, 1.3, 0.8, 1.1)

# Sensor, level in April's first days and before the second failure, spread, share of the spread that lasts, for how
# many minutes it lasts, resolution; group of sensors that move together, and how closely.
CALIBRATION = (
    (0, 2.45, 2.355, 0.027, 0.88, 736, 0.001, "", 0),
    (1, 48.83, 43.88, 1.9, 1, 403, 0.0434, "d", 0.68),
    (2, 52.26, 47.92, 0.59, 0.99, 915, 0.0434, "d", 0.6),
    (3, 44.66, 40.67, 1.2, 1, 570, 0.0434, "d", 0.66),
    (4, 637.4, 635.8, 6.9, 0.36, 192, 0.1, "", 0),
    (5, 76.37, 79.05, 4.1, 0.91, 74, 0.1, "", 0),
    (6, 13.41, 13.63, 0.19, 0.92, 260, 0.00723, "", 0),
    (7, 16.17, 16.17, 0.19, 0.96, 161, 0.00723, "", 0),
    (8, 15.65, 15.7, 0.23, 0.65, 108, 0.00723, "", 0),
    (9, 15.08, 15.08, 0.09, 0.93, 42, 0.00723, "", 0),
    (10, 39.64, 43.12, 2.8, 0.99, 29, 0.1, "", 0),
    (11, 50.47, 45.61, 3.3, 1, 41, 0.1, "", 0),
    (12, 35.36, 33.06, 2.3, 1, 32, 0.1, "", 0),
    (13, 1.685, 8.76, 6.1, 1, 758, 0.1, "", 0),
    (14, 420.2, 420.3, 1.4, 0.44, 19, 0.01, "", 0),
    (16, 463.2, 463.5, 1.9, 0.4, 20, 0.01, "", 0),
    (17, 463.3, 463.8, 5, 0.03, 146, 0.1, "b", 0.99),
    (18, 2.548, 2.553, 0.056, 0.036, 103, 0.001, "b", 0.99),
    (19, 665.8, 666.2, 5.5, 0.86, 409, 0.1, "a", 0.96),
    (20, 399.4, 399.7, 3.1, 0.86, 483, 0.1, "a", 0.97),
    (21, 879.9, 880.6, 7.4, 0.75, 466, 0.1, "a", 0.95),
    (22, 499.6, 460.1, 16, 0.99, 989, 0.1, "c", 0.65),
    (23, 949.9, 950.3, 3, 0.83, 387, 0.1, "", 0),
    (24, 627.8, 628.2, 5.5, 0.72, 555, 0.1, "a", 0.9),
    (25, 740.7, 650.3, 26, 1, 411, 1, "", 0),
    (26, 850.9, 750.5, 5.7, 0.93, 62, 0.1, "", 0),
    (27, 455, 540.2, 31, 0.81, 16, 1, "", 0),
    (28, 788.8, 1064, 19, 0.99, 48, 0.1, "", 0),
    (29, 710.3, 783.2, 52, 0.98, 1500, 1, "", 0),
    (30, 660.2, 674.5, 21, 0.11, 35, 0.463, "", 0),
    (31, 865.6, 978.6, 78, 0.85, 248, 0.5208, "c", 0.8),
    (32, 789.1, 820.3, 46, 0.9, 504, 1, "c", 0.87),
    (33, 589, 569.7, 64, 0.99, 1451, 1, "c", 0.95),
    (34, 161.1, 181.2, 9.6, 0.95, 138, 0.1, "c", -0.73),
    (35, 318, 415.6, 18, 0.95, 155, 0.1, "c", -0.68),
    (36, 603.2, 437.8, 160, 1, 715, 1, "c", 0.9),
    (37, 104.9, 95.98, 14, 0.87, 134, 0.1, "d", 0.62),
    (38, 46.61, 50, 5, 1, 85, 0.2604, "d", 0.78),
    (39, 32.81, 33.85, 3.7, 1, 127, 0.2604, "d", 0.88),
    (40, 68.23, 57.55, 12, 1, 30, 0.2604, "f", 0.92),
    (41, 33.07, 34.11, 3.3, 1, 223, 0.2604, "d", 0.93),
    (42, 33.07, 32.81, 3, 1, 419, 0.2604, "d", 0.95),
    (43, 41.93, 38.02, 4.5, 1, 81, 0.2604, "f", 0.92),
    (44, 44.56, 37.91, 7.4, 1, 75, 0.2894, "", 0),
    (45, 46.88, 37.33, 15, 1, 97, 0.2894, "", 0),
    (46, 43.69, 37.62, 8.6, 1, 87, 0.2894, "", 0),
    (47, 39.35, 40.8, 3.1, 1, 125, 0.2894, "d", 0.8),
    (48, 185.2, 81.31, 49, 1, 78, 0.2894, "e", 0.9),
    (49, 71.47, 47.74, 18, 1, 99, 0.2894, "e", 0.5),
    (50, 226.3, 189.2, 32, 1, 76, 0.2894, "e", 0.9),
    (51, 208.9, 199.9, 26, 1, 134, 0.2894, "e", 0.62),
)

# Share of its level that a sensor loses in a collapse, and while the pump stands still.
COLLAPSE = {0: 0.55, 4: 0.68, 6: 0.085, 7: 0.06, 8: 0.12, 9: 0.085, 10: 0.28, 11: 0.33, 12: 0.36}
STANDSTILL = {**COLLAPSE, 1: 0.05, 5: 0.35, 6: 0.6, 7: 0.5, 8: 0.5, 9: 0.5, 10: 0.6, 11: 0.6, 12: 0.6, 13: 0.5,
              **dict.fromkeys(range(14, 37), 0.25), **dict.fromkeys(range(37, 52), 0.2)}
# What the wear does, in units of a sensor's spread; and what a lower load does, as a share of the level.
WEAR = {1: -1.5, 5: 2.0, 7: 2.0, 10: 2.5, 11: -2.0, 12: 2.0, 28: 2.5, 37: -2.0, 44: 2.0, 48: -1.5, 50: -1.5}
LOW_LOAD = {0: 0.01, 4: 0.16, 5: 0.08, 10: 0.15, 11: 0.12, 12: 0.12, 13: 0.2, 28: 0.1}
LOW_LOADS = 14
# Share of the time to the failure, and of the collapse.
COLLAPSE_COURSE = ([0, 0.1, 0.35, 0.45, 0.7, 0.8, 1], [0, 0.3, 0.4, 0.6, 0.8, 0.9, 1])


def simulate_pump(seed=SEED, progress=None):
    """Simulate the pump.

    Parameters
    ----------
    seed : int, default 5
        Seed of noise, drift, spells of low load and missing values.
    progress : callable, optional
        Called now and then with the share that is done, 0 to 1.

    Returns
    -------
    dict of DataFrame
        ``"data"``: index ``time`` (220,320 minutes), ``sensor_00`` to ``sensor_51``, float32.
        ``"labels"``: same index, ``machine_status``: NORMAL, BROKEN (one minute a failure) or RECOVERING.
    """
    seed = checked_count(seed, "seed", at_least=0)
    check_callable(progress, "progress")
    time = pd.date_range(START, periods=ROWS, freq="min", name="time").as_unit("ns")
    broken = time.get_indexer(pd.to_datetime(list(FAILURES)).as_unit("ns"))
    collapse, wear, standstill = _course_of_failures(broken)
    low_load = _low_load(np.random.default_rng([seed, 99]), broken)
    common = {}
    columns = {EMPTY: np.full(ROWS, np.nan, dtype="float32")}
    for number, early, later, spread, lasting, minutes, resolution, group, tie in CALIBRATION:
        if progress is not None:
            progress(number / len(SENSORS))
        rng = np.random.default_rng([seed, number])
        noise = _noise(rng, lasting, minutes)
        if group and group not in common:
            common[group] = _noise(np.random.default_rng([seed, 100 + ord(group)]), lasting, minutes)
        if group:
            noise = tie * common[group] + np.sqrt(1 - tie**2) * noise
        level = _drifting_level(rng, early, later)
        values = level * (1 - STANDSTILL.get(number, 0.0) * standstill) + spread * noise * (1 - 0.6 * standstill)
        values *= (1 - COLLAPSE.get(number, 0.0) * collapse) * (1 - LOW_LOAD.get(number, 0.0) * low_load)
        values += WEAR.get(number, 0.0) * spread * wear
        values = np.round(np.maximum(values, 0.0) / resolution) * resolution
        columns[SENSORS[number]] = values.astype("float32")
    data = pd.DataFrame({name: columns[name] for name in SENSORS}, index=time)
    _lose_values(np.random.default_rng([seed, 98]), data, broken)
    status = np.full(ROWS, "NORMAL", dtype="U10")
    for row, length in zip(broken, RECOVERING_MINUTES, strict=True):
        status[row] = "BROKEN"
        status[row + 1 : row + 1 + length] = "RECOVERING"
    return {"data": data, "labels": pd.DataFrame({"machine_status": status}, index=time)}


def _noise(rng, lasting, minutes):
    """Return noise of standard deviation 1, of which the share `lasting` of the variance lasts for some minutes."""
    memory = np.exp(-1 / minutes)
    shocks = rng.standard_normal(ROWS)
    shocks[1:] *= np.sqrt(1 - memory**2)
    slow = lfilter([1.0], [1.0, -memory], shocks)
    # Bounded, as the readings are: five months of a Gaussian would reach far beyond what the slices show.
    return np.sqrt(lasting) * 2.5 * np.tanh(slow / 2.5) + np.sqrt(1 - lasting) * rng.standard_normal(ROWS)


def _drifting_level(rng, early, later):
    """Return a level that goes from that of early April to that of 17 April, and wanders between such values later."""
    knots = np.concatenate([[0, 5, 16, 18], np.arange(26, 160, 8)])
    wander = 0.5 * (early + later) + 0.4 * abs(later - early) * np.clip(rng.standard_normal(len(knots) - 4), -2, 2)
    return np.interp(np.arange(ROWS) / 1440, knots, np.concatenate([[early, early, later, later], wander]))


def _course_of_failures(broken):
    """Return collapse, wear and standstill, 0 to 1 for each minute."""
    collapse, wear, standstill = (np.zeros(ROWS) for _ in range(3))
    for number, row in enumerate(broken):
        length, hours = COLLAPSE_MINUTES[number], WEAR_HOURS[number]
        # In three steps, as in the published minutes before the second failure.
        rows = np.arange(row - length, row + 1)
        collapse[rows] = np.interp((rows - rows[0]) / length, *COLLAPSE_COURSE)
        rows = np.arange(row - 60 * hours, row + 1)
        wear[rows] = WEAR_STRENGTH[number] * ((rows - rows[0]) / (60 * hours)) ** 1.5
        stop, length = row + 1, RECOVERING_MINUTES[number]
        rows = np.arange(stop, stop + length)
        standstill[rows] = np.interp((rows - stop) / length, [0, 0.01, 0.7, 1], [0.7, 1, 1, 0])
    return collapse, wear, standstill


def _low_load(rng, broken):
    """Return spells of lower load, 0 or 1 for each minute: no fault, and away from the failures."""
    low_load, days = np.zeros(ROWS), range(2, ROWS // 1440 - 2)
    far = [day for day in days if all(not -2.5 < day - row / 1440 < 4.5 for row in broken)]
    for day in np.sort(rng.choice(far, size=LOW_LOADS, replace=False)):
        begin = int(day * 1440 + rng.integers(0, 1200))
        low_load[begin : begin + int(rng.integers(40, 300))] = rng.uniform(0.7, 1.0)
    return low_load


def _lose_values(rng, data, broken):
    """Make values missing, in place: a gap of one sensor that is published, and gaps that are invented."""
    columns = {name: data.columns.get_loc(name) for name in data}
    first = data.index.get_loc(pd.Timestamp("2018-04-02 09:22"))
    data.iloc[first : first + 30, columns["sensor_01"]] = np.nan
    for begin in rng.integers(0, ROWS - 10, size=12):  # the logger drops out
        if np.abs(broken - begin).min() > 1440:
            data.iloc[begin : begin + int(rng.integers(1, 4))] = np.nan
    for number in (0, 6, 7, 8, 9, 29, 30, 32):
        begin = int(rng.integers(30_000, ROWS - 1000))
        if np.abs(broken - begin).min() > 1440:
            data.iloc[begin : begin + int(rng.integers(20, 400)), number] = np.nan
    begin = data.index.get_loc(pd.Timestamp("2018-06-09 05:00"))
    data.iloc[begin : begin + 4 * 1440, columns["sensor_51"]] = np.nan
