"""Things to turn: a threshold to drag, a fault to inject; a picture of the same where there is no kernel."""

from mupy_helpers.widgets.faults import answers, fault_injector, inject
from mupy_helpers.widgets.thresholds import judge_thresholds, threshold_explorer

__all__ = ["answers", "fault_injector", "inject", "judge_thresholds", "threshold_explorer"]
