"""What the prose of cairsense_denver says in numbers that stand in no output beside it."""

import numpy as np
import pandas as pd

from mupy_helpers.datasets import published

STUDY = "the study's own figure, as its abstract states it"


def _moved(names, fault):
    return names["moved"](names["broken"][fault])


def _apart(names):
    shared = names["pairwise"](names["ozone"])
    return np.array(names["a_day_apart"](names["ozone"])) / shared.to_numpy()


def _dust_with(names, r_13):
    return names["with_truth"](names["published"]["dust"].where(lambda r: r.index != "1-3", r_13))


def _quiet_moves(names):
    """Return how far four quiet weeks in a row move each mark of ozone unit 3, at most, against all the others."""
    ozone = names["ozone"]
    weekly = pd.DataFrame([names["marks"](week).loc["unit 3"] for _, week in ozone.resample(
        "7D", origin=ozone.index[names["is_late"]][0]) if len(week.dropna()) > 500]).reset_index(drop=True)
    moves = []
    for first in range(len(weekly) - 4):
        others = weekly.drop(weekly.index[first:first + 4])
        moves.append((weekly[first:first + 4].mean() - others.mean()) / others.std())
    return pd.DataFrame(moves).abs().max()


CLAIMS = {
    "has 13 sheets": lambda names: len(published.DENVER_SHEETS) == 13,
    "212,047 rows of ozone from 8 September 2015 to 22 February 2016, 139,913 rows of dust": lambda names: (
        (len(published.DENVER_SHEETS), published.DENVER_ROWS, published.DENVER_AEROQUAL_TIMES) == (
            13, {"Aeroqual": 212_047, "TZOA": 139_913}, ("2015-09-08 23:00", "2016-02-22 08:49"))),
    "the 13 sheets": lambda names: len(published.DENVER_SHEETS) == 13,
    "Both marks name dust unit 1 and ozone unit 2": lambda names: all(
        (table["correlation"].idxmin(), table["residual spread"].idxmax()) == (bad, bad)
        for bad, table in (("unit 1", names["marks"](names["dust"])), ("unit 2", names["marks"](names["ozone"])))),
    "we get the order of the units and their quality within a tenth": lambda names: (
        lambda own, known: (own.argsort() == known.argsort()).all() and np.abs(own - known).max() < 0.1)(
            names["with_truth"](names["published"]["ozone"]).to_numpy(), np.array([0.83, 0.71, 0.92])),
    "It divides by the .05 of a unit": lambda names: names["published"].loc["1-3", "dust"] == 0.05,
    "with .06 the 1.16 would be 1.06, with .04 it would be 1.30": lambda names: [
        round(_dust_with(names, r)["unit 2"], 2) for r in (0.05, 0.06, 0.04)] == [1.16, 1.06, 1.30],
    "Unit 1 comes out near zero each time": lambda names: all(
        _dust_with(names, r)["unit 1"] < 0.1 for r in (0.04, 0.05, 0.06)),
    "would correlate by .83 times .92, which is .76; they do by .88": lambda names: round(0.83 * 0.92, 2) == 0.76 and (
        names["published"].loc["1-3", "ozone"] == 0.88),
    "In the twin two days are enough for the residual to name the broken dust unit every time": lambda names: (
        names["named"](names["dust"], "unit 1", 48)["by residual"] == 1),
    "and only the least good of three, is named almost as surely": lambda names: min(
        share for name, share in names["named"](names["ozone"], "unit 2", 48).items() if name != "spans") > 0.95,
    "in twelve hours it is the residual for this dust unit, the correlation for this ozone unit": lambda names: (
        lambda dust, ozone: dust["by residual"] > dust["by correlation"] and ozone["by correlation"] > ozone[
            "by residual"])(names["named"](names["dust"], "unit 1", 12), names["named"](names["ozone"], "unit 2", 12)),
    "In the twin about half of the correlation of two ozone units": lambda names: (
        (_apart(names) > 0.4) & (_apart(names) < 0.6)).all(),
    "a correlation of .4 between two ozone sensors": lambda names: max(names["a_day_apart"](names["ozone"])) > 0.4,
    "**A correlation is blind to gain and zero.**": lambda names: all(
        abs(_moved(names, fault)["correlation"]) < 0.3 for fault in ("reads half", "0.02 ppm too high")),
    "the zero better than the gain": lambda names: _moved(names, "0.02 ppm too high")["offset"] > 1.5 * abs(
        _moved(names, "reads half")["offset"]),
    "these four weeks move it by 1.1 with no fault at all, other quiet four weeks by up to 2.1": lambda names: (
        round(_moved(names, "nothing")["offset"], 1), round(_quiet_moves(names)["offset"], 1)) == (1.1, 2.1),
    "than two standard deviations, which quiet weeks do as well": lambda names: (_quiet_moves(names) > 2).all(),
    "A stuck unit moves correlation and residual by seven and more": lambda names: (
        _moved(names, "stuck")[["correlation", "residual spread"]].abs() >= 7).all(),
    "moves nothing by more than two standard deviations": lambda names: (
        _moved(names, "an hour late").abs() < 2).all(),
    "**What all three do alike, no mark sees.**": lambda names: (
        _moved(names, "all three 0.02 too high") - _moved(names, "nothing")).abs().max() < 0.2,
    "one of 17 °C is seen every year": lambda names: names["is_whole"] or round(
        (names["by_month"].iloc[0] - 32) / 1.8) == 17,
}

FACTS = {
    "`r1² = r12 · r13 / r23`": "indices of the units, no quantities",
    "we know values between 67 and 85": "a fact of the published workbook, noted from its rows",
    "ran from .01 to .86 for particle sensors": STUDY,
    "fell from a slope of about 1.2 to .6 between": STUDY,
}
