"""What the prose of 10_your_own_data says in numbers that stand in no output beside it."""

import json
from pathlib import Path

import pandas as pd

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
    "Most of these alarms are one row long": lambda names: (
        (names["scored"].events["start"] == names["scored"].events["end"]).mean() > 0.5),
    "the outside temperature of 89.7 °C on the 19th": lambda names: (
        lambda event: event["began"] == "AMB TEMP" and names["store"]["AMB TEMP"][event["start"]] == 89.7
        and event["start"].day == 19)(names["scored"].events.query("began == 'AMB TEMP'").iloc[0]),
    "an hour at midnight of the 18th, and then six days from the 23rd, which is the leak": lambda names: (
        lambda some: some["start"].dt.strftime("%d %H").head(2).tolist() == ["18 23", "23 04"]
        and some.eval("end - start").iloc[0].round("1h") == pd.Timedelta("1h")
        and 6 <= some.eval("end - start").iloc[1] / pd.Timedelta("1D") < 7)(_long(names)),
    "1 % outside and 99.9 % inside": lambda names: (
        lambda stuck: (stuck["AMB HUMIDITY"], stuck["ROOM HUMIDITY"]) == (1.0, 99.9)
        and names["store"]["AMB HUMIDITY"].min() == 1.0 and names["store"]["ROOM HUMIDITY"].max() == 99.9)(
            names["store"].loc[names["findings"].channels["stuck_since"].max()]),
    "never less than a twenty-fifth of the range of the past": lambda names: round(0.2 ** 2, 3) == 1 / 25,
    "Two days say little about a month: nine rows of 1,867": lambda names: (
        (names["held"].index[-1] - names["held"].index[0]).days <= 2 and len(names["calm"]) == 1867
        and (names["calm"] > 1).sum() == 9),
    "A row comes every 90 seconds": lambda names: names["step"] == pd.Timedelta("90s"),
    "With all channels the recipe calls 22.3 hours **before** the trip": lambda names: (
        _hours(names, "any file, 35 channels") == 22.3),
    "15 false alarms in little more than a week": lambda names: (
        _row(names, "any file, 35 channels")["false alarms"].startswith("15 in 1.2 weeks")),
    "at that moment it is one glitch of the outside temperature": lambda names: (
        lambda parts: parts.idxmax() == "AMB TEMP" and (parts > 1).sum() == 1)(_parts_at_call(names)),
    "Without glitches it calls 3.4 hours before the trip, with three false alarms": lambda names: (
        _hours(names, "any file, two of three rows") == 3.4 > _hours(names, "room > 10 °C")
        and _row(names, "any file, two of three rows")["false alarms"].startswith("3 in")),
    "calls a day **before** the trip, with two false alarms": lambda names: (
        23 < _hours(names, "any file, made channel") < 25
        and _row(names, "any file, made channel")["false alarms"].startswith("2 in")),
    "So it does with the raw current": lambda names: (
        _hours(names, "any file, raw current") == _hours(names, "any file, made channel")
        and _row(names, "any file, raw current")["false alarms"] == _row(names, "any file, made channel")[
            "false alarms"]),
    "before the 23rd they stay below the limit": lambda names: (
        lambda part: part[:"2015-10-22"].max() < 1 < part["2015-10-23":].max())(_together(names)),
    "The call stays, for it is that one glitch": lambda names: (
        names["by_end"]["35 channels"]["hours before the trip"].round(1) == 22.3).all(),
    "the false alarms go from 7 to 15": lambda names: (lambda counts: (min(counts), max(counts)) == (7, 15))(
        [int(each.split()[0]) for each in names["by_end"]["35 channels"]["false alarms"]]),
    "it calls 24 hours ahead or more, with two false alarms at most": lambda names: (
        lambda made: made["hours before the trip"].round().min() == 24
        and max(int(each.split()[0]) for each in made["false alarms"]) == 2)(names["by_end"]["made channel"]),
    "an F1 of 0.81 and an MCC of 0.62": lambda names: (
        round(_boards()["default_f1"], 2), round(_boards()["default_mcc"], 2)) == (0.81, 0.62),
    "on NAB's 58 series it scores 69.6": lambda names: round(_boards()["default_standard"], 1) == 69.6,
    "its mean volume under the surface is 0.39 as it comes, and 0.67 offline": lambda names: (
        round(_boards()["default_causal"], 2), round(_boards()["default_offline"], 2)) == (0.39, 0.67),
    "but among 23 channels one thing that is wrong": lambda names: names["generic"].parts.shape[1] == 24,
    "averaged over 201 rows around": lambda names: (
        "AHEAD = 201 " in BOARDS.with_suffix(".py").read_text(encoding="utf-8")),
    "about 250 variants were looked at": lambda names: _boards()["tried"] == 250,
    "it calls as early, with its gaps filled; the others' false alarms come along": _beside_the_others,
    "Four rows for any file": lambda names: sum(
        name.startswith("any file") for name in names["board"].table().index) == 4,
}

FACTS = {}
