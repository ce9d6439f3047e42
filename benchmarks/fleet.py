"""Time the scoring of 10 to 10,000 cold stores against a plain pandas loop: python benchmarks/fleet.py

Each measurement is a process of its own, from its first reading to its last file, start of the workers included. Ten
stores are simulated; those beyond them are copies with a size and a noise of their own.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import boards  # noqa: E402
from mupy_helpers import recipes  # noqa: E402
from mupy_helpers.fleet import score_fleet, write_fleet  # noqa: E402

START, STEP_SECONDS, SIMULATED = "2016-02-01", 300, 10
CHANNELS = ["drive_current", "frequency", "amb_temp", "room_temp"]
SIZES, FULL = [10, 100, 1_000], 10_000
LOOP, DEFAULT = "pandas loop", "threads"  # figures without a name are those of the default of score_fleet
WAYS = [LOOP, DEFAULT, "processes", "cluster"]


def simulated(n_units, days, seed, first=0):
    """Return the readings of cold stores.

    Parameters
    ----------
    n_units : int
    days : float
    seed : int
    first : int
        Number of the first store.

    Returns
    -------
    DataFrame of float32, index (unit, time)
        Four channels, a row every five minutes. Store k beyond the tenth is a copy of store k modulo 10, whose current
        is larger or smaller by up to 30 %, with noise of its own.
    """
    from mupy_helpers.simulate import simulate_cold_store

    data = simulate_cold_store(START, days, n_units=min(SIMULATED, first + n_units), seed=seed,
                               step_seconds=STEP_SECONDS).data[CHANNELS]
    return pd.concat({unit: _copy(data, unit, seed) for unit in range(first, first + n_units)}, names=["unit"])


def _copy(data, unit, seed):
    readings = data.loc[unit % SIMULATED].astype("float32")
    if unit >= SIMULATED:
        rng = np.random.default_rng([seed, unit])
        readings["drive_current"] *= np.float32(rng.uniform(0.7, 1.3))
        readings += rng.normal(0, 0.05, readings.shape).astype("float32")
    return readings


def write_all(folder, sizes, days, seed):
    """Write a fleet of each size, the smaller ones as the first units of the largest.

    Parameters
    ----------
    folder : Path
    sizes : list of int
    days : float
    seed : int
    """
    largest = folder / str(max(sizes))
    for first in range(0, max(sizes), 100):
        write_fleet(simulated(min(100, max(sizes) - first), days, seed, first), largest)
    for size in set(sizes) - {max(sizes)}:
        for unit in range(size):
            shutil.copytree(largest / f"unit={unit}", folder / str(size) / f"unit={unit}")


def plain_loop(source, recipe, out):
    """Score a fleet as anybody would with pandas alone, a file at a time; nothing is kept between them."""
    for place in sorted(source.glob("unit=*")):
        (out / place.name).mkdir(parents=True)
        recipe(pd.read_parquet(place / "readings.parquet")).to_parquet(out / place.name / "scores.parquet")


def peak_mb(workers):
    """Return the most memory this process had, in MB, and that of its workers if all were as large as the largest."""
    try:
        import resource
    except ImportError:
        return None
    mega = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    own, child = (resource.getrusage(who).ru_maxrss / mega for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + workers * child


def measure(way, source, out, days, workers):
    """Return the seconds and the peak memory of one way to score a fleet.

    Parameters
    ----------
    way : str
        From `WAYS`.
    source, out : Path
    days : float
        The first half of them is the past.
    workers : int

    Returns
    -------
    dict of str to float
        seconds, mb (None where it is not known), seconds of a second call that finds all done (not for the loop).
    """
    recipe = partial(recipes.scored_current, before=pd.Timestamp(START) + pd.Timedelta(days=days / 2))
    begin = time.perf_counter()
    if way == LOOP:
        plain_loop(source, recipe, out)
        return {"seconds": time.perf_counter() - begin, "mb": peak_mb(0), "again": None}
    table = score_fleet(source, recipe, out, on=way, n_workers=workers)
    seconds = time.perf_counter() - begin
    if (table["status"] != "scored").any():
        raise SystemExit(f"not all units were scored: {table['reason'].max()}")
    megabytes, begin = peak_mb(0 if way == "threads" else workers), time.perf_counter()
    score_fleet(source, recipe, out, on=way, n_workers=workers)
    return {"seconds": seconds, "mb": megabytes, "again": time.perf_counter() - begin}


def in_its_own_process(way, folder, size, options):
    """Return what `measure` returns, from a new process."""
    out = folder / "scores"
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", way, str(folder / str(size)), str(out),
               "--days", str(options.days), "--workers", str(options.workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    shutil.rmtree(out, ignore_errors=True)
    if done.returncode:
        raise SystemExit(f"{way} on {size:,} units ended with status {done.returncode}:\n{done.stderr[-1000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def arguments():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--units", type=int, nargs="+", default=SIZES, help="sizes of the fleet (10 100 1000)")
    parser.add_argument("--full", action="store_true", help=f"also {FULL:,} units")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS[:3], help="the loop is always measured")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--days", type=float, default=14, help="of readings in each unit (14)")
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    """Print the table and, if asked, write the figures as one flat JSON object."""
    options = arguments()
    if options.measure:
        way, source, out = options.measure
        print(json.dumps(measure(way, Path(source), Path(out), options.days, options.workers)))
        return
    sizes = sorted({*options.units, *([FULL] if options.full else [])})
    ways = [LOOP, *(way for way in WAYS if way in options.ways and way != LOOP)]
    boards.say(
        f"Fleets of {sizes[0]:,} to {sizes[-1]:,} cold stores, {options.days:g} days each, a row every five minutes, "
        f"seed {options.seed}; scored by the EWMA of the current's residual with {options.workers} workers; "
        f"{os.cpu_count()} cores. Peak MB: of the process, and as much as its largest worker has for each of them. "
        "Again: a second call, which finds all units done."
    )
    print()
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as folder:
        write_all(Path(folder), sizes, options.days, options.seed)
        for size in sizes:
            loop = None
            for way in ways:
                each = in_its_own_process(way, Path(folder), size, options)
                loop = loop or each["seconds"]
                again = None if each["again"] is None else f"{each['again']:.1f}"
                memory = None if each["mb"] is None else f"{each['mb']:,.0f}"
                rows.append((f"{size:,} units, {way}", f"{each['seconds']:.1f}", f"{size / each['seconds']:.1f}",
                             f"{loop / each['seconds']:.2f}", memory, again))
                key = f"{way.replace(' ', '_')}_{size}"
                measured = {"units_per_second": size / each["seconds"], "speedup_over_loop": loop / each["seconds"]}
                measured |= {} if each["mb"] is None else {"peak_mb": each["mb"]}
                figures |= {f"{key}_{name}": value for name, value in measured.items()}
                if size == sizes[-1] and way == (DEFAULT if DEFAULT in ways else ways[-1]):
                    figures |= measured
                print(f"  {rows[-1][0]}: {each['seconds']:.1f} s", file=sys.stderr, flush=True)
    boards.show(rows, ["seconds", "units/s", "times loop", "peak MB", "again, s"])
    if options.json:
        boards.write_figures(options.json, figures)


if __name__ == "__main__":
    main()
