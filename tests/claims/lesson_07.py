"""What the prose of 07_ensembles says in numbers that stand in no output beside it."""

from claims.reasons import SET


def _row(names, method):
    return names["board"].table().loc[method, "hours before the trip"]


def _leads(names, parts):
    table = names["ablation"]
    return table.loc[table["parts"] == parts, "hours before the trip"]


def _interval(names, detector):
    return names["leaderboard"].table().loc[detector, ["low", "high"]].to_numpy(dtype=float)


CLAIMS = {
    "T² + SPE hardly ever reaches 1, k-NN distance hardly 2": lambda names: (
        names["held_back"][["T² + SPE", "k-NN distance"]] > [1, 2]).mean().max() < 0.05,
    "VAR passes 7 in nearly a quarter of the rows": lambda names: 0.2 < (
        names["held_back"]["VAR residual"] > 7).mean() < 0.25,
    "shouts 100 at one row in five": lambda names: abs(sum(
        (scores["broken"] == 100).mean() for scores in names["broken"]) / len(names["broken"]) - 0.2) < 0.02,
    "wherever it takes part, the alarm comes 21.3 hours before the trip, with the same two false alarms": lambda names: all(
        (group["hours before the trip"].round(1) == 21.3).all() and (group["false alarms"] == 2).all()
        for parts, group in names["ablation"].groupby("parts") if "VAR" in parts),
    "PCA alone is three hours early and the network alone hardly more than one": lambda names: 3 <= _leads(
        names, "PCA").mean() < 3.5 and 1 < _leads(names, "LSTM autoencoder").mean() < 1.5,
    "in one seed of five the sum reaches its threshold on the day before": lambda names: (
        _leads(names, "PCA + LSTM autoencoder") > 12).sum() == 1,
    "its hours spread by seven": lambda names: 6.5 < _leads(names, "PCA + LSTM autoencoder").std() < 7.5,
    "two rows of a hundred": lambda names: 0.015 < names["lucky"].mean() < 0.025,
    "point-adjusted F1 above 0.95": lambda names: names["metrics"].point_adjusted_precision_recall(
        names["truth"], names["random_scores"] > 0.99).f1 > 0.95,
    "the alarm comes in its last third, 21 hours before the trip": lambda names: 21 < _row(
        names, "ensemble: PCA, VAR, LSTM") < 22 and 63 > (
        names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600 * 1.0 > 0 and 21.3 / (
        (names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600) < 0.4,
    "The forgetful network gains 0.08": lambda names: abs(
        names["gain"]["forgetful"] - names["single"].loc["mean", "forgetful"] - 0.08) < 0.01,
    "enclose the middle 95 % of the means": lambda names: 0.2 < _interval(
        names, "far from median")[1] - _interval(names, "far from median")[0] < 0.25,
    "The ensemble's interval begins above where all others end": lambda names: _interval(
        names, "course ensemble")[0] > max(_interval(names, name)[1] for name in names["leaderboard"].table().index
                                           if name != "course ensemble"),
    "Each of the four rows costs more than never calling": lambda names: (names["board"].table().loc[
        ["room > 10 °C", "z-score of the room > 3", "robust z of the room > 3.5", "seasonal residual of the room"],
        "expected cost per year"] > 6000).all(),
    "for nothing once in three weeks": lambda names: round(
        1 / names["summary"].loc["starts in six hours", "false alarms per week"]) == 3,
    "bought four more hours on all six": lambda names: 3.5 < names["summary"].loc[
        "EWMA of the current's residual", "median hours before the trip"] - names["summary"].loc[
        "starts in six hours", "median hours before the trip"] < 5,
    "which happened to raise the limits": lambda names: names["summary"].loc[
        "EWMA, begun at its first row", "false alarms per week"] < 0.3 * names["summary"].loc[
        "EWMA of the current's residual", "false alarms per week"],
    "none to four of the six leaks in time": lambda names: {names["summary"].loc[name, "leaks called 12 hours ahead"]
                                                             for name in names["recipes"].makers()}
    >= {"0 of 6", "4 of 6"},
    "misses one leak more": lambda names: [names["summary"].loc[name, "leaks called 12 hours ahead"] for name in (
        "VAR alone", "ensemble: PCA, VAR, LSTM")] == ["5 of 6", "4 of 6"],
    "a count of its starts beats it": lambda names: names["summary"].loc[
        "starts in six hours", "false alarms per week"] < names["summary"].loc[
        "ensemble: PCA, VAR, LSTM", "false alarms per week"],
}

FACTS = {
    "from .097 to .390 (DCdetector), from .193 to .473 (TS2Vec) and from .509 to .584 (PaAno)": SET,
}
