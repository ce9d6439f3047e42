"""The same scoring over many units, in bounded memory: partitioned Parquet in, scores and alarms out."""

from mupy_helpers.fleet.files import write_fleet
from mupy_helpers.fleet.scoring import score_fleet

__all__ = ["score_fleet", "write_fleet"]
