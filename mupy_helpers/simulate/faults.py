"""What can go wrong with a cold store: faults of the machine and faults of its sensors."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from mupy_helpers.checks import checked_count, checked_fraction, checked_number, checked_switch

LARGEST = 1e6  # of rates, readings and temperatures: beyond it the sums of the simulation overflow


@dataclass(frozen=True)
class Fault:
    """One fault of one unit between two times.

    Parameters
    ----------
    start, end : str or pandas.Timestamp
        True onset, and the moment of repair (not included).
    unit : int, default 0
        Which store has the fault.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    unit: int = 0

    kind = "fault"
    channel = ""

    def __post_init__(self):
        for name in ("start", "end"):
            object.__setattr__(self, name, _time(self, name))
        if self.end <= self.start:
            raise ValueError(f"{type(self).__name__}: end {self.end} is not after start {self.start}; swap them.")
        if isinstance(self.unit, bool) or not isinstance(self.unit, int) or self.unit < 0:
            raise ValueError(f"{type(self).__name__}: unit must be 0, 1, 2, ...; got {self.unit!r}.")
        for field in fields(self):
            value, name = getattr(self, field.name), f"{type(self).__name__}: {field.name}"
            if field.name.startswith("fraction"):
                object.__setattr__(self, field.name, checked_fraction(value, name))
            elif field.type == "float":
                object.__setattr__(self, field.name, checked_number(value, name))
                if abs(value) > LARGEST:
                    raise ValueError(f"{name} must be at most {LARGEST:g}, not {value}")
            elif field.type == "bool":
                checked_switch(value, name)
            elif field.type == "str" and not isinstance(value, str):
                raise TypeError(f"{name} must be the name of a channel, not {value!r}")


@dataclass(frozen=True)
class SlowLeak(Fault):
    """Refrigerant escapes through a crack that grows.

    The share of the charge lost after d days is ``rate * d + growth * d**2 / 2``.

    Parameters
    ----------
    start, end, unit
        As in `Fault`; at the end the leak is closed and the charge is full again.
    rate : float, default 0.02
        Share of the full charge lost per day at the onset.
    growth : float, default 0.205
        Increase of that rate per day.
    """

    rate: float = 0.02
    growth: float = 0.205

    kind = "slow_leak"
    channel = "refrigerant_charge"

    def __post_init__(self):
        super().__post_init__()
        if self.rate < 0 or self.growth < 0 or self.rate + self.growth == 0:
            raise ValueError("SlowLeak: rate and growth must not be negative, and one of them must be above 0.")


@dataclass(frozen=True)
class DoorAjar(Fault):
    """The door does not close: warm, damp air comes in.

    Parameters
    ----------
    start, end, unit
        As in `Fault`.
    fraction : float, default 0.3
        How far the door is open, 0 to 1.
    seen : bool, default False
        Whether the door's switch notices. A door ajar by a hand's width often still presses it.
    """

    fraction: float = 0.3
    seen: bool = False

    kind = "door_ajar"
    channel = "door_open"


@dataclass(frozen=True)
class FanFailure(Fault):
    """The fan of the cooling coil stands still although the controller asks for it.

    Parameters
    ----------
    start, end, unit
        As in `Fault`.
    fraction_left : float, default 0.12
        Share of the coil's heat transfer that natural convection keeps.
    wear_days : float, default 0
        Days from the start in which the bearing wears, before the fan stands still: it turns ever slower, and the
        coil's heat transfer falls in proportion to time.
    fraction_worn : float, default 0.45
        Share of the coil's heat transfer that is left at the end of the wear.
    """

    fraction_left: float = 0.12
    wear_days: float = 0.0
    fraction_worn: float = 0.45

    kind = "fan_failure"
    channel = "fan_1"

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.wear_days < (self.end - self.start).total_seconds() / 86400:
            raise ValueError("FanFailure: wear_days must be at least 0 and end before the repair; "
                             f"got {self.wear_days}.")

    @property
    def stop(self):
        """Return when the fan stands still."""
        return self.start + pd.Timedelta(days=self.wear_days).round("s")


@dataclass(frozen=True)
class CondenserFouling(Fault):
    """Dust settles on the condenser: it gets hotter day by day, until the high-pressure switch trips at noon.

    Parameters
    ----------
    start, end, unit
        As in `Fault`; at the end the condenser is clean again.
    per_day : float, default 3.0
        Growth of the condensing temperature per day in °C, above that of a clean condenser.
    """

    per_day: float = 3.0

    kind = "condenser_fouling"
    channel = "high_pressure"

    def __post_init__(self):
        super().__post_init__()
        if not self.per_day > 0:
            raise ValueError(f"CondenserFouling: per_day must be above 0; got {self.per_day}.")


@dataclass(frozen=True)
class PowerCut(Fault):
    """Neither the solar drive nor the grid delivers: compressor and fan stand still."""

    kind = "power_cut"
    channel = "solar_relay"


@dataclass(frozen=True)
class SensorFault(Fault):
    """A fault of one sensor; the store itself does not feel it.

    Parameters
    ----------
    start, end, unit
        As in `Fault`.
    sensor : str, default "room_temp"
        The measured channel that lies.
    """

    sensor: str = "room_temp"

    @property
    def channel(self):
        """Return the channel that lies."""
        return self.sensor


@dataclass(frozen=True)
class StuckSensor(SensorFault):
    """The sensor repeats its last good reading."""

    kind = "stuck_sensor"


@dataclass(frozen=True)
class SensorDrift(SensorFault):
    """The sensor's error grows in proportion to time.

    Parameters
    ----------
    start, end, unit, sensor
        As in `SensorFault`.
    per_day : float, default 0.5
        Growth of the error per day, in the channel's unit.
    """

    per_day: float = 0.5

    kind = "sensor_drift"


@dataclass(frozen=True)
class SensorGlitches(SensorFault):
    """Single wild readings.

    Parameters
    ----------
    start, end, unit, sensor
        As in `SensorFault`.
    value : float, default -4.0
        What the sensor reads at a glitch, in the channel's unit.
    count : int or None, default None
        How many samples between start and end are wild, drawn at random; None means all of them.
    """

    value: float = -4.0
    count: int | None = None

    kind = "sensor_glitch"

    def __post_init__(self):
        super().__post_init__()
        if self.count is not None:
            checked_count(self.count, "SensorGlitches: count")


@dataclass(frozen=True)
class Operation(Fault):
    """Something that people do and that is no fault."""

    kind = "operation"


@dataclass(frozen=True)
class DoorOpening(Operation):
    """Somebody goes in or out, and the door's switch sees it."""

    kind = "door_opening"
    channel = "door_open"


@dataclass(frozen=True)
class WarmLoad(Operation):
    """Fresh crop at field temperature is brought in and replaces cold crop.

    Parameters
    ----------
    start, end, unit
        As in `Fault`; the crop is carried in between them.
    fraction : float, default 0.15
        Share of the store's crop that is exchanged.
    temperature : float, default 28.0
        Temperature of the fresh crop in °C.
    fraction_open : float, default 0.05
        How far the curtain behind the door lets air through while the crop is carried in, 0 to 1.
    """

    fraction: float = 0.15
    temperature: float = 28.0
    fraction_open: float = 0.05

    kind = "warm_load"
    channel = "room_temp"


@dataclass(frozen=True)
class CloudyDay(Operation):
    """A day with little sun, listed among the events; `cloudy_days` of the simulation makes it."""

    kind = "cloudy_day"
    channel = "solar_relay"


@dataclass(frozen=True)
class GridPower(Operation):
    """The grid, or a hired generator, is there beside the sun."""

    kind = "grid_power"
    channel = "grid_available"


def _time(fault, name):
    value = getattr(fault, name)
    try:
        time = pd.Timestamp(value)
        time = time if time is pd.NaT else time.as_unit("ns")
    except (ValueError, TypeError) as error:
        message = f"{type(fault).__name__}: {name} {value!r} is not a time; write '2015-10-20 18:00'."
        raise ValueError(message) from error
    if time is pd.NaT:
        raise ValueError(f"{type(fault).__name__}: {name} is missing; write a time such as '2015-10-20 18:00'.")
    if time.tzinfo is not None:
        raise ValueError(f"{type(fault).__name__}: {name} has a time zone; the simulation runs in local time, drop it.")
    return time
