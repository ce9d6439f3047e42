"""What every detector, window, threshold and metric refuses, said in the same words everywhere."""

from mupy_helpers.checks.arguments import (
    MOST, check_callable, checked_choice, checked_count, checked_float, checked_fraction, checked_number, checked_path,
    checked_switch, file_error,
)
from mupy_helpers.checks.tables import (
    LARGEST, check_same_rows, check_unmasked, checked_alarm, checked_flags, checked_matrix, checked_readings,
    checked_rows, checked_scores, checked_spans, same_kind,
)
from mupy_helpers.checks.times import check_same_zone, checked_index, checked_length, checked_stamp, checked_times

__all__ = ["LARGEST", "MOST", "check_callable", "check_same_rows", "check_same_zone", "check_unmasked", "checked_alarm",
           "checked_choice", "checked_count", "checked_flags", "checked_float", "checked_fraction", "checked_index",
           "checked_length", "checked_matrix", "checked_number", "checked_path", "checked_readings", "checked_rows",
           "checked_scores", "checked_spans", "checked_stamp", "checked_switch", "checked_times", "file_error",
           "same_kind"]
