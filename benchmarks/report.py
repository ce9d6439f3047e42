"""Time the report on a table as large as the published pump set: python benchmarks/report.py

The table is a CSV file; `python -m mupy_helpers.own_data` reads, scores and draws it in a process of its own.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import boards, own_process  # noqa: E402
from benchmarks.detectors_speed import CHANNELS, ROWS, pump_like  # noqa: E402

LEAST_ROWS = 1_000


def write_table(file, n, seed):
    """Write a CSV file with a row a minute.

    Parameters
    ----------
    file : Path
    n : int
    seed : int
    """
    index = pd.date_range("2018-04-01", periods=n, freq="1min", name="timestamp")
    columns = [f"sensor_{number:02d}" for number in range(CHANNELS)]
    pd.DataFrame(pump_like(n, seed), index=index, columns=columns).to_csv(file)


def measure(file, out):
    """Write the report, and return the seconds and the most memory in MB (None where the system does not tell).

    Parameters
    ----------
    file : Path
    out : Path

    Returns
    -------
    dict of str to float

    Raises
    ------
    SystemExit
        With what the report said, where it failed.
    """
    begin = time.perf_counter()
    command = [sys.executable, "-m", "mupy_helpers.own_data", str(file), "--out", str(out)]
    done, peak = own_process.run(command, cwd=ROOT)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"the report ended with status {done.returncode}: {done.stderr[-1000:]}")
    return {"seconds": seconds, "peak_mb": peak}


def arguments():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"how many rows to make ({ROWS})")
    parser.add_argument("--seed", type=int, default=2027)
    return parser.parse_args()


def main():
    """Print the figures and, if asked, write them as one flat JSON object."""
    options = arguments()
    if options.rows < LEAST_ROWS:
        raise SystemExit(f"--rows must be {LEAST_ROWS} or more")
    boards.say(f"{options.rows:,} rows of {CHANNELS} channels, made with seed {options.seed}; {os.cpu_count()} cores. "
               "From the start of the program to the report: imports, reading the CSV, checks, scores, figures.")
    print()
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "pump.csv", Path(folder) / "report.html"
        write_table(file, options.rows, options.seed)
        figures = {"rows": options.rows, "csv_mb": file.stat().st_size / 1e6, **measure(file, out),
                   "report_mb": out.stat().st_size / 1e6}
    figures = {name: value for name, value in figures.items() if value is not None}
    names = ("seconds", "peak_mb", "csv_mb", "report_mb")
    boards.show([("report", *(figures.get(name) for name in names))], ["seconds", "peak MB", "CSV MB", "report MB"], 1)
    if options.json:
        boards.write_figures(options.json, figures)


if __name__ == "__main__":
    main()
