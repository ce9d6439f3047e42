"""What the prose of 10_your_own_data says in numbers that stand in no output beside it."""

import pandas as pd

TRIP = pd.Timestamp("2015-10-23 08:31:30")


def _row(names, method):
    return names["board"].table().loc[method]


def _hours(names, method):
    return _row(names, method)["hours before the trip"]


def _malformed(names):
    return sum(int(note.partition(" in ")[2].split()[0]) for note in names["notes"] if "text among" in note)


def _before_trip(names):
    parts = names["generic"].parts
    return parts[(parts.index >= "2015-10-20 20:00") & (parts.index < TRIP)]


def _second(names):
    """The second alarm: its first row, the parts there, and when the others alone reach the upper threshold."""
    generic, start = names["generic"], names["scored"].events["start"][1]
    others = generic.parts.drop(columns="AMB TEMP").max(axis=1)[start:]
    return generic.parts.loc[start], others[others > generic.threshold].index[0]


def _door_and_leak(names):
    """The pattern's score: the least with the door open, the highest of the leak before the trip with it shut."""
    pattern, door = names["generic"].parts["all channels together"], names["store"]["DOOR OPEN"] > 0
    leak = _before_trip(names).index
    return pattern[:TRIP][door].min(), pattern[leak][~door[leak]].max()


def _drowned(names):
    made, generic = names["made"]("2015-10-18").iloc[:, 0].reindex(names["store"].index), names["generic"]
    as_it_is = names["score"](names["store"].assign(made=made), "2015-10-18")
    filled = names["score"](names["store"].assign(made=made.ffill().fillna(0)), "2015-10-18")
    reached = filled.parts["made"][_before_trip(names).index].max()
    return ("made" not in as_it_is.parts and as_it_is.threshold == generic.threshold
            and (round(reached, 1), round(filled.threshold, 1)) == (2.9, 7.7))


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
    "ten channels are switches or nearly so": lambda names: (
        names["df"][names["scored"].parts.columns[:-1]][:"2015-10-15 23:37"].nunique() <= 3).sum() == 10,
    "Three healthy rows score above 5: somebody opened the door": lambda names: (
        lambda high: len(high) == 3 and (high > 5).all()
        and (names["store"]["DOOR OPEN"][high.index] == 1).all())(names["calm"][names["calm"] > 2]),
    "A third of the later rows are in an alarm": lambda names: 0.3 < names["scored"].share < 0.35,
    "89.7 °C on the 19th, -18.4 °C on the 23rd": lambda names: (
        lambda events: events["began"].tolist() == ["AMB TEMP"] * 2
        and events["start"].dt.strftime("%d").tolist() == ["19", "23"]
        and names["store"]["AMB TEMP"][events["start"]].tolist() == [89.7, -18.4])(names["scored"].events),
    "because all channels together are above the lower threshold by then": lambda names: (
        lambda parts: names["generic"].off < parts["all channels together"] < names["generic"].threshold < parts[
            "AMB TEMP"] and (parts.drop(["AMB TEMP", "all channels together"]) < names["generic"].off).all())(
                _second(names)[0]),
    "carries one glitch for six days": lambda names: names["scored"].events.eval("end - start")[1].round(
        "1D") == pd.Timedelta("6D"),
    "they reach the upper threshold on the 25th": lambda names: _second(names)[1].day == 25,
    "1 % outside and 99.9 % inside": lambda names: (
        lambda stuck: (stuck["AMB HUMIDITY"], stuck["ROOM HUMIDITY"]) == (1.0, 99.9)
        and names["store"]["AMB HUMIDITY"].min() == 1.0 and names["store"]["ROOM HUMIDITY"].max() == 99.9)(
            names["store"].loc[names["findings"].channels["stuck_since"].max()]),
    "to a risk of one in ten thousand rows": lambda names: "risk of 0.0001 a row" in names["scored"].how,
    "somewhere between 3 and 37": lambda names: "from 3.12 to 36.8" in names["scored"].how,
    "Two days say little about what happens once in ten": lambda names: (
        9 < names["step"] / pd.Timedelta("1D") / 1e-4 < 12
        and (names["held"].index[-1] - names["held"].index[0]).days <= 2),
    "A row comes every 90 seconds": lambda names: names["step"] == pd.Timedelta("90s"),
    "calls 10.6 hours **after** the trip, later than the rule that everybody writes": lambda names: (
        _hours(names, "any file, 35 channels") == -10.6 and _hours(names, "room > 10 °C") > -10.6),
    "without it the call comes two days after the trip": lambda names: (
        -49 < _hours(names, "any file, two of three rows") < -47),
    "calls a day **before** the trip, with one false alarm": lambda names: (
        23 < _hours(names, "any file, made channel") < 25
        and _row(names, "any file, made channel")["false alarms"].startswith("1 in")),
    "calls two days before, but six times for nothing": lambda names: (
        47 < _hours(names, "any file, raw current") < 49
        and _row(names, "any file, raw current")["false alarms"].startswith("6 in")),
    "an opened door scores above 5, and the leak, while the door is shut, 3.2 at most": lambda names: (
        _door_and_leak(names)[0] > 5 and round(_door_and_leak(names)[1], 1) == 3.2),
    "from 7.1 to 4.3, the call by nine hours and the false alarms from one to nine": lambda names: (
        lambda table: table["threshold"].round(1)[2:4].tolist() == [7.1, 4.3]
        and round(table["hours before the trip"].diff().iloc[3]) == 9
        and [each.split()[0] for each in table["false alarms"][2:4]] == ["1", "9"])(names["by_end"]["35 channels"]),
    "two days less or more, and it never calls": lambda names: names["by_end"]["35 channels"][
        "hours before the trip"].isna().tolist() == [True, False, False, False, True],
    "it calls 24 hours ahead each time": lambda names: (
        names["by_end"]["made channel"]["hours before the trip"].round() == 24).all(),
    "it reaches 2.9 before the trip, and the threshold is 7.7": _drowned,
    "before the trip no channel was far enough out to reach the threshold": lambda names: (
        _before_trip(names).max().max() < names["generic"].threshold),
    "Four rows for any file": lambda names: sum(
        name.startswith("any file") for name in names["board"].table().index) == 4,
}

FACTS = {}
