"""Compare the simulated cold store with what was published of the real one.

Run ``python benchmarks/cold_store.py``; see ``--help`` for where the published summary is looked for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import pandas as pd

from mupy_helpers.simulate import simulate_cold_store, simulate_famous_unit
from mupy_helpers.simulate.famous_unit import raw_file

STATISTICS = ("mean", "std", "min", "25%", "50%", "75%", "max")
STORY = (
    "ROOM TEMP", "TES TEMP 1", "TES TEMP 2", "DRIVE CURRENT", "FREQUENCY", "LOW PRESSURE", "AMB TEMP", "AMB HUMIDITY",
    "ROOM HUMIDITY", "DOOR OPEN", "SOLAR RELAY", "LOAD CURRENT",
)
# Pearson r with ROOM TEMP over all rows, as told with the published summary.
CORRELATIONS = {
    "TES TEMP 1": 0.944, "TES TEMP 2": 0.951, "DRIVE CURRENT": -0.42, "FREQUENCY": -0.41, "SOLAR RELAY": -0.38,
    "LOAD CURRENT": -0.26, "AMB TEMP": -0.12,
}


def default_published():
    """Return where the published summary lies if nobody says otherwise."""
    home = os.environ.get("MUPY_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data")
    return Path(home) / "cold_store" / "mcs_describe.csv"


def as_numbers(raw):
    """Return the 35 channels of a raw file as numbers; malformed readings become NaN."""
    return raw.drop(columns="TIME").apply(pd.to_numeric, errors="coerce")


def compare(published, simulated):
    """Return one row per channel and statistic: published, simulated, and the gap in published standard deviations."""
    own = simulated.describe().T
    rows = []
    for channel, line in published.iterrows():
        for statistic in STATISTICS:
            gap = (own.loc[channel, statistic] - line[statistic]) / line["std"] if line["std"] > 0 else float("nan")
            rows.append((channel, statistic, line[statistic], own.loc[channel, statistic], gap))
    return pd.DataFrame(rows, columns=["channel", "statistic", "published", "simulated", "gap_sd"])


def print_comparison(table, published):
    """Print published/simulated for every channel, the story's channels marked by a star."""
    print(f"{'published / simulated':18s}" + "".join(f"{name:>17s}" for name in STATISTICS) + "   worst gap (sd)")
    for channel in published.index:
        part = table[table["channel"] == channel].set_index("statistic")
        cells = "".join(f"{part.loc[s, 'published']:8.2f}/{part.loc[s, 'simulated']:8.2f}" for s in STATISTICS)
        gap = part.loc[["mean", "25%", "50%", "75%"], "gap_sd"].abs().max()
        constant = part.loc["std", "published"] == 0
        note = f"{gap:.3f}"
        if constant:
            note = "constant in both" if part.loc["std", "simulated"] == 0 else "NOT CONSTANT"
        print(f"{'*' if channel in STORY else ' '} {channel:16s}{cells}   {note}")


def timed(**arguments):
    """Return how many seconds one simulation takes."""
    begin = time.perf_counter()
    simulate_cold_store("2015-10-01", **arguments)
    return time.perf_counter() - begin


def main():
    """Print the comparison and, if asked, write the figures as one flat JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", type=Path, default=default_published(), help="the published summary, a CSV file")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--no-speed", action="store_true", help="leave out the timings")
    options = parser.parse_args()
    if not options.published.is_file():
        sys.exit(f"The published summary is not at {options.published}; give its place with --published or MUPY_DATA.")

    published = pd.read_csv(options.published, index_col=0)
    published = published if "mean" in published.columns else published.T
    run = simulate_famous_unit()
    raw = raw_file(run)
    numbers = as_numbers(raw)
    table = compare(published, numbers)
    print_comparison(table, published)

    story = table[table["channel"].isin(STORY)]
    figures = {
        "worst_mean_gap_sd": story.loc[story["statistic"] == "mean", "gap_sd"].abs().max(),
        "worst_quartile_gap_sd": story.loc[story["statistic"].isin(["25%", "50%", "75%"]), "gap_sd"].abs().max(),
    }
    print("\nPearson r with ROOM TEMP   published  simulated")
    worst = 0.0
    for channel, value in CORRELATIONS.items():
        own = numbers[channel].corr(numbers["ROOM TEMP"])
        worst = max(worst, abs(own - value))
        print(f"{channel:25s} {value:10.3f} {own:10.3f}")
    figures["worst_correlation_gap"] = worst

    when = pd.to_datetime(raw["TIME"])
    missing = 1 - len(raw) / len(run.data)
    door_room = numbers.loc[numbers["DOOR OPEN"] == 1, "ROOM TEMP"]
    trip = run.events["trip"].dropna().iloc[0]
    below_zero = numbers["ROOM TEMP"] < 0
    facts = {
        "rows (23675)": len(raw), "malformed readings (10)": int(numbers.isna().sum().sum()),
        "constant channels (7)": int((numbers.std() == 0).sum()), "share of samples absent (.31)": round(missing, 3),
        "duplicated stamps": int(when.duplicated().sum()),
        "low pressure rows (252)": int(numbers["LOW PRESSURE"].sum()),
        "door rows (58)": int(numbers["DOOR OPEN"].sum()), "median room, door open (near 25)": door_room.median(),
        "days of glitches (14 19 20 23)": sorted(set(when[below_zero].dt.day)),
        "first trip (23 Oct, morning)": str(trip),
        "warmest room in the leak week (28.1)": round(run.truth.loc["2015-10-23":"2015-10-29", "room_temp"].max(), 1),
        "warmest room on 3 Nov (13)": round(run.truth.loc["2015-11-03", "room_temp"].max(), 1),
    }
    print()
    for name, value in facts.items():
        print(f"{name:38s} {value}")
    if not options.no_speed:
        figures["month_one_unit_seconds"] = timed(days=30)
        figures["fleet_24_units_90_days_seconds"] = timed(days=90, n_units=24)
    print()
    for name, value in figures.items():
        print(f"{name:38s} {value:.3f}")
    if options.json:
        options.json.write_text(json.dumps({name: round(float(value), 4) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
