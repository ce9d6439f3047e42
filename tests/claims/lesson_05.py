"""What the prose of 05_supervised_detection says in numbers that stand in no output beside it."""

import numpy as np
import pandas as pd
from stored_boards import shown

CHART, PRICED = "EWMA, limit of lesson 03", "EWMA, limit by cost"
NEAR, BOOK = "k-NN distance, 15 features", "gradient boosting"


def _measured(names, is_alarm):
    found, units = names["measure_failures"](is_alarm, names["events"])
    return int((found["hours ahead"] >= 12).sum()), len(found), int(units["false alarms"].sum())


def _best(names):
    p = names["p"][names["validation"]]
    return _measured(names, p > names["cheapest"](p))


def _no_label_among_the_features(names):
    words = {word for column in names["X"].columns for word in column.split()}
    base = {column.rsplit(" ", 1)[0] for column in names["X"].columns} - {"starts", "share", "residual"}
    return not words & set(names["events"].columns) and base <= set(names["fleet"].columns)


def _longest_without_a_mean(names):
    """Hours in which no row of the last 24 hours ran, in the unit that has most of them, after its first days."""
    hours = {}
    for unit, store in names["stores"].items():
        idle = (store["drive_current"] > 0.5).rolling("24h").sum()[names["healthy_until"]:] == 0
        hours[unit] = idle.groupby((~idle).cumsum()).sum().max() / 12
    return max(hours.values())


def _euros(names, is_alarm):
    return sum(names["bill"](is_alarm).values()) / 1000


def _explored(names):
    return names["widgets"].judge_thresholds(names["p"][names["validation"]], names["failing"], names["levels"])


CLAIMS = {
    "the chart's formula is one of the fifteen features": lambda names: "residual on" in names["X"] and names[
        "X"].shape[1] == 15,
    "they are too low on these six stores": lambda names: (
        names["probability"]["as it is"].mean() < 0.7 * names["y"][names["test"]].mean()),
    "0.34 above is the same scores": lambda names: (
        names["by_unit"]["gradient boosting"].equals(names["on_features"]["by unit, gradient boosting"])
        and names["row_of"](names["by_unit"]["gradient boosting"])["average precision"] == 0.34),
    "Recall falls with every step up": lambda names: (
        _explored(names)["recall"].diff().dropna() <= 0).all(),
    "stays the same over a wide range": lambda names: (
        _explored(names)["faults called in time"].value_counts().max() >= 6),
    "Now we have 24 stores, 90 days": lambda names: names["fleet"].index.get_level_values("unit").nunique() == 24
    and len(names["stores"][0]) * 5 / 1440 == 90,
    "the rows in the 48 hours before a failure get a 1": lambda names: names["label"](
        names["one"].index, names["own"], pd.Timedelta("48h")).equals(names["y_one"])
    and names["y_one"].sum() == len(names["own"]) * 48 / 2,
    "a summary of the 24 hours **up to it**": lambda names: names["features_of"](
        names["stores"][2][:names["cut"]], names["healthy_until"]).loc[names["cut"]].equals(names["short"].loc[
            names["cut"]]),
    "Nor have the last two days of the recording a label": lambda names: (lambda last: (
        names["y_one"][last].isna().all() and last.sum() == 24))(
        names["y_one"].index > names["y_one"].index[-1] - pd.Timedelta("48h")),
    "a sensor stuck at zero, has 88 hours without a mean": lambda names: _longest_without_a_mean(names) == 88,
    "**nothing from the book** among them": _no_label_among_the_features,
    "**27 is the most**": lambda names: len(names["failures"]) - (
        names["failures"]["start"] == names["failures"]["failure"]).sum() == 27,
    "One of the four failures is a power cut": lambda names: (
        len(names["own"]) == 4 and (names["own"]["kind"] == "power_cut").sum() == 1),
    "Before a power cut there is no bar": lambda names: (lambda cuts: (cuts["start"] == cuts["failure"]).all())(
        names["failures"][names["failures"]["kind"] == "power_cut"]),
    "**all** 35 channels": lambda names: names["naive"].shape[1] == 35,
    "it is right in 99 rows of 100": lambda names: 0.985 < names["row_of"](
        names["splits"]["rows at random"])["accuracy"] < 0.995,
    "The two days between are a **gap**": lambda names: (
        names["since"] - names["time"][names["past"]].max() > pd.Timedelta("48h")
        and names["time"][names["past"]].max() >= pd.Timestamp("2016-03-24")),
    "learn from 18 stores, judge the six others": lambda names: (np.bincount(np.arange(24) % 4) == 6).all(),
    "to never call is more accurate than this learner": lambda names: names["table"].loc["never calls", "accuracy"]
    > names["table"].loc[["by time", "by unit"], "accuracy"].max(),
    "That is what the honest splits find: chance": lambda names: (
        names["table"].loc[["by time", "by unit"], "average precision"] < 0.07).all(),
    "But eleven failures in time": lambda names: names["table"].loc["by unit", "in time"].startswith("11 "),
    "from chance to most of the failures": lambda names: _measured(
        names, names["on_features"]["by unit"] > 0.5)[0] > 16,
    "Only four rows in a hundred are ones": lambda names: 0.03 < names["y"].mean() < 0.045,
    "by less than four groups of stores differed above": lambda names: (lambda one, four: (
        np.ptp([row["average precision"] for row in one.values()]) < four["highest"] - four["lowest"]))(
        names["compared"], names["rows"]["gradient boosting"]),
    "two or three times too high on average": lambda names: all(
        1.8 < names["probability"][name].mean() / names["y"][names["test"]].mean() < 3.5
        for name in ("class weights", "zeros dropped")),
    "A lost load costs 6,000 euros, a technician who finds nothing 80": lambda names: (
        names["costs"].lost_load, names["costs"].call_out) == (6000, 80),
    "from a probability of 80 / 6,080 on": lambda names: names["costs"].call_out + names["costs"].lost_load == 6080,
    "about two hundred needless calls, and a load more is lost": lambda names: (
        lambda low, best: 190 < low[2] < 210 and best[0] - low[0] == 1)(
        _measured(names, names["p"][names["validation"]] > names["row_threshold"]),
        _best(names)),
    "The obvious 0.5 loses one load more than need be": lambda names: _best(names)[0] - _measured(
        names, names["p"][names["validation"]] > 0.5)[0] == 1,
    "that is one load of seven": lambda names: names["never"] == 42,
    "It lies well inside the range that was tried": lambda names: (
        2 <= names["euros"].sum(axis=1).to_numpy().argmin() <= len(names["levels"]) - 3),
    "between levels near it a few call-outs are at stake": lambda names: (lambda p: (
        abs(_euros(names, p > names["cheapest"](p)) - names["euros"].sum(axis=1).min()) < 0.6))(
        names["p"][names["validation"]]),
    "All find every leak": lambda names: (names["results"]["slow_leak"] == 9).all(),
    "it calls six failures more than the chart, 23 of the 27": lambda names: (lambda chart, book: (
        book["all"] == 23 and book["all"] - chart["all"] == 6
        and book["false alarms per week"] < chart["false alarms per week"]))(
        names["results"].loc[CHART], names["results"].loc[BOOK]),
    "boosting calls seven of nine": lambda names: names["results"].loc[BOOK, "fan_failure"] == 7,
    "**By luck** is the median of five rounds": lambda names: (lambda rounds: (
        len(rounds) == 5 and np.median(rounds) == names["results"].loc[BOOK, "by luck"]))(
        names["by_luck"](names["methods"][BOOK])),
    "buys the chart two failures, and with so many alarms it calls twelve by luck": lambda names: (
        lambda plain, priced: (priced["all"] - plain["all"] == 2 and priced["by luck"] == 12
                               and priced["false alarms per week"] > 3 * plain["false alarms per week"]))(
        names["results"].loc[CHART], names["results"].loc[PRICED]),
    "is level with the chart, at more than twice the false alarms": lambda names: (lambda near, chart: (
        near["all"] == chart["all"] and near["false alarms per week"] > 2 * chart["false alarms per week"]))(
        names["results"].loc[NEAR], names["results"].loc[CHART]),
    "six a week for the owner of 24": lambda names: round(
        24 * names["results"].loc[BOOK, "false alarms per week"]) == 6,
    "two of six failures in the first group, and eight of nine in the last": lambda names: (lambda parts: (
        parts[0] == "2 of 6" and parts[-1] == "8 of 9"))(
        names["by_group"](names["methods"][BOOK])["in time"].split(", ")),
    "its thresholds lie between 0.03 and 0.5": lambda names: (
        round(min(names["limits"][BOOK]), 2) == 0.03 and round(max(names["limits"][BOOK]), 1) == 0.5),
    "boosting calls one leak, two condensers, and no fan": lambda names: [
        names["without"](kind) for kind in names["kinds"]] == [1, 2, 0],
    "The draws only just leave out zero": lambda names: 0 < names["low"] <= 2,
    "Trained on all 24 stores": lambda names: names["unit"][names["labelled"]].nunique() == 24,
    "A random split of rows gave 0.99": lambda names: 0.985 < names["row_of"](
        names["splits"]["rows at random"])["accuracy"] < 0.995,
    "on the fleet 23 of 33 failures in time": lambda names: names["in_words"](
        names["methods"][BOOK])["in time"] == "23 of 33",
    "Nineteen hours ahead, and no false alarm": lambda names: (lambda row: (
        18.5 < row["hours before the trip"] < 19.5 and row["false alarms per week"] == 0))(
        names["board"].table().loc["boosting, learned on the fleet"]),
    "The EWMA of lesson 03 came 24.1 hours ahead (downwards only 42.5)": lambda names: (
        shown("03")["EWMA of the current's residual"][0] == "24.1"
        and shown("03")["EWMA, downwards only"][0] == "42.5"),
    "the k-NN distance of lesson 04 came 21.5 hours ahead with one false alarm": lambda names: (
        shown("04")["k-NN distance"][0] == "21.5" and shown("04")["k-NN distance"][1].startswith("1 in ")),
}

FACTS = {}
