"""What the prose of 04_distance_and_clustering says in numbers that stand in no output beside it."""

from claims.reasons import SET

CLAIMS = {
    "A z-score per channel would call in few of the rows": lambda names: names["far"].mean() < 0.1,
    "hardly a healthy row is further out": lambda names: names["further"]["Mahalanobis"].mean() < 0.001,
    "the leak is nearer to the middle than much of health": lambda names: names["further"]["Euclidean"].mean() > 0.9,
    "of which 23 and 17 are wrong": lambda names: sorted(names["salaries"][names["wrong"]]) == [17, 23],
    "the place of the salary 17 when": lambda names: names["salaries"].min() == 17,
    "among people who earn a thousand and more": lambda names: sorted(names["salaries"])[2] > 1000,
    "Wrong labels among the 2,000 points": lambda names: len(names["X"]) == 2000,
    "with PyOD's default of one half it is the best": lambda names: min(
        names["ours"], key=names["ours"].get) == "OCSVM",
    "some draws leave nobody an error, one gives everybody ninety and more": lambda names: (
        names["errors"].max(axis=1) <= 1).any() and names["errors"].min(axis=1).max() >= 90,
    "one-class SVM and CBLOF lead, HBOS and ABOD trail": lambda names: list(
        names["place"].sort_values().index)[:2] == ["OCSVM", "CBLOF"] and set(
        names["place"].nlargest(2).index) == {"HBOS", "ABOD"},
    "The spread is larger than the mean": lambda names: (names["errors"].std() > names["errors"].mean()).all(),
    "Isolation Forest warns a day ahead with one half of the seeds": lambda names: sum(
        lead > 18 for lead in names["forest_leads"]) == 5,
    "On stores that nobody has looked at, the day's warning holds, for every unit": lambda names: min(
        names["results"][name][:, 0].min() for name in names["results"] if name != "T² + SPE") > 22,
    "have **more** of them here than the seven": lambda names: names["results"]["Mahalanobis, 13 channels"][
        :, 1].mean() > names["results"]["Mahalanobis, 7 channels"][:, 1].mean(),
    "and the profile is low in all of them": lambda names: names["collapsed"].max() < names["profile"].max() / 2,
}

FACTS = {
    "A pump with 52 sensors and 220,000 rows": SET,
}
