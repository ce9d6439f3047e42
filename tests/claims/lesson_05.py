"""What the prose of 05_supervised_detection says in numbers that stand in no output beside it."""

import numpy as np
import pandas as pd


def _measured(names, is_alarm):
    found, units = names["measure_failures"](is_alarm, names["events"])
    return int((found["hours ahead"] >= 12).sum()), len(found), int(units["false alarms"].sum())


def _best(names):
    p = names["p"][names["validation"]]
    return _measured(names, p > names["cheapest"](p, names["levels"]))


def _shuffled_test_changes_nothing(names):
    """Scores of six stores, before and after their own labels are shuffled: they must not have been read."""
    lesson = names["boosted"].__globals__  # the functions look here
    y, test = lesson["y"], names["unit"] % 4 == 0
    before = names["boosted"](~test)[test]
    mixed = y.copy()
    mixed[test] = np.random.default_rng(0).permutation(y[test])
    lesson["y"] = mixed
    try:
        after = names["boosted"](~test)[test]
        other = names["boosted"](test)[test]  # learned from the mixed labels: these must change
    finally:
        lesson["y"] = y
    return before.equals(after) and not other.equals(names["boosted"](test)[test])


def _no_label_among_the_features(names):
    words = {word for column in names["X"].columns for word in column.split()}
    base = {column.rsplit(" ", 1)[0] for column in names["X"].columns} - {"starts", "share", "residual"}
    return not words & set(names["events"].columns) and base <= set(names["fleet"].columns)


def _in_time(names, method):
    return names["by_kind"](names["methods"][method])


CLAIMS = {
    "Now we have 24 stores, 90 days": lambda names: names["fleet"].index.get_level_values("unit").nunique() == 24
    and len(names["stores"][0]) * 5 / 1440 == 90,
    "the rows in the 48 hours before a failure get a 1": lambda names: names["label"](
        names["one"].index, names["own"], pd.Timedelta("48h")).equals(names["y_one"])
    and names["y_one"].sum() == len(names["own"]) * 48 / 2,
    "a summary of the 24 hours **up to it**": lambda names: names["features_of"](
        names["stores"][2][:names["cut"]], names["healthy_until"]).loc[names["cut"]].equals(names["short"].loc[
            names["cut"]]),
    "**nothing from the book** among them": _no_label_among_the_features,
    "**27 is the most**": lambda names: len(names["failures"]) - (
        names["failures"]["start"] == names["failures"]["failure"]).sum() == 27,
    "One of the four failures is a power cut": lambda names: (
        len(names["own"]) == 4 and (names["own"]["kind"] == "power_cut").sum() == 1),
    "33 failures on 24 stores": lambda names: len(names["failures"]) == 33 and len(names["stores"]) == 24,
    "Before a power cut there is no bar": lambda names: (lambda cuts: (cuts["start"] == cuts["failure"]).all())(
        names["failures"][names["failures"]["kind"] == "power_cut"]),
    "**all** 35 channels": lambda names: names["naive"].shape[1] == 35,
    "it is right in 99 rows of 100": lambda names: 0.985 < names["row_of"](
        names["splits"]["rows at random"])["accuracy"] < 0.995,
    "learn from 18 stores, judge the six others": lambda names: (np.bincount(np.arange(24) % 4) == 6).all(),
    "to never call is more accurate than this learner": lambda names: names["table"].loc["never calls", "accuracy"]
    > names["table"].loc[["by time", "by unit"], "accuracy"].max(),
    "That is what the honest splits find: chance": lambda names: (
        names["table"].loc[["by time", "by unit"], "average precision"] < 0.07).all(),
    "But eleven failures in time": lambda names: names["table"].loc["by unit", "in time"].startswith("11 "),
    "from chance to most of the failures": lambda names: _measured(
        names, names["on_features"]["by unit"] > 0.5)[0] > 16,
    "Only four rows in a hundred are ones": lambda names: 0.03 < names["y"].mean() < 0.045,
    "two or three times too high on average": lambda names: all(
        1.8 < names["probability"][name].mean() / names["y"][names["test"]].mean() < 3.5
        for name in ("class weights", "zeros dropped")),
    "A lost load costs 6,000 euros, a technician who finds nothing 80": lambda names: (
        names["costs"].lost_load, names["costs"].call_out) == (6000, 80),
    "from a probability of 80 / 6,080 on": lambda names: names["costs"].call_out + names["costs"].lost_load == 6080,
    "more than a hundred needless calls, and a load more is lost": lambda names: (
        lambda low, best: low[2] > 100 and best[0] - low[0] == 1)(
        _measured(names, names["p"][names["validation"]] > names["row_threshold"]),
        _best(names)),
    "The obvious 0.5 loses one load more than need be": lambda names: _best(names)[0] - _measured(
        names, names["p"][names["validation"]] > 0.5)[0] == 1,
    "that is one load of seven": lambda names: names["never"] == 42,
    "All three find every leak": lambda names: all(
        _in_time(names, method)["slow_leak"] == 9 for method in names["methods"]),
    "it calls seven failures more than the chart, 24 of the 27": lambda names: (lambda chart, book: (
        book["all"] == 24 and book["all"] - chart["all"] == 7
        and book["false alarms per week"] < chart["false alarms per week"]))(
        _in_time(names, "EWMA, limit of lesson 03"), _in_time(names, "gradient boosting")),
    "boosting calls eight of nine": lambda names: _in_time(names, "gradient boosting")["fan_failure"] == 8,
    "A limit by cost does not help the chart": lambda names: (lambda plain, priced: (
        priced["all"] <= plain["all"] and priced["false alarms per week"] > plain["false alarms per week"]))(
        _in_time(names, "EWMA, limit of lesson 03"), _in_time(names, "EWMA, limit by cost")),
    "calls one condenser more than boosting, with nearly four times the false alarms": lambda names: (
        lambda near, book: near["condenser_fouling"] - book["condenser_fouling"] == 1
        and 3.5 < near["false alarms per week"] / book["false alarms per week"] < 4)(
        _in_time(names, "k-NN distance, 15 features"), _in_time(names, "gradient boosting")),
    "twelvefold": lambda names: (lambda limits: max(limits) == 0.6 and min(limits) == 0.05)(
        names["limits"]["gradient boosting"]),
    "six a week for the owner of 24": lambda names: round(
        24 * _in_time(names, "gradient boosting")["false alarms per week"]) == 6,
    "twice the precision of the better of them": lambda names: 1.8 < (
        names["row_of"](names["by_unit"]["k-NN classifier"])["average precision"] / names["shares"].loc["without"].iloc[
            1]) < 2.3,
    "boosting calls one leak, two condensers, and no fan": lambda names: [
        names["without"](kind) for kind in names["kinds"]] == [1, 2, 0],
    "Trained on all 24 stores": lambda names: names["unit"][names["labelled"]].nunique() == 24,
    "A random split of rows gave 0.99": lambda names: 0.985 < names["row_of"](
        names["splits"]["rows at random"])["accuracy"] < 0.995,
    "on the fleet 24 of 33 failures in time, and one false alarm in four weeks": lambda names: (
        _in_time(names, "gradient boosting")["all"] == 24
        and 3.5 < 1 / _in_time(names, "gradient boosting")["false alarms per week"] < 4.5),
    "Twenty hours ahead, and no false alarm": lambda names: (lambda row: (
        19 < row["hours before the trip"] < 21 and row["false alarms per week"] == 0))(
        names["board"].table().loc["boosting, learned on the fleet"]),
}

FACTS = {
    "24.1 hours ahead (downwards only 42.5)": "two rows of the board at the end of lesson 03",
    "21.5 hours ahead": "a row of the board at the end of lesson 04",
}
