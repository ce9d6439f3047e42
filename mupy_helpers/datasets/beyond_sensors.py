"""Load what lesson 09 looks at: a server's log, heart sounds, the words of the course; labels come apart."""

import gzip
import re
from pathlib import Path

import pandas as pd

from mupy_helpers.checks import checked_switch
from mupy_helpers.datasets.bundled import describe, path

COURSE_WORDS = Path(__file__).with_name("course_words.csv")  # here, because it cannot be simulated: a wheel has it too
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
    kinds = checked_switch(kinds, "kinds")
    table = pd.read_csv(path("server_log_labels"), index_col="block", keep_default_na=False)
    labels = table["kind" if kinds else "is_anomaly"]
    return describe(labels, {} if kinds else {"is_anomaly": "1 = anomaly"}, "Labels of the set 'server_log'.")


def load_heart_sounds():
    """Load 240 recordings of heart sounds, four of each of 60 persons; 12 of the persons have a murmur.

    They are simulated at each call, within a second or two.

    Returns
    -------
    DataFrame of float32, shape (240, 10000)
        Index ``recording``, the columns are ``seconds``: 5 s at 2,000 samples a second; amplitudes without unit.
    """
    return describe(_heart_sounds()[0], {"seconds": "s (the columns' names)"},
                    "Simulated heart sounds of 60 persons, some with a murmur; an amplitude without unit.")


def load_heart_sounds_labels():
    """Load which recordings have a murmur, and whose heart it is.

    Returns
    -------
    DataFrame, shape (240, 5)
        Same index as `load_heart_sounds`: ``person`` (0 to 59), ``murmur`` (1 or 0), ``loudness`` (amplitude of the
        murmur over that of the first sound, before the chest), ``phase`` (``"systole"``, ``"diastole"`` or an empty
        string), ``rate`` (beats a minute).
    """
    return describe(_heart_sounds()[1], {"person": "a number", "murmur": "1 = murmur", "loudness": "of the first sound",
                                         "phase": "a part of the beat", "rate": "beats/min"},
                    "Labels of the heart sounds.")


def load_course_words():
    """Load the words of the prose of lessons 00 to 07, a snapshot: lower case, letters only.

    Returns
    -------
    DataFrame
        Index ``word`` in alphabetical order, column ``count`` (how often it stands there).
    """
    table = pd.read_csv(COURSE_WORDS, index_col="word", keep_default_na=False)
    describe(table, {"count": "times"}, "The words of the prose of lessons 00 to 07, and how often each stands there.")
    table.attrs["source"] = "counted in the lessons of this course (tools/course_words.py)"
    return table


def _heart_sounds():
    # Imported here: who loads a table needs no simulator.
    from mupy_helpers.simulate.heart_sounds import simulate_heart_sounds

    return simulate_heart_sounds()
