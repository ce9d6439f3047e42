"""Time the scoring of 10 to 10,000 cold stores against a plain pandas loop: python benchmarks/fleet.py

Each measurement is a process of its own, from its first reading to its last file, start of the workers included. Ten
stores are simulated; those beyond them are copies with a size and a noise of their own. Of a large fleet the loop scores
a part, as its seconds are those of one unit after the other. Memory is that of the process and all its workers together,
looked at three times a second; what they share is counted for each.
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
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import boards  # noqa: E402
from mupy_helpers import recipes  # noqa: E402
from mupy_helpers.fleet import score_fleet, write_fleet  # noqa: E402

START, STEP_SECONDS, SIMULATED = "2016-02-01", 300, 10
CHANNELS = ["drive_current", "frequency", "amb_temp", "room_temp"]
SIZES = [10, 100, 1_000, 10_000]
LOOP, MANY_CORES = "pandas loop", "processes"  # figures without a name are those of processes
LOOP_UNITS = 1_000
WAYS = [LOOP, "threads", MANY_CORES, "cluster"]


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


def plain_loop(source, recipe, out, most=LOOP_UNITS):
    """Score a fleet as anybody would with pandas alone, a file at a time; nothing is kept between them."""
    for place in sorted(source.glob("unit=*"))[:most]:
        (out / place.name).mkdir(parents=True)
        recipe(pd.read_parquet(place / "readings.parquet")).to_parquet(out / place.name / "scores.parquet")


def measure(way, source, out, days, workers):
    """Return the seconds of one way to score a fleet, for each of its units.

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
        units, seconds, seconds of a second call that finds all done (not for the loop).
    """
    recipe = partial(recipes.scored_current, before=pd.Timestamp(START) + pd.Timedelta(days=days / 2))
    begin = time.perf_counter()
    if way == LOOP:
        plain_loop(source, recipe, out)
        seconds = time.perf_counter() - begin
        return {"units": len(list(out.glob("unit=*"))), "seconds": seconds, "again": None}
    table = score_fleet(source, recipe, out, on=way, n_workers=workers)
    seconds = time.perf_counter() - begin
    if (table["status"] != "scored").any():
        raise SystemExit(f"not all units were scored: {table['reason'].max()}")
    begin = time.perf_counter()
    score_fleet(source, recipe, out, on=way, n_workers=workers)
    return {"units": len(table), "seconds": seconds, "again": time.perf_counter() - begin}


def in_its_own_process(way, folder, size, options):
    """Return what `measure` returns, from a new process, and the most memory (`mb`) that it and its workers had."""
    out, largest = folder / "scores", 0
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", way, str(folder / str(size)), str(out),
               "--days", str(options.days), "--workers", str(options.workers)]
    with tempfile.TemporaryFile("w+") as words, tempfile.TemporaryFile("w+") as answer:
        with subprocess.Popen(command, stdout=answer, stderr=words) as process:
            while process.poll() is None:
                largest = max(largest, tree_bytes(process.pid))
                time.sleep(0.3)
        shutil.rmtree(out, ignore_errors=True)
        for file in (words, answer):
            file.seek(0)
        if process.returncode:
            raise SystemExit(f"{way} on {size:,} units ended with status {process.returncode}:\n{words.read()[-1000:]}")
        return {**json.loads(answer.read().splitlines()[-1]), "mb": largest / 2**20}


def tree_bytes(number):
    """Return the memory that a process and all that came from it have just now."""
    total = 0
    try:
        process = psutil.Process(number)
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:  # ended meanwhile: the next look tells
        pass
    return total


def arguments():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--units", type=int, nargs="+", default=SIZES, help="sizes of the fleet (10 100 1000 10000)")
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
    sizes = sorted(set(options.units))
    ways = [LOOP, *(way for way in WAYS if way in options.ways and way != LOOP)]
    unnamed = MANY_CORES if MANY_CORES in ways else ways[-1]
    boards.say(
        f"Fleets of {sizes[0]:,} to {sizes[-1]:,} cold stores, {options.days:g} days each, a row every five minutes, "
        f"seed {options.seed}; scored by the EWMA of the current's residual with {options.workers} workers; "
        f"{os.cpu_count()} cores. The loop scores at most {LOOP_UNITS:,} units. Peak MB: the process and its workers. "
        "Again: a second call, which finds all units done."
    )
    print()
    rows, figures, measured = [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        write_all(Path(folder), sizes, options.days, options.seed)
        for size in sizes:
            for way in ways:
                each = in_its_own_process(way, Path(folder), size, options)
                measured[way, size] = each = {**each, "units_per_second": each["units"] / each["seconds"]}
                speedup = each["units_per_second"] / measured[LOOP, size]["units_per_second"]
                again = None if each["again"] is None else f"{each['again']:.1f}"
                rows.append((f"{size:,} units, {way}", f"{each['seconds']:.1f}", f"{each['units_per_second']:.1f}",
                             f"{speedup:.2f}", f"{each['mb']:,.0f}", again))
                named = {"units_per_second": each["units_per_second"], "peak_mb": each["mb"],
                         "speedup_over_loop": speedup}
                prefix = "" if way == unnamed else f"{way.replace(' ', '_')}_"
                figures |= {f"{prefix}{name}_{size}": value for name, value in named.items()}
                figures |= named if way == unnamed else {}  # at last those of the largest fleet
                print(f"  {rows[-1][0]}: {each['seconds']:.1f} s", file=sys.stderr, flush=True)
    boards.show(rows, ["seconds", "units/s", "times loop", "peak MB", "again, s"])
    for way in ways[1:] if len(sizes) > 1 else []:
        few, many = (measured[way, size] for size in sizes[-2:])
        ratios = {"units_ratio": sizes[-1] / sizes[-2], "seconds_ratio": many["seconds"] / few["seconds"],
                  "memory_ratio": many["mb"] / few["mb"]}
        print(f"{way}: {ratios['units_ratio']:.1f} times the units take {ratios['seconds_ratio']:.1f} times the seconds "
              f"and {ratios['memory_ratio']:.2f} times the memory")
        figures |= ratios if way == unnamed else {}
    if options.json:
        boards.write_figures(options.json, figures)


if __name__ == "__main__":
    main()
