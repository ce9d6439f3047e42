"""Load what lesson 09 looks at: a server's log, heart sounds, the words of the course; labels come apart."""

import gzip
import re

import pandas as pd

from mupy_helpers.datasets.bundled import describe, path

LOG_LINE = re.compile(r"(\d{6} \d{6}) (\d+) (\w+) ([\w.]+): (.*)")


def load_server_log():
    """Load the log of a file system over an evening: the lives of 500 blocks, 16 of them odd.

    ``mupy_helpers.datasets.path("server_log")`` is the file with the raw lines.

    Returns
    -------
    DataFrame
        Index ``line`` (from 0, in the order of the log), columns ``time`` (to the second), ``thread`` (int),
        ``level`` (``"INFO"`` or ``"WARN"``), ``component`` and ``message``, which names its block: ``blk_`` and a
        number.

    References
    ----------
    The idea is that of Xu, W. et al. (2009), "Detecting large-scale system problems by mining console logs", SOSP.
    """
    with gzip.open(path("server_log"), "rt", encoding="ascii") as stream:
        rows = [LOG_LINE.fullmatch(line.rstrip("\n")).groups() for line in stream]
    table = pd.DataFrame(rows, columns=["time", "thread", "level", "component", "message"]).rename_axis("line")
    table["time"] = pd.to_datetime(table["time"], format="%y%m%d %H%M%S").dt.as_unit("ns")
    return describe(
        table.astype({"thread": "int64"}),
        units={"time": "to the second", "thread": "a number", "level": "INFO or WARN", "component": "a name",
               "message": "text"},
        description="Log of a simulated distributed file system: 500 blocks, 16 of them odd in one of five ways.",
    )


def load_server_log_labels(kinds=False):
    """Load which blocks of the log are odd.

    Parameters
    ----------
    kinds : bool
        True returns in what way instead: ``"lost_replica"``, ``"write_error"``, ``"added_twice"``,
        ``"wrong_order"``, ``"slow"``, else an empty string.

    Returns
    -------
    Series of int or str, shape (500,)
        1 for an odd block, else 0; index ``block`` in the order of allocation.
    """
    table = pd.read_csv(path("server_log_labels"), index_col="block", keep_default_na=False)
    labels = table["kind" if kinds else "is_anomaly"]
    return describe(labels, {} if kinds else {"is_anomaly": "1 = anomaly"}, "Labels of the set 'server_log'.")
