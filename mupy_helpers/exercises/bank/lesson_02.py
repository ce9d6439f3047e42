"""Exercises of lesson 02, Looking at time series."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_mask, not_a_number
from mupy_helpers.exercises.engine import Exercise, NotAttempted, Wrong
from mupy_helpers.plots import gaps

HOUR = pd.Timedelta("1h")


def _check_small_hours(names):
    answer, index = names["small_hours"], names["df"].index
    if isinstance(answer, pd.Timedelta):
        return "`small_hours` is a length of time; the task asks for a number of hours: divide by pd.Timedelta(\"1h\")."
    if problem := not_a_number("small_hours", answer):
        return problem
    lengths = (gaps(index)["end"] - gaps(index)["start"]) / HOUR
    right = lengths.sum() - lengths.max()
    if np.isclose(answer, right, atol=0.1):
        return None
    if np.isclose(answer, round(right)):
        return "Rounded to whole hours: keep one decimal."
    if np.isclose(answer, right * 60, rtol=0.01):
        return "The right gaps, in minutes: the task asks for hours."
    if np.isclose(answer, lengths.sum(), rtol=0.01):
        return "That is the length of all gaps together: leave the longest one out."
    if np.isclose(answer, lengths.max(), rtol=0.01):
        return "That is the longest gap: the task asks for all the others."
    if np.isclose(answer, right / 24, rtol=0.01) or np.isclose(answer, right * 3600, rtol=0.01):
        return "The right gaps, in another unit: the task asks for hours."
    if answer == len(lengths) - 1:
        return "That is how many smaller gaps there are; the task asks how long they are together."
    seconds = (gaps(index)["end"] - gaps(index)["start"]).dt.seconds / 3600
    if np.isclose(answer, seconds.sum() - seconds.max(), rtol=0.01) or np.isclose(answer, seconds.sum(), rtol=0.01):
        return "`.dt.seconds` forgets whole days: divide by pd.Timedelta(\"1h\") instead."
    steps = index.to_series().diff() / HOUR
    if np.isclose(answer, (steps.sum() - len(steps) * steps.median()) - lengths.max(), rtol=0.03):
        return "You counted missing rows: that takes in single lost rows, which are no gaps. Add up the gaps alone."
    return "Not the length of the smaller gaps: plots.gaps(df.index) lists start and end of each of them."


def _check_glitches(names):
    answer, df = names["glitches"], names["df"]
    if isinstance(answer, pd.Series) and isinstance(answer.index, pd.RangeIndex):
        return ("This comes from the table before its repeated rows were dropped and its "
                "times became the index: use `df`.")
    if problem := not_a_mask("glitches", answer, df):
        return problem
    below = df["room_temp"] < 0
    if answer.equals(below) or (answer == below).all():
        return None
    if (answer == (df["room_temp"] <= 0)).all():
        return "A room at 0.0 °C is cold and not below zero: use < and not <=."
    if (answer == (below | df["room_temp"].isna())).all():
        return ("You marked the malformed readings too: NaN is neither below nor above "
                "zero, and says nothing of the room.")
    if answer.sum() > len(df) / 2:
        return "This marks the usual rows, not the glitches: turn the comparison round."
    if (answer <= (df["tes_temp_1"] < 0)).all() and answer.sum() > below.sum():
        return "The thermal store is meant to freeze: look at `room_temp`."
    return ("These are not the rows in which the room reads below 0 °C: compare "
            "df[\"room_temp\"] with zero, nothing else.")


def _check_r_tes(names):
    answer, df, is_leak = names["r_tes"], names["df"], names["is_leak"]
    if problem := not_a_number("r_tes", answer):
        return problem
    pair = df[["tes_temp_1", "tes_temp_2"]]

    def r(rows, method="pearson"):
        return rows.corr(method=method).iloc[0, 1]

    if np.isclose(answer, r(pair[~is_leak]), atol=0.006):
        return None
    if np.isclose(answer, 1):
        return "That is a column with itself: the entry you want lies off the diagonal."
    if np.isclose(answer, r(pair), atol=0.002):
        return "That is r over all rows: the leak week, in which everything is warm, takes part. Leave it out."
    if np.isclose(answer, r(pair[is_leak]), atol=0.002):
        return "That is r inside the leak: the mask is the wrong way round, use ~is_leak."
    if np.isclose(answer, r(pair[~is_leak], "spearman"), atol=0.002):
        return "That is Spearman's rank correlation; the task asks for Pearson's r."
    if np.isclose(answer, r(pair[~is_leak]) ** 2, atol=0.002):
        return "That is r squared: the task asks for r itself."
    if any(np.isclose(answer, df.loc[~is_leak, name].corr(df.loc[~is_leak, "room_temp"]), atol=0.006) for name in pair):
        return "That is one of the thermometers with the room: the task asks for the two with each other."
    return ("Not the correlation of the two store thermometers in health: take rows with "
            "~is_leak, both columns, then .corr().")


def _check_explained(names):
    answer, week, resid, both = names["explained"], names["week"], names["right"].resid, names["both"]
    if problem := not_a_number("explained", answer):
        return problem
    right = 1 - resid[both].var() / week[both].var()
    if np.isclose(answer, right, atol=0.001):
        return None
    if np.isclose(answer, 100 * right, atol=0.1):
        return "In per cent: a share between 0 and 1 is asked for."
    if np.isclose(answer, 1 - resid.var() / week.var(), atol=0.001):
        return "You took all rows: both variances belong on the rows in `both`."
    if np.isclose(answer, 1 - right, atol=0.005):
        return "That is the share that remains unexplained: the task asks for the rest."
    if np.isclose(answer, 1 - resid[both].std() / week[both].std(), atol=0.005):
        return "You divided standard deviations: shares of ups and downs add up as variances."
    season = names["right"].seasonal
    if np.isclose(answer, season[both].var() / week[both].var(), atol=0.0005) or np.isclose(
            answer, 1 - (week - season)[both].var() / week[both].var(), atol=0.005):
        return "That is the season alone: the remainder is what is left after trend and season."
    wrong = names["wrong"].resid
    if np.isclose(answer, 1 - wrong[both].var() / week[both].var(), atol=0.005):
        return "That is the decomposition with period 365: take the one with the right period."
    return "Not one minus variance of the remainder over variance of the series: take both on the rows in `both`."


def _check_odd_one_out(names):
    answer, particles, air = names["odd_one_out"], names["particles"], names["air"]
    if not callable(answer):
        kind = type(answer).__name__
        return f"`odd_one_out` should be a function that takes a frame; it is of type {kind}."
    ozone = air[["ozone_1", "ozone_2", "ozone_3"]]
    louder = ozone.assign(ozone_1=3 * ozone["ozone_1"])
    cases = (particles, "dust"), (ozone, "ozone"), (louder, "ozone (one of them reading three times as high)")
    for frame, what in cases:
        found = answer(frame.copy())
        if found is None and what == "dust":
            raise NotAttempted
        if not isinstance(found, str):
            kind = type(found).__name__
            return (f"`odd_one_out` returns a value of type {kind} where the name of a column is asked for: "
                    ".idxmin() gives a name where .min() gives a value.")
        correlation = frame.corr()
        others = (correlation.sum() - 1) / (len(correlation) - 1)
        if found == others.idxmax():
            return f"On the {what} sensors it names the one that agrees best: the suspect is at the other end."
        if found not in frame.columns:
            return (f"On the {what} sensors it names {found!r}, which is not among the columns it was given: it must "
                    "look at `frame`, and nothing typed.")
        if found != others.idxmin():
            return f"On the {what} sensors it names one that agrees with a twin: take the lowest mean correlation."
    return None


EXERCISES = [
    Exercise(
        id="02.1",
        minutes=4,
        names=("small_hours",),
        check=_check_small_hours,
        why="The large gap everybody sees; the small ones are what a daily mean quietly averages over.",
        hints=(
            "plots.gaps(df.index) lists every gap with its start and end.",
            "Subtract start from end, and divide by pd.Timedelta(\"1h\") to get hours.",
            "Sum the hours and subtract their largest.",
        ),
        solution="""
holes = plots.gaps(df.index)
hole_hours = (holes["end"] - holes["start"]) / pd.Timedelta("1h")
small_hours = hole_hours.sum() - hole_hours.max()
""",
        wrong=(
            Wrong('h = plots.gaps(df.index)\nsmall_hours = ((h["end"] - h["start"]) / pd.Timedelta("1h")).sum()',
                  "all gaps together"),
            Wrong('h = plots.gaps(df.index)\nsmall_hours = ((h["end"] - h["start"]) / pd.Timedelta("1h")).max()',
                  "longest gap"),
            Wrong("small_hours = len(plots.gaps(df.index)) - 1", "how many"),
            Wrong('h = plots.gaps(df.index)\nd = h["end"] - h["start"]\nsmall_hours = d.sum() - d.max()',
                  "number of hours"),
        ),
    ),
    Exercise(
        id="02.2",
        minutes=3,
        names=("glitches",),
        check=_check_glitches,
        why="What the room cannot do, the sensor did: a limit from physics needs no training at all.",
        hints=(
            "A comparison of a column with a number gives True and False for each row.",
            'The room is df["room_temp"], and the sign is <.',
            "Compare the room with 0 and keep the result; no brackets around df are needed.",
        ),
        solution='glitches = df["room_temp"] < 0',
        wrong=(
            Wrong('glitches = df["room_temp"] > 0', "usual rows"),
            Wrong('glitches = df[df["room_temp"] < 0]', "True and False"),
            Wrong('glitches = df["tes_temp_1"] < 0', "meant to freeze"),
            Wrong('m = df["room_temp"] < 0\nglitches = m[m]', "do not filter"),
        ),
    ),
    Exercise(
        id="02.3",
        minutes=4,
        names=("r_tes",),
        check=_check_r_tes,
        why="All rows give .99, health gives .94: the leak makes things look more alike than they are.",
        hints=(
            "Take the rows outside the leak first: ~is_leak turns the mask round.",
            'df.loc[~is_leak, ["tes_temp_1", "tes_temp_2"]] holds what is needed.',
            "Its .corr() is a small table; the answer is its entry off the diagonal, .iloc[0, 1].",
        ),
        solution='r_tes = df.loc[~is_leak, ["tes_temp_1", "tes_temp_2"]].corr().iloc[0, 1]',
        wrong=(
            Wrong('r_tes = df["tes_temp_1"].corr(df["tes_temp_2"])', "over all rows"),
            Wrong('r_tes = df.loc[is_leak, ["tes_temp_1", "tes_temp_2"]].corr().iloc[0, 1]', "wrong way round"),
            Wrong('r_tes = df.loc[~is_leak, ["tes_temp_1", "tes_temp_2"]].corr()', "one number"),
        ),
    ),
    Exercise(
        id="02.4",
        minutes=4,
        names=("explained",),
        check=_check_explained,
        why="Nearly everything, on the days it was fitted on; how much of that holds on new days is another question.",
        hints=(
            "The remainder is right.resid; pandas has .var().",
            "Use the rows in `both` for the remainder and for the series alike.",
            "Divide the one variance by the other, and take the result from 1.",
        ),
        solution="explained = 1 - right.resid[both].var() / week[both].var()",
        wrong=(
            Wrong("explained = right.resid[both].var() / week[both].var()", "unexplained"),
            Wrong("explained = 1 - right.resid[both].std() / week[both].std()", "standard deviations"),
            Wrong("explained = 1 - wrong.resid[both].var() / week[both].var()", "period 365"),
            Wrong("explained = 1 - right.resid.var() / week.var()", "all rows"),
            Wrong("explained = right.seasonal[both].var() / week[both].var()", "season alone"),
        ),
    ),
    Exercise(
        id="02.5",
        minutes=6,
        names=("odd_one_out",),
        check=_check_odd_one_out,
        why="No label, no training, no model: three instruments outvoted one, and the "
            "same lines work on any replicates.",
        hints=(
            "frame.corr() has a row for each sensor; the sensor itself stands there with 1.",
            "The sum of a row, less that 1, tells how well a sensor agrees with its twins.",
            ".idxmin() of those sums is the name of the sensor that agrees least: return it.",
        ),
        solution="""
def odd_one_out(frame):
    return (frame.corr().sum() - 1).idxmin()
""",
        wrong=(
            Wrong("def odd_one_out(frame):\n    return (frame.corr().sum() - 1).idxmax()", "agrees best"),
            Wrong("def odd_one_out(frame):\n    return (frame.corr().sum() - 1).min()", "name of a column"),
            Wrong('def odd_one_out(frame):\n    return "particles_1"', "nothing typed"),
            Wrong("def odd_one_out(frame):\n    return frame.mean().idxmax()", "reading three times"),
            Wrong('odd_one_out = "particles_1"', "should be a function"),
        ),
    ),
]
