"""Your own data: a table of readings in, what is wrong with it, scores, alarms and a report out (lesson 10)."""

from mupy_helpers.own_data.inspecting import Findings, inspect
from mupy_helpers.own_data.page import write_report
from mupy_helpers.own_data.reading import TableError, read_table
from mupy_helpers.own_data.scoring import Scored, score

__all__ = ["Findings", "Scored", "TableError", "inspect", "read_table", "score", "write_report"]
