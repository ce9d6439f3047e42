"""The fleet: 24 cold stores for 90 days, that differ in size, gain and climate, with 56 faults of eight kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count

from .cold_store import simulate_cold_store
from .faults import (
    CondenserFouling,
    DoorAjar,
    FanFailure,
    PowerCut,
    SensorDrift,
    SensorGlitches,
    SlowLeak,
    StuckSensor,
)
from .plant import draw_stores

START, DAYS, N_UNITS, STEP_SECONDS = "2016-02-01", 90, 24, 300
# Chosen so that each kind of failure comes early and late, and in both halves of the fleet.
SEED = 184
# Every unit is healthy for so long at first, and a repaired unit before its next fault.
HEALTHY_DAYS, REST_DAYS = 10, 4
# How many units have 0, 1, 2, 3 and 4 faults, and how many faults of each kind that makes.
UNITS_WITH = (2, 4, 6, 8, 4)
COUNTS = {
    "slow_leak": 9, "condenser_fouling": 9, "fan_failure": 9, "power_cut": 6, "door_ajar": 7, "stuck_sensor": 6,
    "sensor_drift": 6, "sensor_glitch": 4,
}
# A leak has tripped the low-pressure switch of every unit by the time that this share of the charge is lost.
LOST_AT_TRIP = 0.78


def simulate_fleet(seed=SEED, progress=None):
    """Simulate the fleet.

    Parameters
    ----------
    seed : int, default 184
        Seed of stores, climate, weather, people, faults and noise.
    progress : callable, optional
        Called now and then with the share that is done, 0 to 1.

    Returns
    -------
    dict of DataFrame
        ``"data"``: 622,080 rows, index (``unit``, ``time``), the 35 channels of a cold store, float32 and int8.
        ``"events"``: one row an event, as `simulate_cold_store`, and ``failure``: when the store stops to do its work
        (trip of a pressure switch, standstill of the fan, loss of power), NaT where it never does.
    """
    seed = checked_count(seed, "seed", at_least=0)
    rng = np.random.default_rng([seed, 1])
    faults = draw_faults(rng)
    warmer = rng.uniform(-3.5, 3.0, N_UNITS)
    run = simulate_cold_store(START, DAYS, n_units=N_UNITS, faults=faults, seed=seed, step_seconds=STEP_SECONDS,
                              warm_up_days=2, store=draw_stores(N_UNITS, seed), warmer=warmer, progress=progress)
    gain, offset = rng.uniform(0.8, 1.3, N_UNITS), rng.normal(0.0, 0.35, (N_UNITS, 3))
    rows = len(run.data) // N_UNITS
    data = run.data
    for name in ("drive_current", "drive_power"):  # a bigger machine draws more
        data[name] *= np.repeat(gain, rows)
    for number, name in enumerate(("room_temp", "tes_temp_1", "tes_temp_2")):  # no two sensors are mounted alike
        data[name] += np.repeat(offset[:, number], rows)
    kinds = {name: "float32" for name in data if data[name].dtype.kind == "f"}
    data = (data.round(1) + 0).astype(kinds)
    return {"data": data, "events": _with_failures(run.events, faults)}


def draw_faults(rng):
    """Draw the faults of the fleet.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the chance comes from.

    Returns
    -------
    list of Fault
        ``COUNTS`` of each kind; each unit has as many as ``UNITS_WITH`` says, one after the other.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, such as np.random.default_rng(7), not {rng!r}")
    per_unit = rng.permutation(np.repeat(np.arange(len(UNITS_WITH)), UNITS_WITH))
    kinds = [str(kind) for kind in rng.permutation(np.repeat(list(COUNTS), list(COUNTS.values())))]
    faults = []
    for unit, count in enumerate(per_unit):
        slot = (DAYS - HEALTHY_DAYS) / max(count, 1)
        for number in range(count):
            fault_days = slot - REST_DAYS
            first = HEALTHY_DAYS + number * slot
            faults.append(_draw(kinds.pop(), unit, first, fault_days, rng))
    return faults


def _draw(kind, unit, first, span, rng):
    """Return a fault of this kind that lies in the `span` days that begin `first` days after the start."""
    a, b, c, shift = (float(value) for value in rng.random(4))
    length = {"power_cut": 0.3 + 0.9 * a, "door_ajar": 0.4 + 2.0 * a, "stuck_sensor": 1.0 + 4.0 * a,
              "sensor_drift": 5.0 + 5.0 * a, "sensor_glitch": 1.0 + 2.0 * a}.get(kind)
    if kind == "slow_leak":
        rate, growth = 0.01 + 0.03 * a, 0.05 + 0.17 * b
        length = (np.sqrt(rate**2 + 2 * growth * LOST_AT_TRIP) - rate) / growth + 1.2 + 1.5 * c
    elif kind == "condenser_fouling":
        per_day = 2.2 + 1.8 * a
        length = 20.0 / per_day + 1.5 + 1.5 * c
    elif kind == "fan_failure":
        wear = 2.0 + 4.0 * a
        length = wear + 0.7 + 1.5 * c
    begin = pd.Timestamp(START) + pd.Timedelta(minutes=round(1440 * (first + shift * (span - length))))
    times = {"start": begin, "end": begin + pd.Timedelta(minutes=round(1440 * length)), "unit": unit}
    if kind == "slow_leak":
        return SlowLeak(**times, rate=rate, growth=growth)
    if kind == "condenser_fouling":
        return CondenserFouling(**times, per_day=per_day)
    if kind == "fan_failure":
        return FanFailure(**times, wear_days=wear)
    if kind == "power_cut":
        return PowerCut(**times)
    if kind == "door_ajar":
        return DoorAjar(**times, fraction=0.15 + 0.35 * b)
    sensor = ("room_temp", "tes_temp_2", "tes_temp_1", "drive_current")[int(4 * b)]
    if kind == "stuck_sensor":
        return StuckSensor(**times, sensor=sensor)
    if kind == "sensor_drift":
        return SensorDrift(**times, sensor=sensor, per_day=(0.25 + 0.35 * c) * (1 if a < 0.5 else -1))
    return SensorGlitches(**times, sensor="room_temp", value=-4.0 - 6.0 * b, count=3 + int(6 * c))


def _with_failures(events, faults):
    """Return the events with the column `failure`: when the store stops to do its work."""
    sudden = {(fault.unit, fault.start): fault.stop if isinstance(fault, FanFailure) else fault.start
              for fault in faults if isinstance(fault, (FanFailure, PowerCut))}
    when = [sudden.get((row.unit, row.start), row.trip) if row.is_fault else pd.NaT for row in events.itertuples()]
    events.insert(events.columns.get_loc("trip") + 1, "failure", pd.to_datetime(pd.Series(when)).dt.as_unit("ns"))
    return events.reset_index(drop=True)
