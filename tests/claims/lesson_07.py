"""What the prose of 07_ensembles says in numbers that stand in no output beside it."""

from claims.reasons import SET
from scipy.stats import fisher_exact
from stored_boards import shown

from tools.stored import stored_table

CHARTS = ["EWMA of the current's residual", "EWMA, downwards only", "CUSUM of the current's residual"]
MAHALANOBIS = "Mahalanobis (T², all components)"
ENSEMBLE = "ensemble: T² + SPE, VAR, LSTM"
ALL_DAYS = "EWMA, downwards, limit from all days"


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


def _gap(names, one, other):
    """False alarms per week of one method less those of another, store by store."""
    first, second = (names["results"][method] for method in (one, other))
    return first["false alarms"] / first["healthy weeks"] - second["false alarms"] / second["healthy weeks"]


def _leads_of_charts(names):
    return names["pd"].concat([names["results"][chart]["hours before the trip"] for chart in CHARTS])


def _lesson_05_false():
    return stored_table("05_supervised_detection", "results = ").loc["gradient boosting", "false alarms per week"]


def _lesson_04(method):
    return shown("04")[method][0]


def _precision(names, rival):
    return names["precision"][rival]


def _inside(names, one, other):
    gap = names["leaderboard"].difference(one, other)
    return gap["low"] < 0 < gap["high"]


CLAIMS = {
    "Half of T² + SPE's scores are below 0.2, and k-NN distance ends at 2.2": lambda names: (
        names["held_back"]["T² + SPE"].median() < 0.2 and round(names["held_back"]["k-NN distance"].max(), 1) == 2.2),
    "fifteen healthy days": lambda names: (lambda rows: (rows.index[names["N_HEALTHY"]] - rows.index[0]).days == 15
                                           and len(rows) == 2 * names["N_HEALTHY"])(names["recordings"][0].rows),
    "VAR has the highest mean on the spike": lambda names: names["alone"][[
        one.name.startswith("spike") for one in names["recordings"]]].mean().idxmax() == "VAR residual",
    "starts below each of its parts": lambda names: names["tables"]["the three"]["vote, score above 3"].mean() < min(
        names["alone"][part].mean() for part in names["trio"]),
    "VAR passes 7 in nearly a quarter of the rows": lambda names: 0.2 < (
        names["held_back"]["VAR residual"] > 7).mean() < 0.25,
    "they differ by less than two standard errors": lambda names: all(
        abs(gap.mean()) < 2 * gap.sem() for how in ("mean", "max", "median") for one in ("T² + SPE", "k-NN distance")
        for gap in [names["tables"]["the three"][how] - names["alone"][one]]),
    "Five of the ten members are above LOF on all channels": lambda names: sum(
        one > names["alike"] for one in names["each"]) == 5,
    "the mean of eight is as good as the best of them, and the nearest neighbours are better": lambda names: -0.1 < max(
        _precision(names, f"pair {i}") for i in range(8)) - _precision(names, "mean of eight") < 0.05 and _precision(
        names, "k-NN distance") > _precision(names, "mean of eight") + 0.05,
    "Zero is inside both": lambda names: len(names["pairs"]) == 2 and all(
        _inside(names, *pair) for pair in names["pairs"]),
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
    "in its 200 highest rows, two of a hundred": lambda names: names["lucky"].sum() == names["honest"].sum() == 200
        == 0.02 * len(names["truth"]),
    "Of the honest one's 200 alarms 169 are right, of the other's 12": lambda names: [
        (names["truth"] & names[who]).sum() for who in ("honest", "lucky")] == [169, 12],
    "200 alarms cannot cover 1,200 rows": lambda names: names["truth"].sum() == 1200,
    "point-adjusted F1 above 0.95": lambda names: names["metrics"].point_adjusted_precision_recall(
        names["truth"], names["random_scores"] > 0.99).f1 > 0.95,
    "the alarm comes in its last third, 21 hours before the trip": lambda names: 21 < _row(
        names, "ensemble: T² + SPE, VAR, LSTM") < 22 and 63 > (
        names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600 * 1.0 > 0 and 21.3 / (
        (names["leak"]["trip"] - names["leak"]["start"]).total_seconds() / 3600) < 0.4,
    "its last 48 rows (one day)": lambda names: (
        names["recording"].rows.index[48] - names["recording"].rows.index[0] == names["pd"].Timedelta("1D")
        and names["day"].window == 48),
    "on the other four kinds it is no better than chance": lambda names: (
        names["single"]["forgetful"] - names["single"]["random"]).drop(["frequency", "mean"]).max() < 0.02,
    "sees just that level shift, and some of the spikes": lambda names: set(names["single"].index[
        names["single"]["amplitude"] > names["single"]["random"] + 0.05]) - {"mean"} == {"spike", "level shift"},
    "gets back the level shift and the spike, and pays with some of the changed frequency": lambda names: [
        round(value, 1) + 0.0 for value in (names["gain"]["forgetful"] - names["single"]["forgetful"])[
            ["level shift", "spike", "frequency"]]] == [0.3, 0.1, -0.1],
    "enclose the middle 95 % of the means": lambda names: 0.2 < _interval(
        names, "far from median")[1] - _interval(names, "far from median")[0] < 0.25,
    "on the other nine recordings the dense part alone is as good or better": lambda names: (
        names["leaderboard"].by_recording().eval("`dense autoencoder` > `board's ensemble` - 0.01").sum() == 9),
    "an alarm drawn by **lots**, twice a week": lambda names: abs(_false(
        names, "by lots, twice a week") - 2) < 0.5,
    "came 20.8 hours after the trip, here it is 22.5 hours early": lambda names: (
        _lesson_04("Isolation Forest") == "-20.8" and round(_row(names, "Isolation Forest"), 1) == 22.5),
    "row zero calls seven of twelve in time, and came after the trip": lambda names: _in_time(
        names, "room > 10 °C") == 7 and _row(names, "room > 10 °C") < 0,
    "calls all, and more than once a day for nothing": lambda names: _in_time(
        names, "robust z of the room > 3.5") == 12 and _false(names, "robust z of the room > 3.5") > 7,
    "calls nine, as seldom for nothing as row zero": lambda names: _in_time(names, "starts in six hours") == 9 and abs(
        _false(names, "starts in six hours") - _false(names, "room > 10 °C")) < 0.1,
    "call all twelve, for two to four times the calls for nothing": lambda names: all(
        _in_time(names, chart) == 12 and 1.5 < _false(names, chart) / _false(names, "starts in six hours") < 4
        for chart in CHARTS),
    "Looking downwards only halves those here": lambda names: 0.4 < _false(names, CHARTS[1]) / _false(
        names, CHARTS[0]) < 0.55,
    "Mahalanobis calls all twelve too": lambda names: _in_time(names, MAHALANOBIS) == 12,
    "as good as the one-sided chart": lambda names: abs(_gap(
        names, CHARTS[1], MAHALANOBIS).mean()) < _gap(names, CHARTS[1], MAHALANOBIS).sem(),
    "k-means, k-NN and Isolation Forest miss one, LOF and T² + SPE more": lambda names: {_in_time(
        names, method) for method in ("k-means distance", "k-NN distance", "Isolation Forest")} == {11} and max(
        _in_time(names, method) for method in ("LOF", "T² + SPE")) < 11,
    "calls five, as many as the lots, with half of their calls for nothing": lambda names: _in_time(
        names, "LSTM autoencoder") == _in_time(names, "by lots, twice a week") == 5 and 0.4 < _false(
        names, "LSTM autoencoder") / _false(names, "by lots, twice a week") < 0.6,
    "calls ten and VAR nine, with about as many calls for nothing": lambda names: _in_time(names, ENSEMBLE) == 10 and (
        _in_time(names, "VAR") == 9) and abs(_gap(names, "VAR", ENSEMBLE).mean()) < _gap(names, "VAR", ENSEMBLE).sem(),
    "calls half as often for nothing and as early": lambda names: 0.45 < _false(names, ALL_DAYS) / _false(
        names, CHARTS[1]) < 0.55 and (names["summary"].loc[[ALL_DAYS, CHARTS[1]], "36 hours ahead"] == "6 of 12").all(),
    "**The book** calls ten": lambda names: _in_time(names, "boosting of lesson 05") == 10,
    "Its 0.90 cannot be laid beside the 0.27 of lesson 05": lambda names: _false(
        names, "boosting of lesson 05") == 0.9 and _lesson_05_false() == 0.27,
    "Four methods cost nothing": lambda names: (lambda cost: set(cost.index[cost == 0]) == {
        "starts in six hours", *CHARTS[:2], "boosting of lesson 05"})(names["board"].table()["expected cost per year"]),
    "costs more than never calling": lambda names: names["board"].table().loc[
        ENSEMBLE, "expected cost per year"] > names["board"].table().loc["never call", "expected cost per year"],
    "an LSTM autoencoder of three channels came 23 hours before it, this one 1.4": lambda names: round(_row(
        names, "LSTM autoencoder"), 1) == 1.4 and 22.5 < float(shown("06")["LSTM autoencoder"][0]) < 23.5,
    "24 other stores and their service book": lambda names: names["datasets"].load_fleet().index.get_level_values(
        "unit").nunique() == 24,
    "three leaks more or less are no evidence, seven are": lambda names: names["np"].greater(
        [fisher_exact([[12, 0], [12 - some, some]]).pvalue for some in (3, 7)], 0.05).tolist() == [True, False],
    "a straight line with a memory does better": lambda names: _in_time(names, CHARTS[0]) > max(
        _in_time(names, ENSEMBLE), _in_time(names, "LSTM autoencoder")),
    "crowd about 24 and 48 hours": lambda names: (_leads_of_charts(names).between(20, 30) | _leads_of_charts(
        names).between(40, 50)).mean() > 0.8,
    "No bar is shorter than 0.8 calls a week": lambda names: all(
        _false(names, method) > 0.8 for method in names["shown"].index),
}

FACTS = {
    "from .097 to .390 (DCdetector), from .193 to .473 (TS2Vec) and from .509 to .584 (PaAno)": SET,
}
