"""The course's data: ``load_*`` reads a bundled or simulated set, ``fetch_*`` brings a published one.

Labels come apart. Every table has its units, source and licence in ``attrs``.
"""

from mupy_helpers.datasets.beyond_sensors import (
    load_server_log,
    load_server_log_labels,
)
from mupy_helpers.datasets.bundled import (
    load_air_quality,
    load_cold_store,
    load_cold_store_events,
    load_kolkata,
    load_kolkata_labels,
    load_salaries,
    load_salaries_labels,
    load_shipments,
    load_shipments_labels,
    path,
)
from mupy_helpers.datasets.made import (
    load_card_payments,
    load_card_payments_labels,
    load_fleet,
    load_fleet_events,
    load_heartbeats,
    load_heartbeats_labels,
    load_pump,
    load_pump_labels,
)
from mupy_helpers.datasets.published import (
    SpokenDigit,
    fetch_air_quality_denver,
    fetch_ecg,
    fetch_logs,
    fetch_nab,
    fetch_nab_events,
    fetch_nab_names,
    fetch_pump,
    fetch_pump_labels,
    fetch_skab,
    fetch_skab_labels,
    fetch_skab_names,
    fetch_spoken_digits,
)
from mupy_helpers.datasets.store import FetchError, is_available, names

__all__ = [
    "FetchError",
    "SpokenDigit",
    "fetch_air_quality_denver",
    "fetch_ecg",
    "fetch_logs",
    "fetch_nab",
    "fetch_nab_events",
    "fetch_nab_names",
    "fetch_pump",
    "fetch_pump_labels",
    "fetch_skab",
    "fetch_skab_labels",
    "fetch_skab_names",
    "fetch_spoken_digits",
    "is_available",
    "load_air_quality",
    "load_card_payments",
    "load_card_payments_labels",
    "load_cold_store",
    "load_cold_store_events",
    "load_fleet",
    "load_fleet_events",
    "load_heartbeats",
    "load_heartbeats_labels",
    "load_kolkata",
    "load_kolkata_labels",
    "load_pump",
    "load_pump_labels",
    "load_salaries",
    "load_salaries_labels",
    "load_server_log",
    "load_server_log_labels",
    "load_shipments",
    "load_shipments_labels",
    "names",
    "path",
]
