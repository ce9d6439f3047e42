"""What the prose of 10_your_own_data says in numbers that stand in no output beside it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import default_recipe, tsb_nab
from mupy_helpers.own_data import recipe

BOARDS = Path(__file__).resolve().parents[2] / "benchmarks" / "default_recipe.json"
TRIP = pd.Timestamp("2015-10-23 08:31:30")


def _row(names, method):
    return names["board"].table().loc[method]


def _hours(names, method):
    return _row(names, method)["hours before the trip"]


def _malformed(names):
    return sum(int(note.partition(" in ")[2].split()[0]) for note in names["notes"] if "text among" in note)


def _parts_at_call(names):
    """The parts in the first row of the alarm that is on 22.3 hours before the trip."""
    generic = names["generic"]
    during = generic.is_alarm[(generic.is_alarm.index >= "2015-10-20 20:00") & (generic.is_alarm.index < TRIP)]
    return generic.parts.loc[during[during].index[0]]


def _together(names):
    part = names["generic"].parts["all channels together"]
    return part[(part.index >= "2015-10-20 20:00") & (part.index < TRIP)]


def _long(names):
    events = names["scored"].events
    return events[events.eval("end - start") > pd.Timedelta("30min")]


def _beside_the_others(names):
    made = names["made"]("2015-10-18").iloc[:, 0].reindex(names["store"].index)
    as_it_is = names["score"](names["store"].assign(made=made), "2015-10-18")
    filled = names["score"](names["store"].assign(made=made.ffill().fillna(0)), "2015-10-18")
    begun = filled.events[filled.events["began"] == "made"]["start"]
    in_leak = begun[(begun > "2015-10-20 20:00") & (begun < TRIP)]
    return ("made" not in as_it_is.parts and round((TRIP - in_leak.iloc[0]) / pd.Timedelta("1h")) == 24
            and filled.is_alarm.sum() > names["generic"].is_alarm.sum() * 0.9)


def _boards():
    return json.loads(BOARDS.read_text(encoding="utf-8"))


def _line(counted, ours, left_out):
    """The line of the table of boards, from the stored figures."""
    figures, digits = _boards(), 1 if "score" in counted else 2
    return f"{counted} | {figures['default_' + ours]:.{digits}f} | {figures['left_out_' + left_out]:.{digits}f} |"


def _in_prose(words):
    lesson = BOARDS.parents[1] / "notebooks" / "source" / "10_your_own_data.py"
    return words in lesson.read_text(encoding="utf-8")


def _in_case_study(name, words):
    study = BOARDS.parents[1] / "notebooks" / "case_studies" / "source" / f"{name}.py"
    return words in study.read_text(encoding="utf-8")


def _hours_alone(names):
    """Hours before the trip of each channel by itself, in the rows in which the compressor runs; NaN for no call."""
    hours, board = {}, names["Scoreboard"](names["datasets"].load_cold_store_events())
    rows = names["store"].loc[names["running"].index]
    fitted = rows[rows.index < "2015-10-18"].iloc[:round(0.7 * (rows.index < "2015-10-18").sum())]
    for name in rows.columns[fitted.nunique() > 1]:
        alarms = names["score"](rows[[name]], "2015-10-18").is_alarm.reindex(names["readings"].index, fill_value=False)
        hours[name] = board.add(name, alarms, "").table().loc[name, "hours before the trip"]
    return pd.Series(hours)


def _least_limits_hold(names):
    """Whether each channel's limit is the least one: then less than one held-back row in twenty reaches it."""
    healthy = (names["df"].index < names["scored"].healthy_until).sum()
    channels = names["df"][names["scored"].parts.columns[:-1]].ffill()
    held_back = [recipe.news(x.fillna(x.median()), healthy).iloc[round(0.7 * healthy):healthy]
                 for _, x in channels.items()]
    return len(held_back) == 23 and max(np.quantile(each, 0.95) for each in held_back) < 1


CLAIMS = {
    "these ten malformed readings and the six rows that were written twice": lambda names: (
        _malformed(names) == 10 and any(note.startswith("6 rows have the time") for note in names["notes"])),
    "a gap of ten days": lambda names: round(
        (names["plots"].gaps(names["df"].index).eval("end - start").max()) / pd.Timedelta("1D")) == 10,
    "The twelve gaps and the seven dead channels": lambda names: (
        len(names["findings"].gaps), names["findings"].channels["constant"].sum()) == (12, 7),
    "Two humidities that repeat one reading for hours, on 25 October": lambda names: (
        lambda stuck: len(stuck) == 2 and all("HUMIDITY" in name for name in stuck.index) and (
            stuck["stuck_since"].dt.strftime("%m-%d") == "10-25").all())(
                names["findings"].channels.query("stuck > 0")),
    "at 40 rows an hour a day has 960": lambda names: pd.Timedelta("1D") / names["step"] == 960,
    "Twelve channels do not vary while the recipe learns": lambda names: (
        names["df"].shape[1] - (names["scored"].parts.shape[1] - 1) == 12),
    "Ten channels are switches or nearly so": lambda names: (
        names["df"][names["scored"].parts.columns[:-1]][:"2015-10-15 23:37"].nunique() <= 3).sum() == 10,
    "Nine held-back rows are above the limit already, in the morning of the 16th": lambda names: (
        lambda high: len(high) == 9 and (high.index.strftime("%d") == "16").all() and (high.index.hour < 12).all())(
            names["calm"][names["calm"] > 1]),
    "it began with an ice tank, and somebody opened the door": lambda names: (
        lambda high: names["generic"].parts.loc[high.index[0]].idxmax().startswith("TES TEMP")
        and names["store"]["DOOR OPEN"][high.index].max() == 1)(names["calm"][names["calm"] > 1]),
    "More than a third of the later rows are in an alarm": lambda names: 1 / 3 < names["scored"].share < 0.4,
    "Most of the others are one row long": lambda names: (
        (names["scored"].events["start"] == names["scored"].events["end"]).mean() > 0.5),
    "the outside temperature of 89.7 °C on the 19th: a row later it is 23.7 °C again": lambda names: (
        lambda event: event["start"].day == 19 and event["start"] == event["end"]
        and names["store"]["AMB TEMP"][event["start"]:].head(2).tolist() == [89.7, 23.7])(
            names["scored"].events.query("began == 'AMB TEMP'").iloc[0]),
    "at noon of the 18th `TES TEMP 2` falls from 0.6 to −2.6 °C and stays below zero for seven hours": lambda names: (
        lambda event, tank: f"{event['start']:%d %H:%M}" == "18 12:00" and event["start"] == event["end"]
        and tank[:event["start"]].tail(2).tolist() == [0.6, -2.6]
        and (tank[event["start"]:event["start"] + pd.Timedelta("7h")] < 0).all())(
            names["scored"].events.query("began == 'TES TEMP 2'").iloc[0], names["store"]["TES TEMP 2"]),
    "Three alarms last longer than half an hour": lambda names: len(_long(names)) == 3,
    "one at midnight of the 18th, then six days from the 23rd, which is the leak, and its end": lambda names: (
        lambda some: some["start"].dt.strftime("%d %H").tolist() == ["18 23", "23 04", "29 21"]
        and some.eval("end - start").iloc[0].round("1h") == pd.Timedelta("1h")
        and 6 <= some.eval("end - start").iloc[1] / pd.Timedelta("1D") < 7)(_long(names)),
    "an ice tank that thaws during the leak, and stays warm for days": lambda names: (
        names["watched"] == "TES TEMP 2" and names["store"]["TES TEMP 2"][:"2015-10-22"].max() < 5
        and names["store"]["TES TEMP 2"]["2015-10-25":"2015-10-28"].min() > 20),
    "so on this file the least limit holds for all 23 channels": _least_limits_hold,
    "1 % outside and 99.9 % inside": lambda names: (
        lambda stuck: (stuck["AMB HUMIDITY"], stuck["ROOM HUMIDITY"]) == (1.0, 99.9)
        and names["store"]["AMB HUMIDITY"].min() == 1.0 and names["store"]["ROOM HUMIDITY"].max() == 99.9)(
            names["store"].loc[names["findings"].channels["stuck_since"].max()]),
    "what a reading gets that is outside by a twenty-fifth of the range": lambda names: round(0.2 ** 2, 3) == 1 / 25,
    "And two days say little about a month: nine rows of 1,867": lambda names: (
        (names["held"].index[-1] - names["held"].index[0]).days <= 2 and len(names["calm"]) == 1867
        and (names["calm"] > 1).sum() == 9),
    "A row comes every 90 seconds": lambda names: names["step"] == pd.Timedelta("90s"),
    "With all channels the recipe calls 22.3 hours **before** the trip": lambda names: (
        _hours(names, "any file, 35 channels") == 22.3),
    "15 false alarms in little more than a week": lambda names: (
        _row(names, "any file, 35 channels")["false alarms"].startswith("15 in 1.2 weeks")),
    "at that moment it is one glitch of the outside temperature": lambda names: (
        lambda parts: parts.idxmax() == "AMB TEMP" and (parts > 1).sum() == 1)(_parts_at_call(names)),
    "Asked for two of three rows it calls 3.4 hours before the trip, with three false alarms": lambda names: (
        _hours(names, "any file, two of three rows") == 3.4 > _hours(names, "room > 10 °C")
        and _row(names, "any file, two of three rows")["false alarms"].startswith("3 in")),
    "calls a day **before** the trip, with two false alarms": lambda names: (
        23 < _hours(names, "any file, made channel") < 25
        and _row(names, "any file, made channel")["false alarms"].startswith("2 in")),
    "five times as dear as the rule that everybody writes": lambda names: 5 <= _row(names, "any file, 35 channels")[
        "expected cost per year"] / _row(names, "room > 10 °C")["expected cost per year"] < 6,
    "So it does with the raw current of the rows in which the compressor runs": lambda names: (
        _hours(names, "any file, raw, running") == _hours(names, "any file, made channel")
        and _row(names, "any file, raw, running")["false alarms"] == _row(names, "any file, made channel")[
            "false alarms"]),
    "of all rows, the raw current is silent until six days **after** the trip": lambda names: (
        round(_hours(names, "any file, raw current") / 24) == -6),
    "of the 16 channels that vary in these rows, each given alone, only the current, the drive power and that one "
    "glitch call more than two hours before the trip": lambda names: (lambda hours: len(hours) == 16 and set(
        hours.index[hours > 2]) == {"DRIVE CURRENT", "DRIVE POWER", "AMB TEMP"} and hours["AMB TEMP"] == 22.3)(
            _hours_alone(names)),
    "calls 42.5 hours before the trip without a false alarm": lambda names: (
        lambda row: row["hours before the trip"] == 42.5 and row["false alarms"].startswith("0 in"))(
            _row(names, "EWMA, downwards only")),
    "even a count of starts makes 19.8 hours without one": lambda names: (
        lambda row: row["hours before the trip"] == 19.8 and row["false alarms"].startswith("0 in"))(
            _row(names, "starts in six hours")),
    "before the 23rd they stay below the limit": lambda names: (
        lambda part: part[:"2015-10-22"].max() < 1 < part["2015-10-23":].max())(_together(names)),
    "With all channels the call stays, for it is that one glitch": lambda names: (
        names["by_end"]["35 channels"]["hours before"].round(1) == 22.3).all(),
    "six or seven false alarms stay, too": lambda names: (
        set(names["by_end"]["35 channels"]["false alarms"]) == {6, 7}),
    "it calls 24 hours ahead or more, and from the 20th on never falsely": lambda names: all(
        names["by_end"][name]["hours before"].round(1).min() >= 24 and names["by_end"][name]["false alarms"].max() == 0
        for name in ("raw, running", "made channel")),
    "Once it is 42.6 hours": lambda names: (
        names["by_end"]["made channel"]["hours before"].round(1) == 42.6).sum() == 1,
    "TSB-AD, 14 series": lambda names: len(tsb_nab.FILES) == 14,
    "F1, all alarms above 1 | 0.81 | 0.79 | always alarm: 0.70": lambda names: (
        _in_prose(_line("F1, all alarms above 1", "f1", "f1")) and round(_boards()["always_alarm_f1"], 2) == 0.70),
    "MCC, the same alarms | 0.62 | 0.58": lambda names: _in_prose(_line("MCC, the same alarms", "mcc", "mcc")),
    "its score, alarms above 1 | 66.8 | 55.3": lambda names: _in_prose(
        _line("its score, alarms above 1", "own_limit", "own_limit")),
    "its score, best threshold | 69.6 | 59.6 | the board's own detector: about 70": lambda names: (
        _in_prose(_line("its score, best threshold", "standard", "standard"))
        and _in_case_study("nab_ambient_temperature", "about 70 for Numenta's HTM")),
    "NAB shows what that is worth, eleven points": lambda names: round(
        _boards()["default_own_limit"] - _boards()["left_out_own_limit"]) == 11,
    "volume under the surface | 0.39 | 0.39 | readings outside the range: 0.148": lambda names: (
        _in_prose(_line("volume under the surface", "causal", "causal"))
        and _in_case_study("tsb_ad_fourteen", "From .148 to .555")),
    "the same, blurred by 201 rows | 0.67 | 0.66 | the same, blurred: 0.555": lambda names: (
        _in_prose(_line("the same, blurred by 201 rows", "offline", "offline")) and default_recipe.AHEAD == 201),
    "of the 16 variants that the benchmark still holds": lambda names: len(default_recipe.VARIANTS) == 16,
    "a hundred rows ahead": lambda names: default_recipe.AHEAD // 2 == 100,
    "but among 23 channels one thing that is wrong": lambda names: names["generic"].parts.shape[1] == 24,
    "about 250 variants were looked at": lambda names: _boards()["tried"] == 250,
    "it calls as early, with its gaps filled; the others' false alarms come along": _beside_the_others,
    "Five rows for any file": lambda names: sum(
        name.startswith("any file") for name in names["board"].table().index) == 5,
}

FACTS = {}
