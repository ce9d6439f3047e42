"""What the prose of 08_batch_and_live says in numbers that stand in no output beside it."""


def _rings(names, span, **rule):
    begin, end = span
    return [time for time in names["rings"](names["batch"], **rule)
            if names["pd"].Timestamp(begin) <= time < names["pd"].Timestamp(end)]


def _in_leak(names, **rule):
    return _rings(names, (names["leak"]["start"], names["leak"]["trip"]), **rule)


def _healthy(names, **rule):
    return _rings(names, ("2015-10-18", names["leak"]["start"]), **rule)


def _hours_ahead(names, times):
    return (names["leak"]["trip"] - min(times)).total_seconds() / 3600


def _season(names, method, column):
    return names["drifted"][method][column].mean()


def _lead_minutes(names):
    batch = names["recipes"].scored_current(names["df"], "2015-10-18")["is_alarm"]["2015-10-20":]
    live = names["whole"]["2015-10-20":]
    return (live.index[live.argmax()] - batch.index[batch.argmax()]).total_seconds() / 60


def _missed_by_trees(names):
    return names["N_STORES"] - names["drifted"]["half-space trees"]["12 hours ahead"].sum()


def _missed_each_day(names):
    """Score of the missed leak's highest row before the last twelve hours, over the limit of that day."""
    daily = names["drifted"]["fitted each day"]["12 hours ahead"]
    missed = names["quarters"][int(daily.argmin())]
    trip, pd = names["trips"].iloc[int(daily.argmin())], names["pd"]
    shares = []
    for day in pd.date_range("2016-03-29", trip.normalize()):
        fitting, held = missed[day - pd.Timedelta("21D"):day - pd.Timedelta("5D")], missed[day - pd.Timedelta("5D"):day]
        distance = names["HotellingT2"](n_components=7).fit(fitting)
        new = missed[day:min(day + pd.Timedelta("1D"), trip - pd.Timedelta("12h"))]
        if len(new):
            shares.append(distance.decision_function(new).max() / distance.decision_function(held).max())
    return max(shares)


CLAIMS = {
    "A store sends one reading every minute and a half": lambda names: names["arriving"].index.to_series().diff(
        ).median().total_seconds() == 90,
    "go on from the end of its training, two days ago": lambda names: 1.9 < (names["pd"].Timestamp(
        "2015-10-17 23:59") - names["since"]).total_seconds() / 86400 < 2.2,
    "Without a rule the telephone rings 49 times in the leak, and 29 times more on three healthy days": lambda names: (
        len(_in_leak(names)), len(_healthy(names))) == (49, 29),
    "It has one false ring left, and gives up 27 hours of warning": lambda names: len(_healthy(
        names, k=5, n=8)) == 1 and round(_hours_ahead(names, _in_leak(names)) - _hours_ahead(
        names, _in_leak(names, k=5, n=8))) == 27,
    "waits until five rows in twelve minutes agree": lambda names: names["RULE"]["n"] * names[
        "arriving"].index.to_series().diff().median().total_seconds() / 60 == 12,
    "Merging an hour costs nothing in delay and takes most rings away": lambda names: (
        _in_leak(names, merge="1h")[0] == _in_leak(names)[0] and len(_in_leak(names, merge="1h")) < 49 / 4
        and len(_healthy(names, merge="1h")) < 29 / 2),
    "It rings once on the days held back, and **never again**": lambda names: len(
        names["rings"](names["batch"], merge="1D")) == 1,
    "Hysteresis helps little here": lambda names: len(_in_leak(names, off=names["threshold"] / 2)) > 0.7 * 49,
    "those of the 22nd name the power of the drive, the last one before the trip the thermal store": lambda names: [
        (alarm.time.day, alarm.channel) for alarm in names["told"] if alarm.kind == "begin"] == [
        (18, "drive_power"), (22, "drive_power"), (22, "drive_power"), (23, "tes_temp_2")],
    "one in fifty waits in a buffer for up to a quarter of an hour, one in fifty is sent twice, one in a hundred is lost":
        lambda names: 0.96 < len(names["radio"]) / (1.01 * len(names["sent"])) < 1.04,
    "Half as many rows again are above the threshold": lambda names: 1.4 < (
        names["as_they_come"][names["healthy"]] > names["threshold"]).sum() / (
        names["later"][:names["leak"]["start"]] > names["threshold"]).sum() < 1.6,
    "loses 129 late readings, 2.6 % of all": lambda names: round(
        names["waited"]("0s")["late, set aside"] / len(names["radio"]), 3) == 0.026,
    "whoever waits for a quarter of an hour loses none": lambda names: names["waited"]("15min")["late, set aside"] == 0,
    "until the repaired machine has run for an afternoon": lambda names: names["whole"][names["whole"]].index[
        -1].strftime("%d %H") == "29 17" and names["leak"]["end"].strftime("%d %H") == "29 12",
    "Two rows, three minutes": lambda names: 2.5 < _lead_minutes(names) < 3.5,
    "The best rule of the board, live: three minutes later than as a batch": lambda names: 2.5 < _lead_minutes(
        names) < 3.5,
    "its farmer sets it 1.5 °C warmer": lambda names: all(
        abs(names["warmer"][name] - getattr(names["cool"], name) - 1.5).max() < 1e-9 for name in names["warmer"]),
    "the calls double with the new crop and stay": lambda names: all(1.7 < _season(
        names, "fitted once", column) / _season(names, "fitted once", "before") < 2.5 for column in (
        "the week after", "later")),
    "is as lost in the week of the change, even louder, but then it has seen the new days": lambda names: _season(
        names, "fitted each Monday", "the week after") > _season(names, "fitted once", "the week after") and _season(
        names, "fitted each Monday", "later") < 2.1,
    "is quieter still, and misses one leak, by a hair": lambda names: 0.9 < _missed_each_day(names) <= 1,
    "one leak of six": lambda names: _missed_by_trees(names) == 5,
    "it reports two drifts a day": lambda names: all(1.9 < sum(
        time < names["change"] for time in names["drifts"](room)) / 35 < 2.6 for room in names["rooms"]),
    "needs ten days and more after it, or never speaks": lambda names: all(
        not found or (found[0] - names["change"]).days >= 10 for delta in (0.002, 0.05)
        for found in [names["drifts"](night, delta=delta, clock=1, grace_period=5) for night in names["nights"]]),
    "lesson 05's fleet, 24 stores of 90 days": lambda names: names["fleet"].index.unique("unit").size == 24 and (
        names["fleet"].loc[0].index[-1] - names["fleet"].loc[0].index[0]).days == 89,
    "fitted on the ten days before 11 February": lambda names: (names["pd"].Timestamp("2016-02-11") - names[
        "fleet"].loc[0].index[0]).days == 10,
    "the 23 others are scored all the same": lambda names: names["report"]["status"].isin(["scored", "kept"]).sum() == 24,
}

FACTS = {}
