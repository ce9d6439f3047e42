"""The machine: room, crop, thermal store, compressor and its controller, step by step, for many units at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

LARGEST = 1e9  # of the parameters of a store
DIVISORS = ("air_capacity", "crop_capacity", "tes_top_capacity", "tes_water_capacity", "tes_ice_capacity",
            "tes_latent_heat", "evaporator_conductance", "suction_fall", "suction_rise", "coil_lag")


@dataclass(frozen=True)
class Store:
    """Parameters of a cold store; each is a number or an array with one value per unit.

    The defaults are calibrated on the published summary of the famous unit and lie in the range of a walk-in store
    for one to two tonnes of crop with a thermal store (TES) of water and ice.
    """

    # Heat: kW/K, kJ/K, kJ, kW, °C; the share of the walls that is floor loses its heat to the ground.
    wall_conductance: float = 0.0346
    ground_share: float = 0.182
    ground_temperature: float = 22.5
    door_conductance: float = 0.25
    air_capacity: float = 420.0
    crop_capacity: float = 5020.0
    crop_conductance: float = 0.36
    crop_respiration: float = 0.03
    coil_conductance: float = 0.47
    coil_share_discharging: float = 0.38
    tes_conductance: float = 0.0108
    tes_top_conductance: float = 0.00414
    tes_top_capacity: float = 90.0
    tes_mixing_still: float = 0.028
    tes_mixing_pumped: float = 0.25
    tes_return_share: float = 0.45
    tes_water_capacity: float = 900.0
    tes_ice_capacity: float = 400.0
    tes_latent_heat: float = 78000.0
    tes_freezing_end: float = -0.4
    tes_melting_end: float = 0.9
    brine_resistance: float = 0.6
    # Refrigeration: kW at full speed, kW/K, °C, share; the lags in seconds.
    cooling_capacity: float = 6.7
    evaporator_conductance: float = 0.6
    pump_down: float = -55.0
    starvation_at_rest: float = 0.35
    suction_fall: float = 150.0
    suction_rise: float = 990.0
    coil_lag: float = 600.0
    # Power: W/m² and Hz.
    sun_start: float = 342.0
    sun_stop: float = 272.0
    hertz_per_sun: float = 0.105
    grid_hertz: float = 55.0
    # Controller: °C, except the waits in seconds.
    full_tes: float = -1.53
    full_room: float = 0.4
    restart_tes: float = -0.2
    restart_room: float = 2.5
    discharge_start: float = 7.7
    discharge_stop: float = 6.7
    freeze_limit: float = -20.0
    freeze_wait: float = 900.0
    low_pressure_cut_out: float = -29.0
    low_pressure_cut_in: float = -14.0
    high_pressure_cut_out: float = 62.0
    condensing_rise: float = 12.0
    trip_wait: float = 1200.0
    trips_to_lock: float = 3.0

    def spread(self, n_units):
        """Return the parameters as a dictionary of arrays of shape (n_units,).

        Parameters
        ----------
        n_units : int
        """
        spread = {}
        for field in fields(self):
            try:
                value = np.asarray(getattr(self, field.name), dtype=float)
            except (TypeError, ValueError):
                raise ValueError(f"Store: {field.name} must be a number, not {getattr(self, field.name)!r}") from None
            if value.ndim and value.shape != (n_units,):
                raise ValueError(f"Store: {field.name} has shape {value.shape}; give one number or {n_units} numbers.")
            if not (np.abs(value) <= LARGEST).all():
                raise ValueError(f"Store: {field.name} must be a number up to {LARGEST:g}, not {value}")
            if field.name in DIVISORS and not (value > 0).all():
                raise ValueError(f"Store: {field.name} must be above 0, not {value}")
            spread[field.name] = np.array(np.broadcast_to(value, (n_units,)))
        return spread


def draw_stores(n_units, seed) -> Store:
    """Draw stores that differ in insulation, size, machine, load and controller.

    Parameters
    ----------
    n_units : int
        Number of stores. Unit 0 is the reference store; unit k is the same whatever the number of units.
    seed : int
        Seed of the draw.

    Returns
    -------
    Store
        Parameters as arrays of shape (n_units,).
    """
    reference = Store()
    names = {
        "wall_conductance": 0.12, "crop_capacity": 0.20, "crop_respiration": 0.25, "tes_latent_heat": 0.10,
        "cooling_capacity": 0.06, "evaporator_conductance": 0.05, "hertz_per_sun": 0.06,
    }
    shifts = {"full_tes": 0.2, "full_room": 0.3, "discharge_start": 0.5}
    values = {name: np.full(n_units, getattr(reference, name)) for name in [*names, *shifts, "discharge_stop"]}
    for unit in range(1, n_units):
        rng = np.random.default_rng([seed, unit, 3])
        for name, spread in names.items():
            values[name][unit] *= np.exp(spread * np.clip(rng.standard_normal(), -2, 2))
        for name, spread in shifts.items():
            values[name][unit] += spread * np.clip(rng.standard_normal(), -2, 2)
        values["discharge_stop"][unit] = values["discharge_start"][unit] - 1.0
    return Store(**values)


@dataclass
class Inputs:
    """What acts on the plant; every array has shape (steps, units).

    `solar` says whether the sun suffices for the drive, `grid` whether the grid is there, `sun` is the smoothed
    irradiance in W/m², `charge` the share of the refrigerant that is left, `fouling` by how many °C dust
    makes the condenser hotter, `door` how far the door is open, `fan`
    the share of the coil's heat transfer that works, `power` whether any power can be delivered, `load` the heat
    capacity of fresh crop carried in per second (kW/K), `load_temperature` its temperature, and `reset` clears the
    controller's lock (at midnight, and by the repairer).
    """

    ambient: np.ndarray
    sun: np.ndarray
    solar: np.ndarray
    grid: np.ndarray
    power: np.ndarray
    charge: np.ndarray
    fouling: np.ndarray
    door: np.ndarray
    fan: np.ndarray
    load: np.ndarray
    load_temperature: np.ndarray
    reset: np.ndarray


STATES = ("room", "crop", "tes_bulk", "tes_top", "brine", "evaporating", "cooling")
SWITCHES = ("running", "discharging", "low_pressure", "high_pressure", "locked", "trip", "high_trip")


def evaporator_feed(charge):
    """Return the share of the evaporator that liquid refrigerant still reaches, 0.02 to 1, for a charge of 0 to 1.

    A receiver keeps the first three per cent of a loss from the evaporator; below it the feed falls ever faster.
    """
    return np.clip((np.asarray(charge) - 0.15) / 0.82, 0.02, 1.0) ** 0.8


def run_plant(store: Store, inputs: Inputs, step_seconds, progress=None) -> dict:
    """Step the plant through time.

    Parameters
    ----------
    store : Store
        Parameters.
    inputs : Inputs
        Weather, power, faults and people, on the grid of the simulation.
    step_seconds : float
        Length of a step in seconds.
    progress : callable, optional
        Called now and then with the share of the steps that is done, 0 to 1.

    Returns
    -------
    dict of numpy.ndarray, shape (steps, units)
        The states in °C and kW, the switches as booleans, and `frequency` in Hz.
    """
    steps, n_units = inputs.ambient.shape
    s = store.spread(n_units)
    feed = evaporator_feed(inputs.charge)
    frequency = np.clip(s["hertz_per_sun"] * inputs.sun, 30.0, 87.0)
    frequency = np.where(inputs.solar, frequency, s["grid_hertz"])
    # All that depends on the inputs alone is computed before the loop; the loop holds only what feeds back.
    # A fouled condenser works as in air that is so much warmer.
    air = inputs.ambient + inputs.fouling
    capacity = (frequency / 87.0) * s["cooling_capacity"] * (1 - 0.01 * (air - 30.0)) * feed
    too_hot = air + s["condensing_rise"] * frequency / 87.0 > s["high_pressure_cut_out"]
    starved, starved_at_rest = 1 - feed, s["starvation_at_rest"] * (1 - feed)
    coil_conductance = s["coil_conductance"] * inputs.fan
    ready = (inputs.solar | inputs.grid) & inputs.power
    outside = (1 - s["ground_share"]) * inputs.ambient + s["ground_share"] * s["ground_temperature"]
    door = s["door_conductance"] * inputs.door
    leak_out, leak_in = s["wall_conductance"] + door, s["wall_conductance"] * outside + door * inputs.ambient
    dt = float(step_seconds)
    out = {name: np.empty((steps, n_units)) for name in STATES}
    out |= {name: np.zeros((steps, n_units), dtype=bool) for name in SWITCHES}
    records = [out[name] for name in STATES + SWITCHES]

    room, crop = np.full(n_units, 6.0), np.full(n_units, 6.0)
    heat = -0.5 * s["tes_latent_heat"]
    bulk, brine, top = np.zeros(n_units), np.zeros(n_units), np.full(n_units, 3.0)
    evaporating, coil, cooling = np.zeros(n_units), np.zeros(n_units), np.zeros(n_units)
    wait, trips = np.zeros(n_units), np.zeros(n_units)
    running, full, discharge, low, high = (np.zeros(n_units, dtype=bool) for _ in range(5))

    fall, rise, coil_gain = (1 - np.exp(-dt / s[name]) for name in ("suction_fall", "suction_rise", "coil_lag"))
    mushy = (s["tes_melting_end"] - s["tes_freezing_end"]) / s["tes_latent_heat"]
    latent, per_air, per_top = s["tes_latent_heat"], dt / s["air_capacity"], dt / s["tes_top_capacity"]
    per_crop, load = dt / s["crop_capacity"], inputs.load.any(axis=1)
    reset = inputs.reset.any(axis=1)
    pumped_extra = s["tes_mixing_pumped"] - s["tes_mixing_still"]
    for t in range(steps):
        if progress is not None and t % 1000 == 0:
            progress(t / steps)
        ambient = inputs.ambient[t]
        # Controller.
        frozen = running & (coil < s["freeze_limit"])
        trip = running & (evaporating < s["low_pressure_cut_out"])
        low = trip | (low & (evaporating < s["low_pressure_cut_in"]))
        high_trip = running & too_hot[t]
        high = high_trip | (high & (wait > 0))
        if np.count_nonzero(frozen | trip | high_trip):
            tripped = trip | high_trip
            wait = np.maximum(wait, np.maximum(frozen * s["freeze_wait"], tripped * s["trip_wait"]) + dt)
            trips = trips + tripped
        if reset[t]:
            trips = trips * ~inputs.reset[t]
        wait = wait - dt
        locked = trips >= s["trips_to_lock"]
        full = full | (bulk < s["full_tes"]) | (room < s["full_room"])
        full = full & ~((bulk > s["restart_tes"]) & (room > s["restart_room"]))
        running = ready[t] & ~(full | low | locked) & (wait <= 0)
        discharge = (discharge | (room > s["discharge_start"])) & (room > s["discharge_stop"])
        valve = discharge & ~running & (brine < room - 1.0) & inputs.power[t]
        # Refrigeration: the suction line is pumped down faster than it fills again.
        target = brine - cooling / s["evaporator_conductance"]
        target = target + np.where(running, starved[t], starved_at_rest[t]) * (s["pump_down"] - target)
        evaporating = evaporating + np.where(running, fall, rise) * (target - evaporating)
        coil = coil + np.where(running, coil_gain, rise) * (evaporating - coil)
        cooling = running * capacity[t] * np.maximum(1 + 0.03 * (evaporating + 10.0), 0.05)
        brine = bulk - s["brine_resistance"] * cooling
        # Heat.
        warmer = room - brine
        from_room = (running + valve * s["coil_share_discharging"]) * coil_conductance[t] * warmer
        from_crop = s["crop_conductance"] * (crop - room)
        heat = heat + dt * (from_room - cooling + s["tes_conductance"] * (ambient - bulk)
                            + s["tes_mixing_still"] * (top - bulk))
        mixing = s["tes_mixing_still"] + (running | valve) * pumped_extra
        flow = brine + valve * s["tes_return_share"] * warmer
        top = top + per_top * (s["tes_top_conductance"] * (ambient - top) + mixing * (flow - top))
        room = room + per_air * (leak_in[t] - leak_out[t] * room + from_crop - from_room)
        into_crop = s["crop_respiration"] - from_crop
        if load[t]:
            into_crop = into_crop + inputs.load[t] * (inputs.load_temperature[t] - crop)
        crop = crop + per_crop * into_crop
        solid = heat + latent
        bulk = (s["tes_freezing_end"] + mushy * np.minimum(np.maximum(solid, 0.0), latent)
                + np.maximum(heat, 0.0) / s["tes_water_capacity"] + np.minimum(solid, 0.0) / s["tes_ice_capacity"])
        for store_to, value in zip(records, (room, crop, bulk, top, brine, evaporating, cooling,
                                             running, valve, low, high, locked, trip, high_trip)):
            store_to[t] = value
    out["frequency"] = np.where(out["running"], frequency, 0.0)
    return out
