"""How good were the alarms, and how good the scores?

Areas under one curve and precision at n are not here: ``roc_auc_score`` and ``average_precision_score`` are
scikit-learn's, ``precision_n_scores`` is PyOD's.
"""

from mupy_helpers.checks import checked_alarm, checked_spans
from mupy_helpers.metrics.affiliation import affiliation_precision_recall
from mupy_helpers.metrics.alarms import (
    calls,
    events_from_labels,
    expected_cost,
    false_alarms_per_week,
    inside,
    lead_time,
    observed_weeks,
)
from mupy_helpers.metrics.nab import NAB_PROFILES, NabWeights, nab_score, nab_sweep
from mupy_helpers.metrics.ranges import point_adjust, point_adjusted_precision_recall, range_precision, range_recall
from mupy_helpers.metrics.rows import PrecisionRecall
from mupy_helpers.metrics.surface import Volumes, volume_under_surface

__all__ = [
    "NAB_PROFILES",
    "NabWeights",
    "PrecisionRecall",
    "Volumes",
    "affiliation_precision_recall",
    "calls",
    "checked_alarm",
    "checked_spans",
    "events_from_labels",
    "expected_cost",
    "false_alarms_per_week",
    "inside",
    "lead_time",
    "nab_score",
    "nab_sweep",
    "observed_weeks",
    "point_adjust",
    "point_adjusted_precision_recall",
    "range_precision",
    "range_recall",
    "volume_under_surface",
]
