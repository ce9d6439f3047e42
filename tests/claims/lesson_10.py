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


def _careless(names):
    row = _row(names, "any file, first 30 %")
    return -10.6 < row["hours before the trip"] < 0 and row["false alarms"].startswith("9 in")


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
    "a third of the later rows are alarms": lambda names: 0.3 < names["scored"].is_alarm[
        names["scored"].healthy_until:].mean() < 0.35,
    "Two alarms: one reading of the outside temperature on the evening of the 19th": lambda names: (
        lambda events: len(events) == 2 and events["channel"][0] == "AMB TEMP"
        and events["start"][0] == events["end"][0] and events["start"][0].strftime("%d %H") == "19 21"
        and events["start"][1].strftime("%d %H") == "23 19"
        and events["end"][1].day == 29)(names["scored"].events),
    "to a risk of one in ten thousand rows": lambda names: "risk of 0.0001 a row" in names["scored"].how,
    "somewhere between 3 and 37": lambda names: "from 3.12 to 36.8" in names["scored"].how,
    "Two days say little about what happens once in ten": lambda names: (
        9 < names["step"] / pd.Timedelta("1D") / 1e-4 < 12
        and (names["held"].index[-1] - names["held"].index[0]).days <= 2),
    "A row comes every 90 seconds": lambda names: names["step"] == pd.Timedelta("90s"),
    "calls 10.6 hours **after** the trip, later than the rule that everybody writes": lambda names: (
        _hours(names, "any file, 35 channels") == -10.6 and _hours(names, "room > 10 °C") > -10.6
        and round(_hours(names, "EWMA, downwards only") + 10.6) == 53),
    "and 53 hours after the chart": lambda names: round(
        _hours(names, "EWMA, downwards only") - _hours(names, "any file, 35 channels")) == 53,
    "a little earlier, still too late, and nine times for nothing": _careless,
    "Given the right channel the same recipe calls a day **before** the trip": lambda names: (
        23 < _hours(names, "any file, one made channel") < 25),
    "before the trip no channel was far enough out to reach the threshold": lambda names: (
        _before_trip(names).max().max() < names["generic"].threshold),
    "Three rows for any file: two too late, one a day early": lambda names: [
        _hours(names, name) > 0 for name in names["board"].table().index if name.startswith("any file")] == [
            False, False, True],
}

FACTS = {}
