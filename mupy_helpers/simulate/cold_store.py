"""A solar cold store, or a fleet of them, with faults that act in the physics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mupy_helpers.checks import check_callable, checked_count, checked_fraction, checked_number

from . import faults as kinds
from .plant import Inputs, Store, draw_stores, run_plant
from .sensors import CHANNELS, UNITS, apply_sensor_faults, measure
from .weather import simulate_weather

EVENT_COLUMNS = ["unit", "kind", "channel", "start", "end", "trip", "is_fault"]
NAMED_CLOUDINESS = 0.3
MOST_ROWS = 20_000_000  # of all units together: more do not fit into the memory of a usual computer
WARMEST = 100.0  # °C above the region: beyond it nothing here holds


@dataclass(frozen=True)
class ColdStoreRun:
    """What a simulation returns.

    Parameters
    ----------
    data : pandas.DataFrame
        What the logger would write: the 35 channels in snake case. One unit: index `time`.
        Several units: index (`unit`, `time`). ``attrs["units"]`` names the units of the channels.
    truth : pandas.DataFrame
        What no sensor of the store sees, on the same index: refrigerant_charge (0 to 1), suction_pressure (bar,
        absolute), evaporating_temp, room_temp and crop_temp (°C), tes_ice (0 to 1), cooling_power (kW),
        irradiance (W/m²).
    events : pandas.DataFrame
        One row per fault, and per thing that is unusual but no fault (fresh crop, grid power, a cloudy day that was
        asked for): unit, kind, channel, start (true onset), end, trip (when a pressure switch trips first, for a leak
        and a fouled condenser), is_fault.
    """

    data: pd.DataFrame
    truth: pd.DataFrame
    events: pd.DataFrame


def simulate_cold_store(start, days, *, n_units=1, faults=(), operations=None, seed=7, step_seconds=90,
                        warm_up_days=1, store=None, cloudy_days=None, warmer=0.0, progress=None) -> ColdStoreRun:
    """Simulate solar cold stores through time.

    Parameters
    ----------
    start : str or pandas.Timestamp
        Local time of the first row.
    days : float
        Length in days.
    n_units : int, default 1
        Number of stores. Unit 0 is the reference store; unit k is the same whatever the number of units.
    faults : iterable of Fault
        Faults with their unit and times, from `mupy_helpers.simulate.faults`.
    operations : iterable of Operation, optional
        Door openings, loads of fresh crop, grid power. By default they are drawn at random.
    seed : int, default 7
        Seed of weather, people and noise.
    step_seconds : float, default 90
        Length of a step in seconds, at most 300.
    warm_up_days : float, default 1
        Days simulated before `start` and thrown away, so that the first row is in the middle of ordinary life.
    store : Store, optional
        Parameters; by default the units differ in insulation, size, machine, load and controller.
    cloudy_days : mapping of date to float, optional
        Days whose cloudiness is known, 0 to 1.
    warmer : float or array of shape (n_units,), default 0
        By how many °C the air at the stores is warmer than in the region.
    progress : callable, optional
        Called now and then with the share of the run that is done, 0 to 1.

    Returns
    -------
    ColdStoreRun
        Tables `data`, `truth` and `events`.

    Raises
    ------
    ValueError
        If a length is not positive, a fault lies outside the run, names a unit or a channel that does not exist,
        or overlaps another one of its kind on the same unit.
    TypeError
        If `store`, `cloudy_days` or `progress` is something else than stated.
    """
    seed = checked_count(seed, "seed", at_least=0)
    check_callable(progress, "progress")
    if store is not None and not isinstance(store, Store):
        raise TypeError(f"store must be a Store, such as Store(wall_conductance=0.04), not {store!r}")
    times, n_warm = _grid(start, days, n_units, step_seconds, warm_up_days)
    step_seconds = float(step_seconds)
    cloudy_days, warmer = _checked_clouds(cloudy_days), _checked_warmer(warmer, n_units)
    faults = _listed(faults, "faults")
    operations = draw_operations(times, n_units, seed) if operations is None else _listed(operations, "operations")
    _check(faults, kinds.Fault, times[n_warm], times[-1], n_units)
    _check(operations, kinds.Operation, times[0], times[-1], n_units)

    store = draw_stores(n_units, seed) if store is None else store
    weather = simulate_weather(times, seed, n_units, cloudy_days, warmer)
    inputs = _inputs(store, weather, times, n_units, faults + operations, step_seconds)
    plant = run_plant(store, inputs, step_seconds, progress)
    switch = np.zeros(inputs.door.shape, dtype=bool)
    for fault in faults + operations:
        if isinstance(fault, kinds.DoorOpening) or (isinstance(fault, kinds.DoorAjar) and fault.seen):
            switch[_rows(times, fault), fault.unit] = True
    rngs = [np.random.default_rng([seed, unit, 4]) for unit in range(n_units)]
    readings = measure(plant, inputs, weather.humidity, weather.irradiance, switch, rngs, step_seconds)
    apply_sensor_faults(readings, faults, times, rngs)

    keep = slice(n_warm, None)
    data = _frame({name: readings[name][keep] for name in CHANNELS}, times[keep], n_units)
    data.attrs["units"] = dict(UNITS)
    truth = _frame({name: values[keep] for name, values in _truth(plant, inputs, weather, store, n_units).items()},
                   times[keep], n_units)
    # Door openings are everyday life and stand in the data already.
    listed = faults + [op for op in operations if not isinstance(op, kinds.DoorOpening)]
    listed += _cloudy(cloudy_days, times[n_warm], times[-1], n_units)
    return ColdStoreRun(data, truth, _events(listed, plant, times))


def draw_operations(times, n_units, seed) -> list:
    """Draw what people do at each store: door openings by day, fresh crop about twice a week, rare grid power.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Times of the simulation.
    n_units : int
        Number of stores.
    seed : int
        Seed of the draw.

    Returns
    -------
    list of Operation
    """
    operations = []
    first, last = times[0], times[-1]
    for unit in range(n_units):
        rng = np.random.default_rng([seed, unit, 5])
        for day in pd.date_range(first.normalize(), last.normalize(), freq="D"):
            hours, minutes = rng.uniform((7.5, 12.5), (12.0, 17.5)), rng.uniform(1.5, 4.0, 2)
            load, share, warmth = rng.random(), rng.uniform(0.04, 0.14), rng.uniform(24.0, 30.0)
            grid, length = rng.random(), rng.uniform(3, 9)
            for hour, length_min in zip(hours[: 1 + (load < 0.5)], minutes):
                begin = day + pd.Timedelta(hours=hour)
                operations.append(kinds.DoorOpening(begin, begin + pd.Timedelta(minutes=length_min), unit))
            if load < 0.28:
                begin = day + pd.Timedelta(hours=9 + 7 * load / 0.28)
                operations.append(kinds.WarmLoad(begin, begin + pd.Timedelta(minutes=40), unit, share, warmth))
            if grid < 0.05:
                begin = day + pd.Timedelta(hours=9)
                operations.append(kinds.GridPower(begin, begin + pd.Timedelta(hours=length), unit))
    return [op for op in operations if op.start >= first and op.end <= last]


def _grid(start, days, n_units, step_seconds, warm_up_days):
    try:
        start = pd.Timestamp(start)
    except (ValueError, TypeError) as error:
        raise ValueError(f"start {start!r} is not a time; write '2015-10-01'.") from error
    if start is pd.NaT or start.tzinfo is not None:
        raise ValueError("start must be a local time without a time zone, such as '2015-10-01'.")
    days = checked_number(days, "days", above=0)
    n_units = checked_count(n_units, "n_units")
    step_seconds = checked_number(step_seconds, "step_seconds")
    if not 1 <= step_seconds <= 300:
        raise ValueError(f"step_seconds must be between 1 and 300, or the physics gets unstable; got {step_seconds}.")
    warm_up_days = checked_number(warm_up_days, "warm_up_days")
    if warm_up_days < 0:
        raise ValueError(f"warm_up_days must not be negative; got {warm_up_days}.")
    if (days + warm_up_days) * 86400 / step_seconds * n_units > MOST_ROWS:
        raise ValueError(f"{days + warm_up_days:g} days of {n_units:,} units are more than {MOST_ROWS:,} rows: take "
                         "fewer, or longer steps")
    n_rows, n_warm = int(round(days * 86400 / step_seconds)), int(round(warm_up_days * 86400 / step_seconds))
    step = pd.Timedelta(seconds=step_seconds)
    try:
        times = pd.date_range(start - n_warm * step, periods=n_warm + max(n_rows, 1), freq=step, name="time")
        # One resolution whatever the version of pandas, or a search among times may refuse a finer one.
        return times.as_unit("ns"), n_warm
    except (OverflowError, ValueError) as error:  # pandas' error of times out of bounds is a ValueError
        raise ValueError(f"the run from {start} on must lie between the years 1678 and 2261") from error


def _listed(items, name):
    try:
        return list(items)
    except TypeError:
        raise ValueError(f"{name} must be a list, not {items!r}") from None


def _checked_clouds(cloudy_days):
    if cloudy_days is None:
        return {}
    if not isinstance(cloudy_days, Mapping):
        raise TypeError(f"cloudy_days must be a mapping of dates to cloudiness, not {cloudy_days!r}")
    checked = {}
    for day, value in cloudy_days.items():
        try:
            stamp = pd.Timestamp(day).as_unit("ns")
        except (TypeError, ValueError, AttributeError):
            stamp = pd.NaT
        if stamp is pd.NaT or stamp.tz is not None:
            raise ValueError(f"cloudy_days must have dates such as '2015-10-01' as keys, without a time zone, not {day!r}")
        checked[stamp] = checked_fraction(value, "cloudy_days")
    return checked


def _checked_warmer(warmer, n_units):
    try:
        values = np.asarray(warmer, dtype=float)
    except (TypeError, ValueError):
        values = np.array(np.nan)
    if values.shape not in ((), (n_units,)) or not (np.abs(values) <= WARMEST).all():
        raise ValueError(f"warmer must be one number from -{WARMEST:g} to {WARMEST:g} °C, or {n_units} of them, not "
                         f"{warmer!r}")
    return values


def _check(items, wanted, first, last, n_units):
    seen = {}
    for item in items:
        name = type(item).__name__
        if not isinstance(item, wanted):
            raise ValueError(f"{item!r} is none of the {wanted.__name__.lower()}s of mupy_helpers.simulate.")
        if item.unit >= n_units:
            raise ValueError(f"{name}: there is no unit {item.unit}; the run has units 0 to {n_units - 1}.")
        if item.start < first or item.start > last:
            raise ValueError(f"{name}: start {item.start} lies outside the run ({first} to {last}).")
        sensor = getattr(item, "sensor", None)
        if isinstance(item, kinds.SensorFault) and sensor not in CHANNELS:
            raise ValueError(f"{name}: there is no channel {sensor!r}; choose one of {', '.join(CHANNELS)}.")
        for other in seen.setdefault((name, item.unit, sensor), []):
            if item.start < other.end and other.start < item.end:
                raise ValueError(f"{name}: two on unit {item.unit} overlap, at {other.start} and {item.start}; "
                                 "join or move them.")
        seen[name, item.unit, sensor].append(item)


def _rows(times, item):
    # Something shorter than a step still shows in the row that it falls into.
    first = times.searchsorted(item.start)
    return slice(first, max(times.searchsorted(item.end), first + 1))


def _inputs(store, weather, times, n_units, items, step_seconds):
    shape = weather.ambient.shape
    parameters = store.spread(n_units)
    # The controller looks at the sun of the last quarter of an hour, so that a small cloud does not stop the drive.
    width = max(int(round(900 / step_seconds)), 1)
    total = np.cumsum(np.vstack([np.zeros((width, n_units)), weather.irradiance]), axis=0)
    sun = (total[width:] - total[:-width]) / width
    solar = _hysteresis(sun, parameters["sun_start"], parameters["sun_stop"])
    inputs = Inputs(
        ambient=weather.ambient, sun=sun, solar=solar, grid=np.zeros(shape, dtype=bool),
        power=np.ones(shape, dtype=bool), charge=np.ones(shape), fouling=np.zeros(shape),
        door=np.zeros(shape), fan=np.ones(shape),
        load=np.zeros(shape), load_temperature=np.zeros(shape),
        reset=np.zeros(shape, dtype=bool),
    )
    inputs.reset[1:] = (times.normalize()[1:] != times.normalize()[:-1])[:, None]
    for item in items:
        rows, unit = _rows(times, item), item.unit
        if isinstance(item, kinds.SlowLeak):
            passed = (times[rows] - item.start).total_seconds().to_numpy() / 86400
            inputs.charge[rows, unit] = np.maximum(1 - item.rate * passed - item.growth * passed**2 / 2, 0.0)
            inputs.reset[rows.stop:rows.stop + 1, unit] = True
        elif isinstance(item, kinds.DoorAjar):
            inputs.door[rows, unit] = np.maximum(inputs.door[rows, unit], item.fraction)
        elif isinstance(item, kinds.DoorOpening):
            inputs.door[rows, unit] = 1.0
        elif isinstance(item, kinds.FanFailure):
            passed = (times[rows] - item.start).total_seconds().to_numpy() / 86400
            worn = 1 - (1 - item.fraction_worn) * passed / max(item.wear_days, 1e-9)
            inputs.fan[rows, unit] = np.where(passed < item.wear_days, worn, item.fraction_left)
        elif isinstance(item, kinds.CondenserFouling):
            passed = (times[rows] - item.start).total_seconds().to_numpy() / 86400
            inputs.fouling[rows, unit] = item.per_day * passed
            inputs.reset[rows.stop:rows.stop + 1, unit] = True
        elif isinstance(item, kinds.PowerCut):
            inputs.power[rows, unit] = False
        elif isinstance(item, kinds.GridPower):
            inputs.grid[rows, unit] = True
        elif isinstance(item, kinds.WarmLoad):
            seconds = (rows.stop - rows.start) * step_seconds
            share = -np.log(1 - min(item.fraction, 0.95))
            inputs.load[rows, unit] = parameters["crop_capacity"][unit] * share / seconds
            inputs.load_temperature[rows, unit] = item.temperature
            inputs.door[rows, unit] = np.maximum(inputs.door[rows, unit], item.fraction_open)
    return inputs


def _hysteresis(values, start, stop):
    """Return a switch that closes above `start`, opens below `stop` and keeps its state in between."""
    change = np.where(values > start, 1, np.where(values < stop, -1, 0))
    last = np.maximum.accumulate(np.where(change != 0, np.arange(len(values))[:, None], 0), axis=0)
    return np.take_along_axis(change, last, axis=0) > 0


def _cloudy(cloudy_days, first, last, n_units):
    """Return the known days without much sun as events, for all units: no faults, and yet unlike other days."""
    days = [pd.Timestamp(day).normalize() for day, value in (cloudy_days or {}).items() if value >= NAMED_CLOUDINESS]
    return [kinds.CloudyDay(day, day + pd.Timedelta(days=1), unit) for day in days if first <= day <= last
            for unit in range(n_units)]


def _truth(plant, inputs, weather, store, n_units):
    parameters = store.spread(n_units)
    liquid = plant["tes_bulk"] - parameters["tes_freezing_end"]
    span = parameters["tes_melting_end"] - parameters["tes_freezing_end"]
    return {
        "refrigerant_charge": inputs.charge, "suction_pressure": saturation_pressure(plant["evaporating"]),
        "evaporating_temp": plant["evaporating"], "room_temp": plant["room"], "crop_temp": plant["crop"],
        "tes_ice": np.clip(1 - liquid / span, 0, 1), "cooling_power": plant["cooling"],
        "irradiance": weather.irradiance,
    }


def saturation_pressure(temperature):
    """Return the saturation pressure of R134a in bar (absolute) at a temperature in °C.

    An Antoine curve through the tabulated points −26.07 °C 1.013 bar, 0 °C 2.928 bar and 25 °C 6.654 bar
    (ASHRAE Handbook, *Fundamentals*, thermophysical properties of refrigerants).
    """
    return np.exp(ANTOINE_A - ANTOINE_B / (np.asarray(temperature) + ANTOINE_C))


def _antoine(points):
    """Return A, B, C of ln p = A - B / (T + C) through three points (T, p)."""
    (t1, p1), (t2, p2), (t3, p3) = points
    slope12, slope23 = (np.log(p2) - np.log(p1)) / (t2 - t1), (np.log(p3) - np.log(p2)) / (t3 - t2)
    c = (slope23 * t3 - slope12 * t1) / (slope12 - slope23)
    b = slope12 * (t1 + c) * (t2 + c)
    return np.log(p1) + b / (t1 + c), b, c


ANTOINE_A, ANTOINE_B, ANTOINE_C = _antoine([(-26.07, 1.013), (0.0, 2.928), (25.0, 6.654)])


def _frame(columns, times, n_units):
    if n_units == 1:
        return pd.DataFrame({name: values[:, 0] for name, values in columns.items()}, index=times)
    index = pd.MultiIndex.from_product([range(n_units), times], names=["unit", "time"])
    return pd.DataFrame({name: values.T.ravel() for name, values in columns.items()}, index=index)


def _events(items, plant, times):
    rows = []
    for item in sorted(items, key=lambda item: (item.unit, item.start)):
        when = pd.NaT
        switch = {"slow_leak": "trip", "condenser_fouling": "high_trip"}.get(item.kind)
        if switch is not None:
            span = _rows(times, item)
            hits = np.flatnonzero(plant[switch][span, item.unit])
            when = times[span.start + hits[0]] if len(hits) else pd.NaT
        rows.append((item.unit, item.kind, item.channel, item.start, item.end, when,
                     not isinstance(item, kinds.Operation)))
    events = pd.DataFrame(rows, columns=EVENT_COLUMNS)
    return events.astype({"start": "datetime64[ns]", "end": "datetime64[ns]", "trip": "datetime64[ns]",
                          "unit": "int64", "is_fault": bool})
