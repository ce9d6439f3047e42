"""Exercises of lesson 06, The LSTM autoencoder."""

import numpy as np

from mupy_helpers.detectors.variational import gaussian_kl
from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, NotAttempted, Wrong

COMPONENTS = (1, 2, 4, 8, 16, 32)


def _check_crossing(names):
    answer, width = names["crossing"], names["width"]
    if problem := not_a_number("crossing", answer):
        return problem
    if answer == width - 1:
        return None
    if answer == width:
        return "One too many: a window that begins width rows before row 400 ends just before it, in row 399."
    if answer == width - 2:
        return "One too few: the window that ends in row 400 itself counts, too."
    if answer == 1:
        return "That is the window that begins right before the border: longer ones before it reach across as well."
    if answer == 400 - width + 1:
        return "Those are the windows that end before row 400: the ones that reach across it are asked for."
    if answer == 400:
        return "Those are all windows that begin before row 400: most of them end before it, too."
    return "Not the number of crossing windows: a window that begins in row i ends in row i + width - 1."


def _margin(error, is_ectopic):
    return error[is_ectopic].min() / error[~is_ectopic].max()


def _check_margins(names):
    answer, is_ectopic = names["margins"], names["is_ectopic"]
    if not isinstance(answer, dict):
        return f"`margins` should be a dictionary from components to margins; it is of type {type(answer).__name__}."
    if all(value is ... for value in answer.values()):
        raise NotAttempted
    if set(answer) != set(COMPONENTS):
        return "`margins` should have the keys 1, 2, 4, 8, 16 and 32."
    for k, found in answer.items():
        if problem := not_a_number(f"margins[{k}]", found):
            return problem
    error = {k: names["pca_error"](names["test"], k) for k in COMPONENTS}

    def fits(rule):
        return all(np.isclose(answer[k], rule(error[k]), rtol=0.01) for k in COMPONENTS)

    if fits(lambda values: _margin(values, is_ectopic)):
        return None
    if fits(lambda values: 1 / _margin(values, is_ectopic)):
        return "Upside down: the lowest ectopic score is divided by the highest normal one."
    if fits(lambda values: values[is_ectopic].mean() / values[~is_ectopic].mean()):
        return "Those are ratios of means: a threshold has to separate the extremes, the lowest from the highest."
    if fits(lambda values: values[is_ectopic].max() / values[~is_ectopic].min()):
        return "You took the easiest pair: the **lowest** ectopic and the **highest** normal score decide."
    validation = {k: names["pca_error"](names["validation"], k).max() for k in COMPONENTS}
    if all(np.isclose(answer[k], error[k][is_ectopic].min() / validation[k], rtol=0.01) for k in COMPONENTS):
        return "You divided by the threshold: the highest normal score among the **test** beats is asked for."
    return "Not these margins: pca_error(test, k)[is_ectopic].min() over the .max() of the other test beats."


def _check_weights(names):
    answer = names["n_weights"]
    if problem := not_a_number("n_weights", answer):
        return problem
    units, channels = 32, 1
    one = units * (channels + units) + units
    if answer == 4 * one:
        return None
    if answer == one:
        return "That is one gate: the cell has four such layers, for three gates and the candidate."
    if answer == 3 * one:
        return "Three gates, and the candidate is a layer of the same size."
    if answer == 4 * (one - units):
        return "The bias is missing: one number for each unit of each of the four layers."
    if answer == 4 * (units * channels + units):
        return "The state of the step before is read as well: `recurrent_kernel` has 32 rows."
    if answer == 4 * (units * 36 + units * units + units):
        return "The same weights are used at each of the 36 steps: the layer reads one value at a time."
    return "Not that number: kernel 1 x 4·32, recurrent kernel 32 x 4·32, bias 4·32."


def _check_worst(names):
    times, is_ectopic = names["from_peak"], names["is_ectopic"]
    share = np.asarray(names["lstm"].explain(names["test"]))
    ectopic, normal = share[is_ectopic].mean(axis=0), share[~is_ectopic].mean(axis=0)
    kinds = {"worst_ectopic": ("ectopic", ectopic, normal), "worst_normal": ("normal", normal, ectopic)}
    for name, (kind, own, other) in kinds.items():
        answer = names[name]
        if problem := not_a_number(name, answer):
            return problem
        place = int(own.argmax())
        if np.isclose(answer, times[place], atol=1e-4):
            continue
        if answer == place:
            return f"`{name}` is the position of the sample: `from_peak` turns it into seconds."
        if np.isclose(answer, times[int(other.argmax())], atol=1e-4):
            return (f"`{name}` is not about the {kind} beats: choose their rows first. "
                    "The errors of ectopic beats are so large that they rule any mean in which they take part.")
        if np.isclose(answer, times[int(own.argmin())], atol=1e-4):
            return f"`{name}` is where it fails least."
        if np.isclose(answer, own.max()):
            return f"`{name}` is the share itself: the time at which it is found is asked for."
        return f"`{name}` is not that time: the mean over the {kind} beats, its largest entry, in `from_peak`."
    return None


def _check_luck(names):
    answer = names["by_luck"]
    if problem := not_a_number("by_luck", answer):
        return problem
    table = names["board"].table()["false alarms per week"]
    expected = table["LSTM forecaster"] * 2 / 7
    right = 1 - np.exp(-expected)
    if np.isclose(answer, right, atol=0.004):
        return None
    if np.isclose(answer, np.exp(-expected), atol=0.004):
        return "That is the probability of **no** call: one or more is asked for."
    if np.isclose(answer, expected, rtol=0.02):
        return "That is the expected number of calls in 48 hours: a probability cannot be above 1."
    if np.isclose(answer, 1 - np.exp(-table["LSTM forecaster"]), rtol=1e-6):
        return "That is for a whole week: 48 hours are two days of seven."
    if np.isclose(answer, 1 - np.exp(-table["LSTM forecaster"] * 2), rtol=1e-6):
        return "You multiplied a rate per **week** by two: two days are two sevenths of a week."
    hours = names["board"].table()["hours before the trip"]["LSTM forecaster"]
    if np.isclose(answer, 1 - np.exp(-table["LSTM forecaster"] * hours / 168), atol=1e-4):
        return "That is for the hours of its own warning: two whole days are asked for."
    if np.isclose(answer, 1 - np.exp(-expected / 2), atol=0.004):
        return "That is for 24 hours: 48 are two days of seven."
    if np.isclose(answer, 1 - np.exp(-table["LSTM autoencoder"] * 2 / 7), atol=0.004):
        return "That is the autoencoder's rate: the forecaster's is asked for."
    return "Not that probability: expected calls in two days of seven, then 1 - exp(-expected)."


def _check_kl(names):
    answer = names["kl"]
    if not callable(answer):
        return f"`kl` should be a function of mean and log_variance; it is of type {type(answer).__name__}."
    for dimensions in (2, 5):
        rng = np.random.default_rng(dimensions)
        mean, log_variance = rng.normal(size=(6, dimensions)), rng.normal(-1, 1, size=(6, dimensions))
        found = answer(mean.copy(), log_variance.copy())
        if found is None:
            raise NotAttempted
        found, right = np.asarray(found, dtype=float), gaussian_kl(mean, log_variance)
        if found.shape != right.shape:
            return f"It returns an array of shape {found.shape}: one divergence for each of the 6 rows, shape (6,)."
        if np.allclose(found, right, rtol=0.005):
            continue
        if np.allclose(found, -right, rtol=0.005):
            return "The sign is turned: a divergence is never below zero."
        if np.allclose(found, 2 * right, rtol=0.005):
            return "Twice the divergence: the factor one half is missing."
        if np.allclose(found, right / dimensions, rtol=0.005):
            return "You took the mean over the dimensions of the code: divergences of independent ones add up."
        if np.allclose(found, 0.5 * (mean ** 2 + log_variance ** 2 - 1 - np.log(log_variance ** 2)).sum(axis=1),
                       rtol=0.005):
            return "You took log_variance for a standard deviation: the variance is exp(log_variance)."
        if np.allclose(found, 0.5 * (mean ** 2 + log_variance - 1 - log_variance).sum(axis=1), rtol=0.005):
            return "The variance is exp(log_variance), not log_variance."
        if np.allclose(found, 0.5 * (mean ** 2 + np.exp(2 * log_variance) - 1 - 2 * log_variance).sum(axis=1),
                       rtol=0.005):
            return "You took log_variance for the log of the standard deviation: the variance is exp(log_variance)."
        return "Not the divergence: half the sum of mean² + variance - 1 - log variance."
    return None


_MARGIN = "margins = {k: %s for k in (1, 2, 4, 8, 16, 32)}"
_E = "pca_error(test, k)"
_WORST = """
share = lstm.explain(test)
found = share[%s].mean(axis=0).%s, share[%s].mean(axis=0).%s
worst_ectopic, worst_normal = (from_peak[one] if isinstance(one, np.integer) else one for one in found)
"""
_RATE = 'board.table().loc["LSTM forecaster", "false alarms per week"]'

EXERCISES = [
    Exercise(
        id="06.1",
        minutes=3,
        names=("crossing",),
        check=_check_crossing,
        why="Each of them holds rows of both sides: what trains there has seen rows of the test.",
        hints=(
            "A window that begins in row i ends in row i + width - 1.",
            "It crosses when i < 400 and i + width - 1 >= 400.",
            "So i runs from 401 - width to 399: count them.",
        ),
        solution="crossing = sum(i + width - 1 >= 400 for i in range(400))",
        wrong=(
            Wrong("crossing = width", "One too many"),
            Wrong("crossing = 400", "begin before row 400"),
            Wrong("crossing = sum(i + width - 1 < 400 for i in range(400))", "end before row 400"),
            Wrong("crossing = 1", "right before the border"),
        ),
    ),
    Exercise(
        id="06.2",
        minutes=4,
        names=("margins",),
        check=_check_margins,
        why="A margin is decided by two single beats, so it goes up and down with the number of components, not steadily "
            "more; to choose the number by the test beats would be to fit it to them.",
        hints=(
            "pca_error(test, k) holds one error for each test beat; is_ectopic says which are which.",
            "The margin is the smallest error of the ectopic beats over the largest of the others, ~is_ectopic.",
            "Put it into {k: ... for k in (1, 2, 4, 8, 16, 32)}.",
        ),
        solution=f"""
def margin(error):
    return error[is_ectopic].min() / error[~is_ectopic].max()


{_MARGIN % f"margin({_E})"}
""",
        wrong=(
            Wrong(_MARGIN % f"{_E}[~is_ectopic].max() / {_E}[is_ectopic].min()", "Upside down"),
            Wrong(_MARGIN % f"{_E}[is_ectopic].mean() / {_E}[~is_ectopic].mean()", "ratios of means"),
            Wrong(_MARGIN % f"{_E}[is_ectopic].min() / pca_error(validation, k).max()", "divided by the threshold"),
            Wrong("margins = pca_error(test, 1)", "should be a dictionary"),
        ),
    ),
    Exercise(
        id="06.3",
        minutes=4,
        names=("n_weights",),
        check=_check_weights,
        why="There are more weights than values in a hundred beats: early stopping, not the count, keeps it from "
            "learning them by heart.",
        hints=(
            "One layer reads 1 value and 32 numbers of `h`, and gives 32 numbers.",
            "So it has 32 * (1 + 32) weights and 32 biases.",
            "There are four such layers.",
        ),
        solution="n_weights = 4 * (32 * (1 + 32) + 32)",
        wrong=(
            Wrong("n_weights = 32 * (1 + 32) + 32", "one gate"),
            Wrong("n_weights = 3 * (32 * (1 + 32) + 32)", "layer of the same size"),
            Wrong("n_weights = 4 * 32 * (1 + 32)", "bias is missing"),
            Wrong("n_weights = 4 * (32 * 36 + 32 * 32 + 32)", "same weights are used"),
        ),
    ),
    Exercise(
        id="06.4",
        minutes=4,
        names=("worst_ectopic", "worst_normal"),
        check=_check_worst,
        why="On a normal beat it fails at the peak, where the trace is steep and half a sample costs most; on an ectopic "
            "one at the flank of the wide wave, where a healthy trace is still flat.",
        hints=(
            "share = lstm.explain(test) has a row for each beat and a column for each sample.",
            "Choose the rows with is_ectopic, or with ~is_ectopic, and take the mean over axis 0.",
            ".argmax() gives the position; from_peak[position] the time.",
        ),
        solution="""
share = lstm.explain(test)
worst_ectopic = from_peak[share[is_ectopic].mean(axis=0).argmax()]
worst_normal = from_peak[share[~is_ectopic].mean(axis=0).argmax()]
""",
        wrong=(
            Wrong(_WORST % ("is_ectopic", "argmax()", "is_ectopic | ~is_ectopic", "argmax()"), "choose their rows first"),
            Wrong(_WORST % ("is_ectopic", "argmin()", "~is_ectopic", "argmin()"), "fails least"),
            Wrong(_WORST % ("is_ectopic", "max()", "~is_ectopic", "max()"), "share itself"),
            Wrong("worst_ectopic = lstm.explain(test)[is_ectopic].mean(axis=0).argmax()\nworst_normal = 0",
                  "position of the sample"),
        ),
    ),
    Exercise(
        id="06.5",
        minutes=4,
        names=("by_luck",),
        check=_check_luck,
        why="A lead time means something only beside the rate of false alarms: who calls all the time is always early.",
        hints=(
            f"The rate per week is {_RATE}.",
            "48 hours are two days of seven: so many calls are expected in them.",
            "1 - np.exp(-expected) is the probability of one or more.",
        ),
        solution=f"""
rate = {_RATE}
by_luck = 1 - np.exp(-rate * 2 / 7)
""",
        wrong=(
            Wrong(f"by_luck = np.exp(-{_RATE} * 2 / 7)", "**no** call"),
            Wrong(f"by_luck = {_RATE} * 2 / 7", "expected number"),
            Wrong(f"by_luck = 1 - np.exp(-{_RATE} / 7)", "for 24 hours"),
            Wrong(f"by_luck = 1 - np.exp(-{_RATE})", "whole week"),
            Wrong(f"by_luck = 1 - np.exp(-{_RATE} * 2)", "two sevenths of a week"),
            Wrong(f"by_luck = 1 - np.exp(-{_RATE} * 45.2 / 168)", "its own warning"),
        ),
    ),
    Exercise(
        id="06.6",
        minutes=4,
        names=("kl",),
        check=_check_kl,
        why="The most copied formula of this kind is often copied wrongly; a few thousand draws tell.",
        hints=(
            "The variance is np.exp(log_variance).",
            "Sum mean ** 2 + variance - 1 - log_variance over axis 1.",
            "Half of that.",
        ),
        solution="""
def kl(mean, log_variance):
    return 0.5 * (mean ** 2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)
""",
        wrong=(
            Wrong("def kl(mean, log_variance):\n"
                  "    return -0.5 * (mean ** 2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)",
                  "sign is turned"),
            Wrong("def kl(mean, log_variance):\n"
                  "    return (mean ** 2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)",
                  "one half is missing"),
            Wrong("def kl(mean, log_variance):\n"
                  "    return 0.5 * (mean ** 2 + np.exp(log_variance) - 1 - log_variance).mean(axis=1)", "add up"),
            Wrong("def kl(mean, log_variance):\n"
                  "    return 0.5 * (mean ** 2 + np.exp(2 * log_variance) - 1 - 2 * log_variance).sum(axis=1)",
                  "log of the standard deviation"),
        ),
    ),
]
