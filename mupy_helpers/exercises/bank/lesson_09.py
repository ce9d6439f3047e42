"""Exercises of lesson 09, Beyond sensors."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong

PRECISION = "average precision"


def _twenty(names, vectors, is_odd, who):
    return names["table"](names["twenty"](vectors, is_odd, who), is_odd)


def _same(answer, value):
    return np.isclose(answer, value, rtol=2e-3, atol=1e-3)


def _not_a_score(name, answer):
    if problem := not_a_number(name, answer):
        return problem
    return None if 0 <= answer <= 1 else f"`{name}` should lie between 0 and 1; did you sum where a mean is asked for?"


def _later_page(names, vectors):
    """Every page uses the names of the one before: say so where the truth does not belong to these vectors."""
    if vectors is not None and len(names["is_odd"]) == len(names["who"]) == len(vectors):
        return None
    return "These variables hold a later page by now: run this page's cells again, from its heading."


def _check_two_kinds(names):
    answer, pile = names["two_kinds"], names["pile"]
    if problem := _not_a_score("two_kinds", answer):
        return problem
    vectors, is_odd, who = pile([0, 8])
    both = _twenty(names, vectors, is_odd, who)
    if _same(answer, both[PRECISION].mean()):
        return None
    if _same(answer, both["ROC AUC"].mean()):
        return "That is the ROC AUC: take the column \"average precision\"."
    alone = [_twenty(names, *pile([kind]))[PRECISION].mean() for kind in (0, 8)]
    if _same(answer, alone[1]) or _same(answer, alone[0]):
        return "That is a pile of one kind: zeros **and** eights are normal in the pile that is asked for."
    if _same(answer, np.mean(alone)):
        return "That is the mean of the two piles: one detector has to take both kinds at once. Compute it."
    if _same(answer, both[PRECISION].iloc[0]):
        return "That is the first throw alone: take the mean over the twenty."
    return ("Not the mean average precision of pile([0, 8]): twenty(...) with its three parts, table(...) of the "
            "result, then the mean of one column.")


def _found(names, rows, fitted=lambda fit, is_odd: fit & ~is_odd):
    """Mean shares of odd and of usual rows found; `rows` picks those of the threshold, `fitted` those to fit on."""
    vectors, is_odd, who = names["vectors"]["shape in six spans"], names["is_odd"], names["who"]
    shares = []
    for seed in range(20):
        parts = names["split"](who, seed)
        detector = names["KNN"]().fit(vectors[fitted(parts[0], is_odd)])
        threshold = np.quantile(detector.decision_function(vectors[rows(*parts, is_odd)]), 0.95)
        scores = detector.decision_function(vectors[parts[2]])
        shares.append([(scores[is_odd[parts[2]]] > threshold).mean(), (scores[~is_odd[parts[2]]] > threshold).mean()])
    return np.mean(shares, axis=0)


def _check_unsorted(names):
    answer = names["unsorted"]
    if problem := _later_page(names, names["vectors"].get("shape in six spans")):
        return problem
    if problem := _not_a_score("unsorted", answer):
        return problem
    right, false = _found(names, lambda fit, held_back, new, is_odd: held_back)
    if _same(answer, right):
        return None
    if _same(answer, false):
        return "That is the share of usual words above the threshold: the share of **odd** words is asked for."
    if _same(answer, _found(names, lambda fit, held_back, new, is_odd: held_back & ~is_odd)[0]):
        return "Your threshold comes from the usual rows alone, as before: take all rows held back."
    if _same(answer, _found(names, lambda fit, held_back, new, is_odd: new)[0]):
        return "Your threshold comes from the new rows, which are to be judged: take the rows held back."
    if _same(answer, _found(names, lambda fit, held_back, new, is_odd: fit & ~is_odd)[0]):
        return "Your threshold comes from the rows that the detector was fitted on, where every row looks at home."
    if _same(answer, _found(names, lambda fit, held_back, new, is_odd: held_back, lambda fit, is_odd: fit)[0]):
        return "You fitted on odd rows too: only the threshold changes, the rows to fit on stay sorted."
    return ("Not that share: for each of the twenty seeds split, fit on usual rows, quantile 0.95 of the scores of "
            "vectors[held_back], then the share of the new odd rows above it; and the mean of the twenty.")


def _check_cosine(names):
    answer, counts = names["cosine"], names["counts"].to_numpy(float)
    if problem := _later_page(names, counts if "six lines, counts" in names["tables"] else None):
        return problem
    if problem := _not_a_score("cosine", answer):
        return problem
    is_odd, who = names["is_odd"], names["who"]
    lengths = np.linalg.norm(counts, axis=1, keepdims=True)
    right = _twenty(names, counts / lengths, is_odd, who)
    if _same(answer, right[PRECISION].mean()):
        return None
    if _same(answer, right["ROC AUC"].mean()):
        return "That is the ROC AUC: take the column \"average precision\"."
    if _same(answer, names["tables"]["six lines, counts"][PRECISION].mean()):
        return "That is the Euclidean distance of before: the rows are still as long as they were."
    if _same(answer, _twenty(names, counts / np.linalg.norm(counts, axis=0), is_odd, who)[PRECISION].mean()):
        return "You divided the columns: each **row** has to get the length 1, axis=1."
    if _same(answer, _twenty(names, counts / counts.sum(axis=1, keepdims=True), is_odd, who)[PRECISION].mean()):
        return "You divided each row by its sum: the length of a vector is the root of the sum of squares."
    return "Not that: counts divided by np.linalg.norm of each row, then twenty(...), table(...), and a mean."


def _counted(names, following):
    return pd.crosstab(names["block"], [names["template"], following]).loc[names["kinds"].index]


def _bags(frame):
    """The numbers of each row that are not zero, in order: the columns may stand as they like."""
    return [sorted(row[row != 0].tolist()) for row in np.asarray(frame, dtype=float)]


def _check_pairs(names):
    answer, kinds, template = names["pairs"], names["kinds"], names["template"]
    if not isinstance(answer, pd.DataFrame):
        return f"`pairs` should be a DataFrame, a row for each block; it is of type {type(answer).__name__}."
    if len(answer) == len(template):
        return "You have a row for each line of the log: count the pairs by block, for instance with pd.crosstab."
    if len(answer) != len(kinds):
        return f"`pairs` has {len(answer)} rows, one for each of the {len(kinds)} blocks is asked for."
    if not answer.index.equals(kinds.index):
        return ("The rows are not in the order of `kinds.index`, so that each block would get another's label: "
                ".loc[kinds.index].")
    if answer.isna().to_numpy().any():
        return "A pair that a block does not have is missing (NaN): it occurs zero times."
    right = _counted(names, template.groupby(names["block"]).shift(-1))
    if _bags(answer) == _bags(right):
        return None
    if _bags(answer) == _bags(_counted(names, template.shift(-1))):
        return ("The next line of the log mostly belongs to another block: shift within the block, "
                "template.groupby(block).shift(-1).")
    if _bags(answer) == _bags(right > 0):
        return "These say whether a block has a pair: how often is asked for."
    if _bags(answer) == _bags(names["counts"]):
        return "These are single lines, as before: a column for each **pair** of neighbours is asked for."
    return "Not the pairs: template and template.groupby(block).shift(-1), counted by block with pd.crosstab."


def _check_by_recording(names):
    answer = names["by_recording"]
    if problem := _later_page(names, names["hearts"] if "six lines" in names["tables"] else None):
        return problem
    if not isinstance(answer, pd.DataFrame) or PRECISION not in answer:
        kind = type(answer).__name__
        return f"`by_recording` should be what table(...) returns, a row for each throw; it is of type {kind}."
    if len(answer) != 20:
        return f"`by_recording` has {len(answer)} rows, one for each of the twenty throws is asked for."
    persons = answer["share of odd"] * len(np.unique(names["who"])) / 4
    if np.allclose(persons, persons.round()):
        return ("In each throw whole persons are new: `who` still holds the person. Give each recording a number of "
                "its own.")
    ours = names["tables"]["six lines"][PRECISION]
    if abs(answer[PRECISION].mean() - ours.mean()) > 0.08:
        return ("Not that: twenty(hearts, is_odd, ...) with np.arange(len(is_odd)) in the place of `who`, then "
                "table(...).")
    return None


_LOOP = """
shares = []
for seed in range(20):
    fit, held_back, new = split(who, seed)
    detector = KNN().fit(six_spans[{fitted}])
    threshold = np.quantile(detector.decision_function(six_spans[{rows}]), 0.95)
    scores = detector.decision_function(six_spans[new])
    shares.append((scores[{which}[new]] > threshold).mean())
unsorted = np.mean(shares)
"""


def _loop(rows="held_back", which="is_odd", fitted="fit & ~is_odd"):
    return 'six_spans = vectors["shape in six spans"]' + _LOOP.format(rows=rows, which=which, fitted=fitted)


_UNIT = "unit = counts.to_numpy(float) / {by}\ncosine = table(twenty(unit, is_odd, who), is_odd)[\"{column}\"].mean()"


def _cosine(by="np.linalg.norm(counts, axis=1, keepdims=True)", column=PRECISION):
    return _UNIT.format(by=by, column=column)


EXERCISES = [
    Exercise(
        id="09.1",
        minutes=4,
        names=("two_kinds",),
        check=_check_two_kinds,
        why="What is normal is our decision, and the six lines take it as it comes; the number has to be read with "
            "the share of odd ones beside it.",
        hints=(
            "drawings_of_two, odd_of_two, who_of_two = pile([0, 8]) are the vectors, the truth and the blocks.",
            "twenty(...) takes these three and throws twenty times; table(found, odd_of_two) judges the throws.",
            "The table has a column \"average precision\": take its mean.",
        ),
        solution="""
vectors_of_two, odd_of_two, who_of_two = pile([0, 8])
throws = table(twenty(vectors_of_two, odd_of_two, who_of_two), odd_of_two)
two_kinds = throws["average precision"].mean()
""",
        wrong=(
            Wrong('v, o, w = pile([0, 8])\ntwo_kinds = table(twenty(v, o, w), o)["ROC AUC"].mean()', "the ROC AUC"),
            Wrong('v, o, w = pile([8])\ntwo_kinds = table(twenty(v, o, w), o)["average precision"].mean()',
                  "a pile of one kind"),
            Wrong('two_kinds = np.mean([table(twenty(*pile([k])), pile([k])[1])["average precision"].mean() '
                  "for k in (0, 8)])", "mean of the two piles"),
            Wrong('v, o, w = pile([0, 8])\ntwo_kinds = table(twenty(v, o, w), o)["average precision"].iloc[0]',
                  "first throw alone"),
            Wrong('v, o, w = pile([0, 8])\ntwo_kinds = table(twenty(v, o, w), o)["average precision"]',
                  "should be one number"),
        ),
    ),
    Exercise(
        id="09.2",
        minutes=5,
        names=("unsorted",),
        check=_check_unsorted,
        why="Odd rows among those that set the threshold push it up and hide their own kind: masking, lesson 03.",
        hints=(
            "Copy the body of find_odd into a loop over range(20), with the vectors of six spans.",
            "Only one line changes: the scores for the quantile come from vectors[held_back], with nothing taken out.",
            "(scores[is_odd[new]] > threshold).mean() is the share found in one throw.",
        ),
        solution=_loop(),
        wrong=(
            Wrong(_loop("held_back & ~is_odd"), "usual rows alone"),
            Wrong(_loop("new"), "which are to be judged"),
            Wrong(_loop("fit & ~is_odd"), "detector was fitted on"),
            Wrong(_loop(which="~is_odd"), "odd** words is asked for"),
            Wrong(_loop(fitted="fit"), "fitted on odd rows too"),
            Wrong('vectors = {"all pixels": drawings}\nunsorted = 0.6', "hold a later page"),
            Wrong(_loop() + "unsorted = sum(shares)", "mean is asked for"),
        ),
    ),
    Exercise(
        id="09.3",
        minutes=4,
        names=("cosine",),
        check=_check_cosine,
        why="Better than before in nearly every throw: a block of two replicas is no longer so odd, and one choice of "
            "distance did it.",
        hints=(
            "The length of a row is the root of its sum of squares: np.linalg.norm(counts, axis=1, keepdims=True).",
            "Divide counts.to_numpy(float) by it, and give the result to twenty(...) in the place of the counts.",
            "table(twenty(unit, is_odd, who), is_odd) has the column; take its mean.",
        ),
        solution=_cosine(),
        wrong=(
            Wrong(_cosine(column="ROC AUC"), "the ROC AUC"),
            Wrong("is_odd, who = is_odd[:480], who[:480]\ncosine = 0.39", "hold a later page"),
            Wrong(_cosine(by="1"), "Euclidean distance of before"),
            Wrong(_cosine(by="np.linalg.norm(counts, axis=0)"), "divided the columns"),
            Wrong(_cosine(by="counts.sum(axis=1).to_numpy()[:, None]"), "root of the sum of squares"),
        ),
    ),
    Exercise(
        id="09.4",
        minutes=5,
        names=("pairs",),
        check=_check_pairs,
        why="Order is information that counts throw away, and pairs are the cheapest way to keep some of it.",
        hints=(
            "The next line of the same block: template.groupby(block).shift(-1).",
            "pd.crosstab(block, [template, following]) counts the pairs by block.",
            "crosstab sorts the blocks: .loc[kinds.index] brings them back into the order of the labels.",
        ),
        solution="""
following = template.groupby(block).shift(-1)
pairs = pd.crosstab(block, [template, following]).loc[kinds.index]
""",
        wrong=(
            Wrong("pairs = pd.crosstab(block, [template, template.shift(-1)]).loc[kinds.index]",
                  "mostly belongs to another block"),
            Wrong("pairs = pd.crosstab(block, [template, template.groupby(block).shift(-1)])", "another's label"),
            Wrong("pairs = (pd.crosstab(block, [template, template.groupby(block).shift(-1)])"
                  ".loc[kinds.index] > 0).astype(int)", "how often is asked for"),
            Wrong("pairs = template.groupby(block).shift(-1).to_frame()", "row for each line"),
            Wrong("pairs = counts", "single lines, as before"),
            Wrong("pairs = list(zip(template, template[1:]))", "should be a DataFrame"),
        ),
    ),
    Exercise(
        id="09.5",
        minutes=3,
        names=("by_recording",),
        check=_check_by_recording,
        why="Recordings of one person are no independent facts: a split that ignores it looks surer than it is.",
        hints=(
            "`who` decides what goes to one side together: give it a number for each recording.",
            "np.arange(len(is_odd)) is such a numbering.",
            "by_recording = table(twenty(hearts, is_odd, ...), is_odd)",
        ),
        solution="""
by_recording = table(twenty(hearts, is_odd, np.arange(len(is_odd))), is_odd)
""",
        wrong=(
            Wrong("tables = {}\nby_recording = 0", "hold a later page"),
            Wrong("by_recording = table(twenty(hearts, is_odd, who), is_odd)", "still holds the person"),
            Wrong("by_recording = table(twenty_by_rule(hiss, is_odd, np.arange(len(is_odd))), is_odd)",
                  "in the place of `who`"),
            Wrong("by_recording = table(twenty(hearts, is_odd, np.arange(len(is_odd))), is_odd).mean()",
                  "what table(...) returns"),
            Wrong("by_recording = table(twenty(hearts, is_odd, np.arange(len(is_odd)))[:5], is_odd)",
                  "one for each of"),
        ),
    ),
]
