"""Time detectors on as many rows and channels as the published pump set has: python benchmarks/detectors_speed.py

Each detector is fitted on all rows and then scores all rows, in a process of its own; those marked "1 channel" get the
first. Detectors whose cost grows faster than the rows are timed on smaller sets and extrapolated, which is marked.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import boards, own_process  # noqa: E402

ROWS, CHANNELS, FACTORS, FAILURES, DAY = 220_320, 52, 8, 7, 1440
SAMPLE = 2_000
# The rows on which slow detectors are timed.
SIZES = (6_000, 12_000)
# What an audience waits for without a break, in seconds.
LIVE = 10.0
WARM_UP = 1_000


def pump_like(n, seed):
    """Return channels that share slow factors, with noise of their own, and stretches of failure and recovery.

    Parameters
    ----------
    n : int
        Rows, one a minute.
    seed : int

    Returns
    -------
    ndarray of float, shape (n, 52)
        In two decimals, as of a logger. Seven failures, evenly spread, each followed by about 1 % of the rows.
    """
    rng = np.random.default_rng(seed)
    factors = np.stack([lfilter([math.sqrt(1 - memory**2)], [1, -memory], rng.normal(size=n))
                        for memory in np.linspace(0.9, 0.999, FACTORS)])
    failed = np.zeros(n, dtype=bool)
    for start in (np.arange(1, FAILURES + 1) * n) // (FAILURES + 1):
        failed[start : start + max(1, n // 100)] = True
    values = np.empty((n, CHANNELS))
    for channel in range(CHANNELS):  # one at a time: the peak of the memory must be the detector's
        level, noise = rng.uniform(10, 500), rng.uniform(0.2, 1)
        mixed = rng.normal(size=FACTORS) @ factors + noise * rng.normal(size=n) + rng.uniform(-8, 0) * failed
        values[:, channel] = np.round(level + 0.05 * level * mixed, 2)
    return values


class Sampled:
    """k-NN against a random sample of the training rows."""

    def __init__(self, detector):
        self.detector = detector

    def fit(self, X):
        rows = np.random.default_rng(0).choice(len(X), min(SAMPLE, len(X)), replace=False)
        self.detector.fit(X[rows])

    def decision_function(self, X):
        return self.detector.decision_function(X)


def _pyod(module, name, **options):
    def make():
        found = getattr(__import__(f"pyod.models.{module}", fromlist=[name]), name)
        return found(**options)
    return make


def _ours(name, **options):
    def make():
        from mupy_helpers import detectors
        return getattr(detectors, name)(**options)
    return make


# Name, how it is made, whether it is slow, whether it takes one channel only.
DETECTORS = {
    "PCA": (_pyod("pca", "PCA"), False, False),
    "Mahalanobis (T2, all components)": (_ours("HotellingT2", n_components=CHANNELS), False, False),
    "T2 + SPE": (_ours("T2SPE"), False, False),
    "Isolation Forest": (_pyod("iforest", "IForest", random_state=0), False, False),
    "LODA": (_pyod("loda", "LODA"), False, False),
    "k-NN, 2,000 sampled rows": (lambda: Sampled(_pyod("knn", "KNN")()), False, False),
    "HBOS": (_pyod("hbos", "HBOS"), False, False),
    "ECOD": (_pyod("ecod", "ECOD"), False, False),
    "COPOD": (_pyod("copod", "COPOD"), False, False),
    "CBLOF": (_pyod("cblof", "CBLOF", random_state=0), False, False),
    "k-means distance": (_ours("KMeansDistance"), False, False),
    "VAR residual": (_ours("VARResidual"), False, False),
    "INNE": (_pyod("inne", "INNE", random_state=0), False, False),
    "EWMA chart, 1 channel": (_ours("EWMAChart"), False, True),
    "CUSUM chart, 1 channel": (_ours("CUSUMChart"), False, True),
    "Trailing range, 1 channel": (_ours("TrailingRange", window=DAY), False, True),
    "Moving median, 1 channel": (_ours("MovingMedianDecomposition", window=100, period=100), False, True),
    "Additive regression, 1 channel": (_ours("AdditiveRegression", periods=(100,)), False, True),
    "Generalised ESD, 1 channel": (_ours("GeneralizedESD"), True, True),
    # Not a power of the rows: it makes 500 trials on parts of them, however many there are. So it is measured.
    "MCD": (_pyod("mcd", "MCD", random_state=0), False, False),
    "k-NN, all rows": (_pyod("knn", "KNN"), True, False),
    "LOF": (_pyod("lof", "LOF"), True, False),
    "ABOD": (_pyod("abod", "ABOD"), True, False),
    "OCSVM": (_pyod("ocsvm", "OCSVM"), True, False),
}


def measure(name, n, seed):
    """Return the median seconds of fit and of scoring, over three runs where they are short, and the peak memory.

    Parameters
    ----------
    name : str
        From `DETECTORS`.
    n : int
        Rows.
    seed : int

    Returns
    -------
    dict of str to float
        `fit` and `score` in seconds; `mb` beyond what the process had with its data, None where it is not known.
    """
    make, _, univariate = DETECTORS[name]
    values = pump_like(n, seed)
    values = values[:, 0].copy() if univariate else values
    short = values[:WARM_UP]  # compiles and loads what is used for the first time
    detector = make()
    detector.fit(short)
    detector.decision_function(short)
    before, fits, scorings = own_process.peak_mb(), [], []
    while len(fits) < 3 and sum(fits) + sum(scorings) < 5:
        detector, begin = make(), time.perf_counter()
        detector.fit(values)
        fitted = time.perf_counter()
        detector.decision_function(values)
        fits.append(fitted - begin)
        scorings.append(time.perf_counter() - fitted)
    return {"fit": statistics.median(fits), "score": statistics.median(scorings),
            "mb": None if before is None else own_process.peak_mb() - before}


def in_its_own_process(name, n, seed):
    """Return what `measure` returns, from a new process: nothing that ran before counts."""
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", name, "--rows", str(n), "--seed", str(seed)]
    done, _ = own_process.run(command)
    if done.returncode:
        raise SystemExit(f"{name} on {n:,} rows ended with status {done.returncode}:\n{done.stderr[-1000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def extrapolated(smaller, n):
    """Return what a detector would take on n rows if its seconds grew on as between two smaller sizes.

    Parameters
    ----------
    smaller : dict of int to dict
        For each of the two sizes what `measure` returned.
    n : int

    Returns
    -------
    figures : dict of str to float
        As from `measure`.
    exponent : float
        Of the growth of the seconds of fit and scoring together.
    """
    small, large = sorted(smaller)
    before, after = smaller[small], smaller[large]

    def grown(low, high):
        if low is None or high is None:
            return None, math.nan
        # What is too small to grow measurably is kept.
        exponent = math.log(high / low) / math.log(large / small) if low > 0 and high > 0 else 0.0
        return high * (n / large) ** max(exponent, 0.0), exponent

    figures = {key: grown(before[key], after[key])[0] for key in ("fit", "score", "mb")}
    return figures, grown(before["fit"] + before["score"], after["fit"] + after["score"])[1]


def key_of(name):
    """Return a name as a key of the figures: letters, digits and underscores."""
    return "_".join("".join(each if each.isalnum() else " " for each in name.lower().replace(",", "")).split())


def arguments():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS, help=f"how many rows to make ({ROWS})")
    parser.add_argument("--json", type=Path, help="also write the figures to this file, one flat object")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these detectors, besides PCA")
    parser.add_argument("--all", action="store_true", help="run the slow ones on all rows too, however long it takes")
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--measure", choices=list(DETECTORS), help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    """Print the table and, if asked, write the figures as one flat JSON object."""
    options = arguments()
    n = options.rows
    if n < WARM_UP:
        raise SystemExit(f"--rows must be {WARM_UP} or more")
    if options.measure:
        print(json.dumps(measure(options.measure, n, options.seed)))
        return
    names = boards.taken(list(DETECTORS), options.only and ["PCA", *options.only])
    shorten = not options.all and n >= 2 * SIZES[-1]

    boards.say(
        f"{n:,} rows of {CHANNELS} channels with {FACTORS} factors in common, made with seed {options.seed}; "
        f"{os.cpu_count()} cores. Fitted on all rows, then all rows scored; median of three runs where these take "
        f"less than 5 s. Ratio: of fit and scoring to those of PCA in this run. Memory: the most beyond the data. "
        f"Live in a workshop: {LIVE:.0f} s or less."
    )
    if shorten:
        boards.say(
            f"~ EXTRAPOLATED, not measured: from {SIZES[0]:,} and {SIZES[1]:,} rows by the exponent of growth "
            "between them, each of the columns by its own; the one shown is that of the seconds. --all measures."
        )
    print()
    rows, figures, total = [], {"rows": n}, {}
    for name in names:
        guessed = shorten and DETECTORS[name][1]
        if guessed:
            each, exponent = extrapolated({size: in_its_own_process(name, size, options.seed) for size in SIZES}, n)
            figures[f"{key_of(name)}_exponent"] = exponent
        else:
            each, exponent = in_its_own_process(name, n, options.seed), None
        total[name] = each["fit"] + each["score"]
        mark, key = ("~", f"{key_of(name)}_extrapolated") if guessed else ("", key_of(name))
        ratio = total[name] / total["PCA"]
        memory = None if each["mb"] is None else f"{mark}{each['mb']:,.0f}"
        rows.append((name, f"{mark}{each['fit']:,.2f}", f"{mark}{each['score']:,.2f}", f"{mark}{ratio:,.1f}", memory,
                     "yes" if total[name] <= LIVE else "no", None if exponent is None else f"{exponent:.2f}"))
        figures |= {f"{key}_seconds": total[name], f"{key}_ratio": ratio}
        if each["mb"] is not None:
            figures[f"{key}_mb"] = each["mb"]
        print(f"  {name}: {mark}{total[name]:,.1f} s", file=sys.stderr, flush=True)
    boards.show(sorted(rows, key=lambda row: total[row[0]]),
                ["fit s", "scoring s", "ratio to PCA", "peak MB", "live", "exponent"])
    if options.json:
        boards.write_figures(options.json, figures)


if __name__ == "__main__":
    main()
