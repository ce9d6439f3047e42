"""The course's data: ``load_*`` reads a bundled set, ``fetch_*`` brings a published one, labels come apart.

Every table has its units, source and licence in ``attrs``.
"""

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

__all__ = [
    "load_air_quality",
    "load_cold_store",
    "load_cold_store_events",
    "load_kolkata",
    "load_kolkata_labels",
    "load_salaries",
    "load_salaries_labels",
    "load_shipments",
    "load_shipments_labels",
    "path",
]
