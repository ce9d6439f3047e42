"""Write a report on a table of readings: ``python -m mupy_helpers.own_data FILE [--time COLUMN] [--out REPORT]``."""

import argparse
import math
import os
import re
import sys
import time
from pathlib import Path

import pandas as pd

from mupy_helpers.own_data.page import check_place, write_report
from mupy_helpers.own_data.reading import TableError, read_table


def _healthy(text):
    try:
        if not re.match(r"\d{4}-\d\d-\d\d", text):  # 05.06.2024 is May to pandas, and June to others
            share = float(text)
            if math.isfinite(share):
                return share
        else:
            moment = pd.Timestamp(text)
            return moment if moment.tz is None else moment.tz_convert("UTC").tz_localize(None)
    except ValueError:
        pass
    raise TableError(f"--healthy must be a share such as 0.3 or a moment such as 2024-01-31, not {text!r}")


def _sentence(error):
    if isinstance(error, TableError):
        return error
    if isinstance(error, MemoryError):
        return "the table does not fit into this computer's memory: take fewer columns or rows"
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be read or written"
    return f"{error.filename or 'the file'} cannot be used: {error.strerror or error}"


def main(arguments=None):
    """Run the verb `report`.

    Parameters
    ----------
    arguments : list of str, optional

    Returns
    -------
    int
        0; 1 after one sentence about what is wrong; 130 when it was stopped by Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="course.py report", description="Write a report on a table of readings.")
    parser.add_argument("file", metavar="FILE", help="a CSV or Parquet file with a time column")
    parser.add_argument("--time", metavar="COLUMN", help="the time column, where several could be meant")
    parser.add_argument("--out", default="report.html", metavar="REPORT", help="default: report.html")
    parser.add_argument("--healthy", default="0.3", metavar="PART", help="what is believed healthy at the beginning: a "
                        "share of the rows, or the moment where it ends (default: 0.3)")
    parser.add_argument("--folder", default=".", help=argparse.SUPPRESS)  # where course.py was called
    options = parser.parse_args(arguments)
    file, out = (Path(os.path.normpath(Path(options.folder) / name)) for name in (options.file, options.out))
    started = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - started:4.0f} s  {text}", flush=True)

    try:
        if file.exists() and out.exists() and file.samefile(out):
            raise TableError(f"the report would replace the data in {file}: choose another --out")
        check_place(out)
        healthy = _healthy(options.healthy)
        say(f"reading {file.name}")
        df, notes = read_table(file, options.time)
        for note in notes:
            say(note)
        scored = write_report(df, out, title=f"What is unusual in {file.name}", notes=notes, healthy=healthy,
                              progress=say)
    except KeyboardInterrupt:
        print("\nreport: stopped, and no report was written.", file=sys.stderr)
        return 130
    except (TableError, OSError, MemoryError) as error:
        print(f"report: {_sentence(error)}.", file=sys.stderr)
        return 1
    say(f"{len(scored.events)} alarm{'' if len(scored.events) == 1 else 's'}; the report is in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
