"""Time the exact volume under the surface on a million points with 2,000 events, windows 0 to 100, on one thread.

Run ``python benchmarks/metrics_speed.py``; see ``--help``.
"""

import argparse
import json
import os
import statistics
import time
import tracemalloc
from pathlib import Path

# Before numpy is imported, or its linear algebra has started its threads already.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

from mupy_helpers.metrics import volume_under_surface  # noqa: E402

ROWS, EVENTS, WINDOW = 1_000_000, 2_000, 100
CASES = {  # name: shortest and longest event, in rows, and the decimals of the scores
    "events of 1 to 100 rows": (1, 100, None),
    "points": (1, 1, None),
    "events of 100 rows": (100, 100, None),
    "events of 1 to 100 rows, ties": (1, 100, 2),
}
CHOSEN = "events of 1 to 100 rows"


def million(shortest, longest, decimals, seed):
    """Return labels and scores: events spread evenly at random, scores one standard deviation higher inside."""
    rng = np.random.default_rng(seed)
    length = rng.integers(shortest, longest + 1, EVENTS)
    start = np.arange(EVENTS) * (ROWS // EVENTS) + rng.integers(0, ROWS // EVENTS - longest, EVENTS)
    edges = np.zeros(ROWS + 1, dtype=int)
    edges[start], edges[start + length] = 1, -1
    labels = np.cumsum(edges[:-1]) == 1
    scores = rng.normal(size=ROWS) + labels
    return labels, scores if decimals is None else np.round(scores, decimals)


def measure(labels, scores, repeats):
    """Return the volumes, the seconds of each run, and the most memory that one takes, in MB with its input."""
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        volumes = volume_under_surface(labels, scores, WINDOW)
        seconds.append(time.perf_counter() - begin)
    tracemalloc.start()
    volume_under_surface(labels, scores, WINDOW)
    peak = tracemalloc.get_traced_memory()[1] + labels.nbytes + scores.nbytes
    tracemalloc.stop()
    return volumes, seconds, peak / 1e6


def main():
    """Print the table and, if asked, write the figures as one flat JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--repeats", type=int, default=5, help="how often to measure each case (5)")
    parser.add_argument("--seed", type=int, default=2027)
    options = parser.parse_args()
    print(f"{ROWS:,} rows, {EVENTS:,} events, windows 0 to {WINDOW}, every threshold, one thread\n")
    print(f"{'':30s} {'median s':>9s} {'slowest s':>9s} {'peak MB':>8s} {'VUS-ROC':>8s} {'VUS-PR':>8s}")
    figures = {}
    for name, case in CASES.items():
        volumes, seconds, megabytes = measure(*million(*case, options.seed), options.repeats)
        print(f"{name:30s} {statistics.median(seconds):9.2f} {max(seconds):9.2f} {megabytes:8.0f} "
              f"{volumes.roc:8.4f} {volumes.pr:8.4f}")
        if name == CHOSEN:
            figures = {"vus_million_seconds": statistics.median(seconds), "vus_million_mb": megabytes}
    print()
    for name, value in figures.items():
        print(f"{name:20s} {value:10.3f}")
    if options.json:
        options.json.write_text(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
