"""What the prose of 07_ensembles says in numbers that stand in no output beside it."""

from claims.reasons import SET


def _row(names, method):
    return names["board"].table().loc[method, "hours before the trip"]


def _leads(names, parts):
    table = names["ablation"]
    return table.loc[table["parts"] == parts, "hours before the trip"]


def _interval(names, detector):
    return names["leaderboard"].table().loc[detector, ["low", "high"]].to_numpy(dtype=float)


def _in_time(names, method):
    return int(names["summary"].loc[method, "12 hours ahead"].split()[0])


def _false(names, method):
    return names["summary"].loc[method, "false alarms per week"]


CLAIMS = {
    "T² + SPE hardly ever reaches 1, k-NN distance hardly 2": lambda names: (
        names["held_back"][["T² + SPE", "k-NN distance"]] > [1, 2]).mean().max() < 0.05,
    "VAR passes 7 in nearly a quarter of the rows": lambda names: 0.2 < (
        names["held_back"]["VAR residual"] > 7).mean() < 0.25,
    "shouts 100 at one row in five": lambda names: abs(sum(
        (scores["broken"] == 100).mean() for scores in names["broken"]) / len(names["broken"]) - 0.2) < 0.02,
    "wherever it takes part, the alarm comes 21.3 hours before the trip, with the same two false alarms":
        lambda names: all((group["hours before the trip"].round(1) == 21.3).all() and (group["false alarms"] == 2).all()
            for parts, group in names["ablation"].groupby("parts") if "VAR" in parts),
    "T² + SPE alone is three hours early and the network alone hardly more than one": lambda names: 3 <= _leads(
        names, "T² + SPE").mean() < 3.5 and 1 < _leads(names, "LSTM autoencoder").mean() < 1.5,
    "both rank the rows no better than chance": lambda names: names["ablation"].groupby("parts")["VUS-PR"].mean()[
        ["T² + SPE", "LSTM autoencoder"]].max() < names["chance"] + 0.015,
    "in one seed of five the sum reaches its threshold on the day before": lambda names: (
        _leads(names, "T² + SPE + LSTM autoencoder") > 12).sum() == 1,
    "its hours spread by seven": lambda names: 6.5 < _leads(names, "T² + SPE + LSTM autoencoder").std() < 7.5,
    "two rows of a hundred": lambda names: 0.015 < names["lucky"].mean() < 0.025,
    "point-adjusted F1 above 0.95": lambda names: names["metrics"].point_adjusted_precision_recall(
        names["truth"], names["random_scores"] > 0.99).f1 > 0.95,
    "the alarm comes in its last third, 21 hours before the trip": lambda names: 21 < _row(
        names, "ensemble: T² + SPE, VAR, LSTM") < 22 and 63 > (
        names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600 * 1.0 > 0 and 21.3 / (
        (names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600) < 0.4,
    "its last 48 rows (one day)": lambda names: (
        names["recording"].rows.index[48] - names["recording"].rows.index[0] == names["pd"].Timedelta("1D")
        and names["day"].window == 48),
    "there it is no better than chance": lambda names: (
        names["by_kind"]["VAR residual"] - names["by_kind"]["random"]).drop("spike").mean() < 0.08,
    "on the other four kinds it is no better than chance": lambda names: (
        names["single"]["forgetful"] - names["single"]["random"]).drop(["frequency", "mean"]).max() < 0.02,
    "sees just that level shift, and some of the spikes": lambda names: set(names["single"].index[
        names["single"]["amplitude"] > names["single"]["random"] + 0.05]) - {"mean"} == {"spike", "level shift"},
    "gets back the level shift and the spike, and pays with some of the changed frequency": lambda names: [
        round(value, 1) + 0.0 for value in (names["gain"]["forgetful"] - names["single"]["forgetful"])[
            ["level shift", "spike", "frequency"]]] == [0.3, 0.1, -0.1],
    "enclose the middle 95 % of the means": lambda names: 0.2 < _interval(
        names, "far from median")[1] - _interval(names, "far from median")[0] < 0.25,
    "its interval meets that of its own dense part": lambda names: _interval(
        names, "board's ensemble")[0] < _interval(names, "dense autoencoder")[1],
    "on the other nine recordings the dense part alone is as good or better": lambda names: (
        names["leaderboard"].by_recording().eval("`dense autoencoder` > `board's ensemble` - 0.01").sum() == 9),
    "each of the four rows costs more than never calling": lambda names: (names["board"].table().loc[
        ["room > 10 °C", "z-score of the room > 3", "robust z of the room > 3.5", "seasonal residual of the room"],
        "expected cost per year"] > 6000).all(),
    "calls five of six leaks in time, and for nothing once in three weeks": lambda names: _in_time(
        names, "starts in six hours") == 5 and round(1 / _false(names, "starts in six hours")) == 3,
    "bought the sixth leak": lambda names: _in_time(names, "EWMA of the current's residual") == 6,
    "takes nearly half of those away": lambda names: 0.5 < _false(names, "EWMA, downwards only") / _false(
        names, "EWMA of the current's residual") < 0.65,
    "calls three times as often for nothing as that": lambda names: round(_false(
        names, "CUSUM of the current's residual") / _false(names, "EWMA, downwards only")) == 3,
    "they call one to five of six in time, with about as many calls": lambda names: {
        _in_time(names, name) for name in names["recipes"].makers()} >= {1, 5} and all(abs(_false(names, name) - _false(
            names, "EWMA of the current's residual")) < 0.2 for name in names["recipes"].makers()),
    "Isolation Forest calls five, and on the famous store it came after the trip": lambda names: _in_time(
        names, "Isolation Forest") == 5 and _row(names, "Isolation Forest") < 0,
    "The network** called two": lambda names: _in_time(names, "LSTM autoencoder") == 2,
    "misses one leak more": lambda names: _in_time(names, "VAR alone") - _in_time(
        names, "ensemble: T² + SPE, VAR, LSTM") == 1,
    "a count of its starts beats it": lambda names: _false(names, "starts in six hours") < _false(
        names, "ensemble: T² + SPE, VAR, LSTM"),
}

FACTS = {
    "from .097 to .390 (DCdetector), from .193 to .473 (TS2Vec) and from .509 to .584 (PaAno)": SET,
}
