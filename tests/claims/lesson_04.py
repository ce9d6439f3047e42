"""What the prose of 04_distance_and_clustering says in numbers that stand in no output beside it."""

import pandas as pd
from claims.reasons import SET


def _afternoon_share_of_frequency(names):
    """The frequency's share of the SPE from 14 to 15 o'clock of 22 October."""
    usual, pattern = names["usual"], names["pattern"]
    row = names["df"].loc["2015-10-22 14:00":"2015-10-22 15:00", names["machine"]].median()
    z = ((row - usual.mean()) / usual.std()).to_numpy()
    parts = (z - pattern.inverse_transform(pattern.transform([z]))[0]) ** 2
    return parts[names["machine"].index("frequency")] / parts.sum()


def _first_clear_rise(names):
    scores = names["puzzle"]["right"]
    return (scores["2015-10-20 20:00":] > 1.1 * scores[:"2015-10-17"].max()).idxmax()


def _weekly(names, method):
    units = names["results"][method]
    return (units["false alarms"] / units["healthy weeks"]).mean()


CLAIMS = {
    "A z-score per channel would call in few of the rows": lambda names: names["far"].mean() < 0.1,
    "hardly a healthy row is further out": lambda names: names["further"]["Mahalanobis"].mean() < 0.001,
    "on the 21st no row lies off the band": lambda names: not (names["spe"].decision_function(
        names["pair"].loc["2015-10-21"]) > names["spe"].limit(0.01)).any(),
    "helps much, but not enough": lambda names: 0.2 < names["further"]["Euclidean, scaled"].mean() < 0.4,
    "our training days hold a labelled glitch": lambda names: names["board"].leak["start"] > pd.Timestamp(
        "2015-10-17") and "sensor_glitch" in set(names["datasets"].load_cold_store_events().set_index(
            "start").loc["2015-10-14", "kind"]),
    "only in the last hours before the trip does it rise": lambda names: pd.Timestamp(
        "2015-10-23") < _first_clear_rise(names) < names["trip"],
    "from ten hours **after** the trip to the repair": lambda names: 9.5 < (
        names["cut_rows"][0] - names["trip"]) / pd.Timedelta("1h") < 10.5,
    "in the afternoon the frequency has little part in the score": lambda names: _afternoon_share_of_frequency(
        names) < 0.1,
    "the leak is nearer to the middle than nearly all of health": lambda names: names["further"]["Euclidean"].mean() > 0.9,
    "of which 23 and 17 are wrong": lambda names: sorted(names["salaries"][names["wrong"]]) == [17, 23],
    "the place of the salary 17 when": lambda names: names["salaries"].min() == 17,
    "among people who earn a thousand and more": lambda names: sorted(names["salaries"])[2] > 1000,
    "Wrong labels among the 2,000 points": lambda names: len(names["X"]) == 2000,
    "with PyOD's default of one half it is the best": lambda names: min(
        names["ours"], key=names["ours"].get) == "OCSVM",
    "some draws leave hardly an error, one gives everybody ninety and more": lambda names: (
        names["errors"].max(axis=1) <= 2).any() and (names["errors"].min(axis=1) >= 90).sum() == 1,
    "one-class SVM, CBLOF and KNN lead, hardly to be told apart": lambda names: set(
        names["place"].nsmallest(3).index) == {"OCSVM", "CBLOF", "KNN"} and set(
        names["place"].nlargest(2).index) == {"HBOS", "ABOD"},
    "The spread is larger than the mean": lambda names: (names["errors"].std() > names["errors"].mean()).all(),
    "warns almost a day ahead with some of the seeds, and not at all with the others": lambda names: 0 < sum(
        lead > 18 for lead in names["forest_leads"]) == sum(lead == lead for lead in names["forest_leads"]) < 6,
    "The board shows one choice of each, and it happens to be a best one": lambda names: all(
        names["swept"].loc[best, "false alarms"] == names["swept"].filter(like=best[:5], axis=0)["false alarms"].min()
        for best in ("k-means, 8 clusters", "k-NN, 10 neighbours")),
    "On stores that nobody has looked at, the day's warning holds, for every unit": lambda names: min(
        units["hours before the trip"].min() for name, units in names["results"].items() if name != "T² + SPE") > 22,
    "about twice as many": lambda names: all(1.4 < _weekly(names, name) / (7 / 8) < 2.5 for name in (
        "Mahalanobis, 7 channels", "k-NN distance")),
    "has the same day and not one false alarm": lambda names: _weekly(names, "EWMA of lesson 03") == 0,
    "T² + SPE is the quietest of the distances, and the latest": lambda names: all(
        _weekly(names, "T² + SPE") < _weekly(names, name) for name in names["results"]
        if name not in ("T² + SPE", "EWMA of lesson 03")),
    "have **more** of them here than the seven": lambda names: _weekly(
        names, "Mahalanobis, 13 channels") > _weekly(names, "Mahalanobis, 7 channels"),
    "and the profile is low in all of them": lambda names: names["collapsed"].max() < names["profile"].max() / 2,
}

FACTS = {
    "A pump with 52 sensors and 220,000 rows": SET,
}
