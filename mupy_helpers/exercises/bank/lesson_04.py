"""Exercises of lesson 04, Distance and clustering."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, NotAttempted, Wrong
from mupy_helpers.exercises.three_bugs import BUGS


def _distance(step, train):
    return np.sqrt(np.einsum("ij,jk,ik->i", step, np.linalg.inv(np.cov(train.T)), step))


def _mahalanobis(rows, train):
    return _distance(rows - train.mean(axis=0), train)


def _why_it_broke(error):
    """Say what made NumPy refuse: nearly always a covariance between rows, or one with the wrong axes."""
    if "square" in str(error):
        return "Only a square matrix has an inverse: invert the covariance of the channels, np.cov(train.T)."
    if not any(word in str(error) for word in ("Singular", "size", "aligned")):
        raise error
    return (f"NumPy refused ({error}). np.cov takes each row of its argument as a channel: with `train` as it "
            "stands it gives the covariances of all moments with each other. Give it train.T.")


def _check_mahalanobis(names):
    answer = names["mahalanobis"]
    if not callable(answer):
        return f"`mahalanobis` should be a function of rows and train; it is of type {type(answer).__name__}."
    train, rows = names["healthy"].to_numpy(), names["leaking"].to_numpy()
    four = np.random.default_rng(4).normal(size=(80, 4)) @ np.diag([1.0, 5.0, 0.2, 9.0]) + [0, 40, 2, -7]
    milli = np.array([1.0, 1000.0])
    for given, fitted, what in ((rows, train, "the two channels"), (rows * milli, train * milli, "milliamperes"),
                                (four[:20], four[20:], "four channels")):
        try:
            found = answer(given.copy(), fitted.copy())
        except (np.linalg.LinAlgError, ValueError) as error:
            return _why_it_broke(error)
        if found is None:
            raise NotAttempted
        found, right = np.asarray(found, dtype=float), _mahalanobis(given, fitted)
        if len(given) != len(fitted) and found.shape == (len(fitted),):
            return "There is one distance for each row of `train`: the rows to judge are `rows`."
        if found.shape == (len(given), len(given)):
            return "It returns a whole table of rows by rows: row i belongs with itself alone, sum over the columns."
        if found.shape != (len(given),):
            return f"It returns an array of shape {found.shape}: one distance for each row of `rows` is asked for."
        if np.allclose(found, right, rtol=0.01):
            continue
        step = given - fitted.mean(axis=0)
        if np.allclose(found, right ** 2, rtol=0.01):
            return "That is the distance squared: take the root."
        if np.allclose(found, np.linalg.norm(step, axis=1), rtol=0.01):
            return "That is the Euclidean distance: the covariance of `train` has no part in it."
        if np.allclose(found, np.linalg.norm(step / fitted.std(axis=0), axis=1), rtol=0.01):
            return "Each channel is scaled on its own: that leaves out how the channels go together."
        if np.allclose(found, _mahalanobis(given, given), rtol=0.01):
            return "Mean and covariance come from `rows`: what is judged must not define what is usual."
        if np.allclose(found, np.sqrt(np.abs(np.einsum("ij,jk,ik->i", step, np.cov(fitted.T), step))), rtol=0.01):
            return "You multiply by the covariance itself: that stretches where it should divide. Take its inverse."
        step = given - fitted.mean()
        if np.allclose(found, _distance(step, fitted), rtol=0.01):
            return "`train.mean()` is one mean over all numbers, hertz and amperes alike: take one per channel."
        if np.allclose(found, _distance(given - fitted.mean(axis=0), given), rtol=0.01):
            return "The covariance is that of `rows`: what is judged must not set the yardstick."
        step = given - given.mean(axis=0)
        if np.allclose(found, _distance(step, fitted), rtol=0.01):
            return "The mean comes from `rows`: the centre belongs to `train` as well."
        return (f"On {what} these are not the Mahalanobis distances: root of step @ inverse @ step for each row, with "
                "mean and covariance of `train`.")
    return None


def _check_rank(names):
    answer, salaries, four = names["rank"], names["salaries"], names["four"]
    if problem := not_a_number("rank", answer):
        return problem
    score = np.abs(salaries[:, None] - four).min(axis=1)
    person = int(salaries.argmin())
    right = int((score > score[person]).sum()) + 1
    # Both mistakes are equally far from their centroid: with the tie split, or counted either way, it is right.
    if right <= answer <= int((score >= score[person]).sum()):
        return None
    if answer == right - 1:
        return "You count from zero: the largest score has rank 1."
    if answer in (1, 2):
        return "A good guess, and wrong: compute it. (And if you did: rank 1 belongs to the largest score.)"
    if np.isclose(answer, score[person]):
        return "That is the score itself: its place among all scores is asked for."
    one = np.abs(salaries - salaries.mean())
    if answer == int((one > one[person]).sum()) + 1:
        return "That is by the distance from the mean of all: take the nearest of the four centroids."
    three = np.abs(salaries[:, None] - names["library"]).min(axis=1) if np.shape(names["library"]) == (3,) else one
    if answer == int((three > three[person]).sum()) + 1:
        return "That is with the three centroids of before: use `four`."
    return "Not the place of the salary 17: distance of each salary to the nearest of `four`, sorted from the largest."


def _check_bugs(names):
    answer = names["bug_of"]
    if not isinstance(answer, dict) or set(answer) != set(BUGS):
        return "`bug_of` should be a dict with the keys \"A\", \"B\" and \"C\", as in the starter cell."
    if all(value is ... for value in answer.values()):
        raise NotAttempted
    if any(value is ... for value in answer.values()):
        return "One is still open: each letter needs its bug."
    unknown = [value for value in answer.values() if value not in BUGS.values()]
    if unknown:
        return f"{unknown[0]!r} is none of the three: write \"wrong centroid\", \"rows shifted\" or \"unscaled\"."
    if len(set(answer.values())) < 3:
        return "Each of the three bugs is in one pipeline only: you named one twice."
    if answer == BUGS:
        return None
    shifted = next(letter for letter, bug in answer.items() if bug == "rows shifted")
    if shifted != next(letter for letter, bug in BUGS.items() if bug == "rows shifted"):
        return ("Shifted rows end too early, and stand where nothing was recorded: which letter has scores in the "
                "long gap?")
    return ("The shifted one is found. Of the other two, one must answer to a change of unit, and one must call a usual "
            "regime far: you have them the other way round.")


def _check_contributions(names):
    answer, directions, z = names["contributions"], names["directions"], names["z_noon"]
    found = np.asarray(answer, dtype=float)
    if found.ndim == 0:
        return "`contributions` is a single number: the sum is the SPE, its seven parts are asked for."
    if found.shape == directions.shape[:1]:
        return "One number for each component: project back to the seven channels with @ directions."
    if found.shape != z.shape:
        return f"`contributions` should hold one number for each of the {len(z)} channels; its shape is {found.shape}."
    back = z @ directions.T @ directions
    if np.allclose(found, (z - back) ** 2, rtol=0.01, atol=1e-6):
        return None
    if np.allclose(np.abs(found), np.abs(z - back), rtol=0.01, atol=1e-6):
        return "That is what the projection does not reproduce, with its sign: square it."
    if np.allclose(found, back ** 2, rtol=0.01, atol=1e-6):
        return "That is what the components **do** reproduce: SPE is made of the rest."
    if np.allclose(found, z ** 2, rtol=0.01, atol=1e-6):
        return "These are the squared z-scores: each channel alone, before any pattern is taken out."
    if np.isclose(found.sum(), 1) and np.allclose(found, (z - back) ** 2 / ((z - back) ** 2).sum(), rtol=0.01):
        return "You divided by the sum: the parts themselves are asked for, and they add up to the SPE."
    return "Not the parts of the SPE: z_noon, less z_noon projected on the components and back, squared."


def _check_in_sample(names):
    answer, rows, careful = names["in_sample"], names["train_rows"], names["careful"]
    if problem := not_a_number("in_sample", answer):
        return problem
    scores = pd.Series(names["methods"]["k-NN distance"]().fit(rows.to_numpy()).decision_scores_, index=rows.index)
    smooth = scores.rolling("2h").mean()
    if np.isclose(answer, smooth.max(), rtol=0.005):
        return None
    if np.isclose(answer, scores.max(), rtol=0.005):
        return "That is the largest single score: the rule takes the mean of the last two hours first."
    if np.isclose(answer, careful, rtol=0.005):
        return "That is the careful threshold: fit once, on all training rows, and take `decision_scores_`."
    if np.isclose(answer, smooth.mean(), rtol=0.01) or np.isclose(answer, scores.mean(), rtol=0.01):
        return "That is the mean over the training days: the rule takes the largest."
    fitted = names["methods"]["k-NN distance"]().fit(rows.to_numpy())
    if np.isclose(answer, fitted.threshold_, rtol=0.005):
        return "`threshold_` is the contamination's cut: the largest smoothed score is asked for."
    again = pd.Series(fitted.decision_function(rows.to_numpy()), index=rows.index).rolling("2h").mean()
    if np.isclose(answer, again.max(), rtol=0.005):
        return "`decision_function` on training rows counts each row as its own neighbour: use `decision_scores_`."
    return ("Not that threshold: `decision_scores_` as a Series with the index of `train_rows`, .rolling(\"2h\").mean(), "
            "then the largest.")


_FIT = 'd = methods["k-NN distance"]().fit(train_rows.to_numpy())\ns = pd.Series(d.decision_scores_, index=train_rows.index)\n'
_BACK = "z_noon @ directions.T @ directions"

EXERCISES = [
    Exercise(
        id="04.1",
        minutes=5,
        names=("mahalanobis",),
        check=_check_mahalanobis,
        why="It does not care for units, and it knows which channels go together: that is why it sees the pair.",
        hints=(
            "Subtract the mean of `train` from `rows`, and invert np.cov(train.T).",
            "step @ inverse has a row for each row; multiply it with step, entry by entry.",
            "Sum that over axis 1, and take the root.",
        ),
        solution="""
def mahalanobis(rows, train):
    step = rows - train.mean(axis=0)
    inverse = np.linalg.inv(np.cov(train.T))
    return np.sqrt((step @ inverse * step).sum(axis=1))
""",
        wrong=(
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean(axis=0)\n"
                  "    return (s @ np.linalg.inv(np.cov(train.T)) * s).sum(axis=1)", "take the root"),
            Wrong("def mahalanobis(rows, train):\n    return np.linalg.norm(rows - train.mean(axis=0), axis=1)",
                  "has no part in it"),
            Wrong("def mahalanobis(rows, train):\n"
                  "    return np.linalg.norm((rows - train.mean(axis=0)) / train.std(axis=0), axis=1)", "on its own"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - rows.mean(axis=0)\n"
                  "    return np.sqrt((s @ np.linalg.inv(np.cov(rows.T)) * s).sum(axis=1))", "must not define"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean(axis=0)\n"
                  "    return s @ np.linalg.inv(np.cov(train.T)) @ s.T", "rows by rows"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean(axis=0)\n"
                  "    return np.sqrt((s @ np.linalg.inv(np.cov(train)) * s).sum(axis=1))", "Give it train.T"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean()\n"
                  "    return np.sqrt((s @ np.linalg.inv(np.cov(train.T)) * s).sum(axis=1))",
                  "one mean over all numbers"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean(axis=0)\n"
                  "    return np.sqrt((s @ np.cov(train.T) * s).sum(axis=1))", "Take its inverse"),
            Wrong("def mahalanobis(rows, train):\n    s = rows - train.mean(axis=0)\n"
                  "    return np.sqrt((s @ np.linalg.inv(np.cov(rows.T)) * s).sum(axis=1))", "set the yardstick"),
        ),
    ),
    Exercise(
        id="04.2",
        minutes=4,
        names=("rank",),
        check=_check_rank,
        why="Place 98 of 100, shared with the other mistake: their centroid stands between them, so by this score "
            "nearly everybody else is stranger.",
        hints=(
            "np.abs(salaries[:, None] - four) has a row for each salary and a column for each centroid.",
            "The score is the smallest of each row: .min(axis=1); the salary 17 is the smallest of all.",
            "Count how many scores are larger than that person's, and add 1.",
        ),
        solution="""
score = np.abs(salaries[:, None] - four).min(axis=1)
rank = int((score > score[salaries.argmin()]).sum()) + 1
""",
        wrong=(
            Wrong("s = np.abs(salaries[:, None] - four).min(axis=1)\nrank = int((s < s[salaries.argmin()]).sum()) + 1",
                  "compute it"),
            Wrong("rank = 2", "compute it"),
            Wrong("s = np.abs(salaries[:, None] - four).min(axis=1)\nrank = int((s > s[salaries.argmin()]).sum())",
                  "count from zero"),
            Wrong("s = np.abs(salaries[:, None] - four).min(axis=1)\nrank = s[salaries.argmin()]", "score itself"),
        ),
    ),
    Exercise(
        id="04.3",
        minutes=5,
        names=("bug_of",),
        check=_check_bugs,
        why="A pipeline that runs is not a pipeline that is right: each bug has an effect that one cheap experiment shows.",
        hints=(
            "Begin with the scores in the long gap: who can score a row that was never recorded?",
            "A pipeline that scales first does not notice amperes turning into milliamperes.",
            "The distance to one fixed centroid calls all other regimes far, day after day at the same hours.",
        ),
        solution="""
bug_of = {
    "A": "rows shifted",    # pd.Series(score, index=grid.index[:len(known)])  instead of index=known.index
    "B": "unscaled",        # known - train.mean()  instead of (known - train.mean()) / train.std()
    "C": "wrong centroid",  # distances[:, 0]  instead of distances.min(axis=1)
}
""",
        wrong=(
            Wrong('bug_of = {"A": "rows shifted", "B": "wrong centroid", "C": "unscaled"}', "other way round"),
            Wrong('bug_of = {"A": "unscaled", "B": "rows shifted", "C": "wrong centroid"}', "long gap"),
            Wrong('bug_of = {"A": "unscaled", "B": "unscaled", "C": "wrong centroid"}', "named one twice"),
            Wrong('bug_of = {"A": "shifted", "B": "unscaled", "C": "wrong centroid"}', "none of the three"),
        ),
    ),
    Exercise(
        id="04.4",
        minutes=4,
        names=("contributions",),
        check=_check_contributions,
        why="A score that says which channels made it sends the technician to the right end of the machine.",
        hints=(
            "z_noon @ directions.T is the position on the three components.",
            "@ directions brings it back to seven channels: that is what the pattern reproduces.",
            "Subtract it from z_noon, and square each of the seven.",
        ),
        solution=f"contributions = (z_noon - {_BACK}) ** 2",
        wrong=(
            Wrong(f"contributions = z_noon - {_BACK}", "with its sign"),
            Wrong(f"contributions = ({_BACK}) ** 2", "reproduce: SPE is made of the rest"),
            Wrong(f"contributions = ((z_noon - {_BACK}) ** 2).sum()", "single number"),
            Wrong("contributions = (z_noon @ directions.T) ** 2", "for each component"),
            Wrong("contributions = z_noon ** 2", "squared z-scores"),
        ),
    ),
    Exercise(
        id="04.5",
        minutes=4,
        names=("in_sample",),
        check=_check_in_sample,
        why="Rows that know themselves look too much at home: a threshold belongs on rows the detector has not seen.",
        hints=(
            "Fit methods[\"k-NN distance\"]() on train_rows.to_numpy(), once.",
            "pd.Series(detector.decision_scores_, index=train_rows.index) has the time that rolling needs.",
            "Take .rolling(\"2h\").mean(), and its .max().",
        ),
        solution="""
detector = methods["k-NN distance"]().fit(train_rows.to_numpy())
train_scores = pd.Series(detector.decision_scores_, index=train_rows.index)
in_sample = train_scores.rolling("2h").mean().max()
""",
        wrong=(
            Wrong(_FIT + "in_sample = s.max()", "largest single score"),
            Wrong("in_sample = careful", "careful threshold"),
            Wrong(_FIT + 'in_sample = s.rolling("2h").mean().mean()', "mean over the training days"),
            Wrong(_FIT + "in_sample = d.threshold_", "contamination's cut"),
        ),
    ),
]
