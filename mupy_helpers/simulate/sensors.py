"""From the state of a cold store to what its logger writes: 35 channels with noise, resolution and sensor faults."""

from __future__ import annotations

import numpy as np

from .faults import SensorDrift, SensorFault, SensorGlitches, StuckSensor
from .signals import autoregression, follow

CHANNELS = (
    "dc_bus_voltage", "battery_voltage", "load_current", "high_pressure", "low_pressure", "motor_protector",
    "grid_available", "room_temp", "amb_temp", "amb_humidity", "tes_temp_1", "tes_temp_2", "room_humidity", "frequency",
    "drive_current", "drive_power", "drive_fault", "power", "crop", "mode", "power_input", "fan_valve", "tes_valve_1",
    "fan_1", "cdu_fan_1", "cdu_fan_2", "grid_relay", "solar_relay", "compressor", "panel_box_fan", "humidifier",
    "heater", "tank_full", "door_open", "pressure",
)
UNITS = {
    "dc_bus_voltage": "V", "battery_voltage": "V", "load_current": "A", "room_temp": "°C", "amb_temp": "°C",
    "amb_humidity": "%", "tes_temp_1": "°C", "tes_temp_2": "°C", "room_humidity": "%", "frequency": "Hz",
    "drive_current": "A", "drive_power": "kW", "pressure": "not published",
}
# Current in A that each switched consumer draws from the battery.
CONSUMERS = {
    "fan_1": 8.4, "humidifier": 1.2, "panel_box_fan": 0.6, "cdu_fan_1": 2.6, "cdu_fan_2": 2.6, "heater": 27.0,
}
CONSTANT = {
    "motor_protector": 0, "drive_fault": 0, "power_input": 0, "power": 1, "crop": 1, "mode": 1,
}


def measure(plant, inputs, humidity, irradiance, door_switch, rngs, step_seconds) -> dict:
    """Turn the plant's states into the logger's channels.

    Parameters
    ----------
    plant : dict of numpy.ndarray
        Result of `run_plant`.
    inputs : Inputs
        What acted on the plant.
    humidity, irradiance : numpy.ndarray, shape (steps, units)
        Outdoor relative humidity in % and sunlight in W/m².
    door_switch : numpy.ndarray of bool, shape (steps, units)
        Whether the door's switch sees it open.
    rngs : list of numpy.random.Generator
        One generator per unit, so that a unit's noise does not depend on the number of units.
    step_seconds : float
        Length of a step in seconds.

    Returns
    -------
    dict of numpy.ndarray, shape (steps, units)
        One array for each name in `CHANNELS`; analogue channels carry one decimal, switches are 0 or 1.
    """
    shape = plant["room"].shape

    def noise(memory_seconds=0.0):
        white = np.column_stack([rng.standard_normal(shape[0]) for rng in rngs])
        return autoregression(white, np.exp(-step_seconds / memory_seconds)) if memory_seconds else white

    running, valve = plant["running"], plant["discharging"]
    solar = inputs.solar & inputs.power & ~plant["locked"]
    grid_relay = running & ~inputs.solar & inputs.grid
    fan = running | valve
    busy = _extend(running, int(round(600 / step_seconds)))
    out = {name: np.full(shape, value) for name, value in CONSTANT.items()}
    out["room_temp"] = plant["room"] + 0.08 * noise() + 0.12 * noise(1200)
    out["tes_temp_1"] = plant["tes_top"] + 0.08 * noise()
    out["tes_temp_2"] = plant["brine"] + 0.08 * noise()
    out["amb_temp"] = inputs.ambient + 0.15 * noise()
    out["amb_humidity"] = _outdoor_hygrometer(humidity + 0.8 * noise(600))
    humidified = solar | grid_relay
    out["room_humidity"] = _room_humidity(fan, door_switch, humidified, noise(9000), noise(), step_seconds)

    # Motor: the current grows with speed and with the density of the gas that is sucked in.
    load = np.exp(0.028 * (plant["evaporating"] + 12.0)) * (1 + 0.006 * (inputs.ambient + inputs.fouling - 30.0))
    current = 1.3 + (1.2 + 0.050 * plant["frequency"]) * load
    out["drive_current"] = running * np.clip(current * (1 + 0.012 * noise() + 0.015 * noise(4 * 3600)), 1.0, 9.9)
    out["frequency"] = np.where(running, np.clip(plant["frequency"] + 0.6 * noise(), 25, 87), 0.0)
    out["drive_power"] = running * out["drive_current"] * out["frequency"] * 0.0033

    out["compressor"], out["solar_relay"], out["grid_relay"] = running, solar, grid_relay
    out["grid_available"], out["low_pressure"], out["door_open"] = inputs.grid, plant["low_pressure"], door_switch
    out["high_pressure"] = plant["high_pressure"]
    out["fan_1"], out["fan_valve"] = fan, valve
    out["tes_valve_1"] = _extend(running, int(round(360 / step_seconds)))
    out["cdu_fan_1"] = _extend(running, int(round(180 / step_seconds)))
    out["cdu_fan_2"] = running & (inputs.ambient > 25.0)
    out["humidifier"] = humidified
    box = follow(inputs.ambient + 6.0 * running, 4500 / step_seconds)
    out["panel_box_fan"] = box > 32.5
    # The crankcase heater keeps refrigerant out of the oil of a compressor that has not run for long, in cool air.
    out["heater"] = ~_extend(running, int(round(19 * 3600 / step_seconds))) & (inputs.ambient < 23.5)
    out["tank_full"] = np.ones(shape, dtype=int)

    drawn = sum(ampere * out[name] for name, ampere in CONSUMERS.items())
    out["load_current"] = 11.6 + np.maximum(drawn + (0.35 + 0.2 * fan) * noise(), 0.0)
    open_circuit = 650.0 * (1 - np.exp(-irradiance / 30.0)) - 0.02 * irradiance
    bus = 4.6 + 0.7 * noise(3600) + open_circuit - running * inputs.solar * (30.0 + 0.6 * plant["frequency"])
    out["dc_bus_voltage"] = np.maximum(bus + (irradiance > 50) * 5.0 * noise(), 0.1)
    charging = np.clip(irradiance / 450.0, 0, 1)
    charge = follow(charging - 0.1 * valve, 33000 / step_seconds)
    battery = 19.75 + 12.2 * charge + 0.5 * charging - 0.5 * fan + 0.25 * noise(1800)
    out["battery_voltage"] = np.clip(battery, 16.8, 30.0)
    out["pressure"] = 28.2 + 0.72 * (inputs.ambient - 27.2) + 0.8 * busy + 0.5 * noise(1200)
    for name in CHANNELS:
        if out[name].dtype.kind == "f":
            out[name] = np.round(out[name], 1) + 0.0
        else:
            out[name] = out[name].astype(np.int8)
    return {name: out[name] for name in CHANNELS}


def _outdoor_hygrometer(humidity):
    """Return the reading of the outdoor hygrometer, which is far too dry: its curve is steep and starts late."""
    return np.clip(1.0 + 2.4 * np.expm1(0.085 * np.maximum(humidity - 32.0, 0.0)), 1.0, 91.0)


def _room_humidity(fan, door, humidified, slow, fast, step_seconds):
    """Return the humidity of the room in %: crop and humidifier wet it, the cold coil and the door dry it."""
    target = 90.5 + 3.0 * humidified - 11.0 * fan - 15.0 * door
    level = follow(target - 86.0, 3600 / step_seconds) + 86.0
    return np.clip(level + 8.0 * slow + 0.5 * fast, 20.0, 99.9)


def _extend(flags, steps):
    """Return flags that stay on for `steps` rows after they fall: a fan that runs on."""
    total = np.cumsum(flags, axis=0)
    before = np.zeros_like(total)
    before[steps + 1:] = total[:-steps - 1]
    return total > before


def apply_sensor_faults(readings, faults, times, rngs):
    """Change the readings of lying sensors in place; the store itself does not notice.

    Parameters
    ----------
    readings : dict of numpy.ndarray, shape (steps, units)
        Result of `measure`.
    faults : iterable of Fault
        Faults of the machine are passed over.
    times : pandas.DatetimeIndex
        Time of each row.
    rngs : list of numpy.random.Generator
        One generator per unit.
    """
    for fault in faults:
        if not isinstance(fault, SensorFault):
            continue
        first, last = times.searchsorted(fault.start), times.searchsorted(fault.end)
        column = readings[fault.sensor][:, fault.unit]
        if first == last:
            continue
        if isinstance(fault, StuckSensor):
            column[first:last] = column[max(first - 1, 0)]
        elif isinstance(fault, SensorDrift):
            days = (times[first:last] - fault.start).total_seconds().to_numpy() / 86400
            column[first:last] = np.round(column[first:last] + fault.per_day * days, 1)
        elif isinstance(fault, SensorGlitches):
            rows = np.arange(first, last)
            if fault.count is not None:
                rows = np.sort(rngs[fault.unit].choice(rows, size=min(fault.count, len(rows)), replace=False))
            column[rows] = fault.value
