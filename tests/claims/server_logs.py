"""What the prose of server_logs says in numbers that stand in no output beside it."""

import numpy as np

from claims.reasons import SET


def _mean(names, table, row, column="average precision"):
    return names[table][row][column].mean()


CLAIMS = {
    "Of all who tried a password that morning one had the right one": lambda names: len(names["accepted"]) == 1,
    "comes from four addresses of thirty": lambda names: (names["ssh"].loc[
        names["warning"], "address"].nunique(), names["ssh"]["address"].nunique()) == (4, 30),
    "The odd ones of the first truth are a sixth": lambda names: 5.7 < 1 / names["is_warned"].mean() < 6.3,
    "two connections of one person": lambda names: names["is_login"].sum() == 2,
    "neither the distance nor the rule ranks better than lots": lambda names: all(
        table[column].mean() < table["share of odd"].mean() + 0.02
        for table in names["by_warning"].values() for column in ("average precision", "rule: never seen")),
    "Now lots get 0.02, and everything is better": lambda names: all(
        table[column].mean() > 5 * table["share of odd"].mean()
        for table in names["by_login"].values() for column in ("average precision", "rule: never seen")),
    "Unscaled is better": lambda names: _mean(names, "by_login", "counts, scaled") < _mean(
        names, "by_login", "counts"),
    "whether a template occurs at all is better again": lambda names: _mean(names, "by_login", "counts") < _mean(
        names, "by_login", "present or not"),
    "The simple rule wins": lambda names: _mean(names, "by_login", "present or not", "rule: never seen") > 0.3 + _mean(
        names, "by_login", "present or not"),
    "The templates of a login occur in no connection of the fit": lambda names: (lambda own: own.sum() == 4 and (
        names["counts"].loc[~names["is_login"], own.index[own]].to_numpy().sum() == 0))(
            names["counts"][names["is_login"]].sum() > 0),
    "the picture holds and the false alarms do not": lambda names: all(
        table["false alarms"].mean() > 0.15 for table in names["by_address"].values()),
    "More than half of the connections come from a single address": lambda names: 0.5 < names[
        "address"].value_counts(normalize=True).iloc[0] < 0.6,
    "with the same score": lambda names: np.ptp(names["shown"].nlargest(2, "score")["score"]) == 0 and names[
        "shown"].nlargest(2, "score")["login"].tolist() == [True, False],
    "stands lower": lambda names: (lambda own: own["score"].iloc[1] < own["score"].iloc[0])(
        names["shown"][names["shown"]["login"]]),
    "a process that wrote the one line": lambda names: names["counts"][names["is_login"]].sum(axis=1).min() == 1,
    "there are as many of them as of blocks served without trouble": lambda names: (lambda kinds: kinds["E1"] == kinds[
        "E3"] == (names["hdfs"]["level"] == "WARN").sum())(names["hdfs"]["event_id"].value_counts()),
    "has hundreds of twins": lambda names: names["blocks"].value_counts().iloc[:9].min() >= 80 and names[
        "blocks"].value_counts().iloc[:5].min() > 200,
    "The three of the top are rare templates": lambda names: (lambda kinds: all(
        kinds[names["odd_blocks"].columns[names["odd_blocks"].loc[block] > 0]].max() <= 2 for block in names[
            "odd_blocks"].index[names["scores"][names["scores"] > 0] > 1.2]))(
                names["hdfs"]["event_id"].value_counts()),
    "At ten in the morning of 10 November": lambda names: str(names["score"].idxmax()) == "2008-11-10 10:00:00",
    "and in the median hour none are": lambda names: (names["hours"][["E8", "E9"]].median() == 0).all(),
    "one line of some 5,600 of the other log": lambda names: round(11_175_629 / len(names["hdfs"]), -2) == 5600,
    "has some nineteen lines": lambda names: 19 < 11_175_629 / 575_061 < 20,
    "the worst at the end": lambda names: names["per_five"].idxmax() == names["per_five"].index[-1],
    "the one login falls into a quiet half hour": lambda names: names["failed"].loc[
        "1900-12-10 09:20":"1900-12-10 09:49"].shape[0] < 10,
}

FACTS = {
    "has 11,175,629 lines on 575,061 blocks": SET,
    "16,838 are anomalous": SET,
    "one morning of 28 days": SET,
    "has precision 0.975 and recall 0.635": "the table of the benchmark that the references name",
}
