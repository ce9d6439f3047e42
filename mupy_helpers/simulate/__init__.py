"""The generators behind data/: every bundled set is simulated, with its faults put in on purpose."""

from .cold_store import ColdStoreRun, simulate_cold_store
from .famous_unit import simulate_famous_unit, write_cold_store
from .faults import (
    CondenserFouling,
    DoorAjar,
    DoorOpening,
    FanFailure,
    GridPower,
    PowerCut,
    SensorDrift,
    SensorGlitches,
    SlowLeak,
    StuckSensor,
    WarmLoad,
)
from .plant import Store

__all__ = [
    "ColdStoreRun", "CondenserFouling",
    "DoorAjar", "DoorOpening", "FanFailure", "GridPower", "PowerCut", "SensorDrift", "SensorGlitches",
    "SlowLeak", "Store", "StuckSensor", "WarmLoad", "simulate_cold_store", "simulate_famous_unit", "write_cold_store",
]
