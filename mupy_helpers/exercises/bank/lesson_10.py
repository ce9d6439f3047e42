"""Exercises of lesson 10, Your own data."""

import numpy as np
import pandas as pd

from mupy_helpers import thresholds
from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, Wrong
from mupy_helpers.own_data import Scored

LEAK = pd.Timestamp("2015-10-20 20:00")
ROWS_A_DAY = 960  # at 90 seconds a row


def _check_sheet(names):
    answer = names["sheet"]
    if not isinstance(answer, pd.DataFrame):
        return f"`sheet` should be a DataFrame; it is of type {type(answer).__name__}."
    if answer.shape[1] <= 1 and len(answer) == 3 and not isinstance(answer.index, pd.DatetimeIndex):
        return "Each line came as one field: tell read_csv what stands between the fields, with `sep=`."
    if not isinstance(answer.index, pd.DatetimeIndex):
        if any(pd.api.types.is_datetime64_any_dtype(kind) for kind in answer.dtypes):
            return "The time was read, and stands among the columns: make it the index with `index_col=0`."
        if len(answer.columns) == 3:
            return ("The time is a column still: make it the index with `index_col=`, and have it read with "
                    "`parse_dates=`.")
        return "The index holds text and no times: `parse_dates=True` reads them, with `dayfirst=True`."
    if (answer.index.month == 3).any():
        return "The first reading is from March here: in a German file the day comes first, so say `dayfirst=True`."
    numbers = answer.select_dtypes("number")
    if (np.abs(numbers.to_numpy()) > 100).any():
        return "A temperature came out a hundred times too high: the comma was taken for a thousands separator."
    if not all(pd.api.types.is_float_dtype(kind) for kind in answer.dtypes):
        return "A temperature is text still, because of its comma: tell read_csv the decimal sign, with `decimal=`."
    if len(answer) != 3 or answer.shape[1] != 2:
        return f"`sheet` has {len(answer)} rows and {answer.shape[1]} columns: keep every line and both temperatures."
    right = pd.DatetimeIndex(["2024-04-03 00:00", "2024-04-03 12:00", "2024-04-04 00:00"])
    if list(answer.index) != list(right) or not np.allclose(answer.to_numpy(), [[2.5, 11.25], [1.75, 19], [7.25, 9.5]]):
        return "The shape is right, and some value or time is not: print `sheet` beside `text`."
    return None


def _check_blind(names):
    answer = names["blind"]
    if isinstance(answer, (pd.DataFrame, pd.Series)):
        return "That is a part of the result: keep the whole of what `score` returns, and look at its events later."
    if not isinstance(answer, Scored):
        return f"`blind` should be what `score` returns; it is of type {type(answer).__name__}."
    if len(answer.scores) != len(names["store"]):
        return "Other rows were scored: give `score` all of `store`; the healthy part is its second argument."
    if answer.healthy_until < LEAK:
        return ("This healthy part ends before the leak begins: it is the careful choice, and the task "
                "asks for the wrong one.")
    if answer.healthy_until.normalize() != pd.Timestamp("2015-10-25"):
        return "The healthy part takes in the leak, and ends on another day than the task says: give the day itself."
    return None


def _check_rare(names):
    answer, calm = names["rare"], names["calm"]
    if isinstance(answer, thresholds.PeaksOverThreshold):
        return "That is the whole result with its band: the number is its `.threshold`."
    if problem := not_a_number("rare", answer):
        return problem

    def level(risk):
        return thresholds.peaks_over_threshold(calm, risk=risk).threshold

    if np.isclose(answer, level(1 / (30 * ROWS_A_DAY)), rtol=0.02):
        return None
    if np.isclose(answer, level(1e-3), rtol=1e-4):
        return "That is the default risk, one row in a thousand: almost one call a day. Work out the risk of one row."
    if np.isclose(answer, level(1e-4), rtol=1e-4):
        return "That is one row in ten thousand: three calls in 30 days. Make it rarer."
    if np.isclose(answer, level(1 / ROWS_A_DAY), rtol=1e-4):
        return "That is passed once a day: divide by the rows of 30 days."
    nearly_highest = thresholds.quantile(calm, 1 / len(calm))
    if np.isclose(answer, calm.max(), rtol=1e-4) or np.isclose(answer, nearly_highest, rtol=1e-3):
        return "That is the largest score of two days; a level for a whole month must be extrapolated beyond it."
    if answer < calm.max():
        return "Below the largest healthy score of two days: in 30 days it would be passed many times."
    return "Not the level for one row in 30 days: count the rows of 30 days, and take one over that as the risk."


EXERCISES = [
    Exercise(
        id="10.1",
        minutes=4,
        names=("sheet",),
        check=_check_sheet,
        why="Four small words, and each of them wrong would have been a plausible table: so read the notes.",
        hints=(
            "read_csv takes what stands between the fields (sep) and the decimal sign (decimal).",
            "index_col=0 makes the first column the index; parse_dates=True reads it as time, dayfirst=True decides.",
            'pd.read_csv(io.StringIO(text), sep=";", decimal=",", index_col=0, parse_dates=True, ...) lacks one word.',
        ),
        solution="""
sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",", index_col=0,
                    parse_dates=True, dayfirst=True)
""",
        wrong=(
            Wrong("sheet = pd.read_csv(io.StringIO(text), sep='\\t')", "one field"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",")', "a column still"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",", parse_dates=[0], dayfirst=True)',
                  "The time was read"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",", index_col=0, parse_dates=True, '
                  'dayfirst=True)\nsheet["Außen"] = sheet["Außen"].round()', "some value or time is not"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",", index_col=0)',
                  "holds text and no times"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", decimal=",", index_col=0)\n'
                  'sheet.index = pd.to_datetime(sheet.index, format="%m.%d.%Y %H:%M")', "from March"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", index_col=0)\n'
                  'sheet.index = pd.to_datetime(sheet.index, format="%d.%m.%Y %H:%M")', "decimal sign"),
            Wrong('sheet = pd.read_csv(io.StringIO(text), sep=";", thousands=",", index_col=0, parse_dates=True, '
                  'dayfirst=True)', "a hundred times"),
        ),
    ),
    Exercise(
        id="10.2",
        minutes=4,
        names=("blind",),
        check=_check_blind,
        why="A broken store taught the recipe what is usual: the alarm of six days is gone, and what is left of that "
            "week are single moments, such as a door. `blind.notes` warns: it names held-back rows that are above the "
            "limit, and the morning of the trip is among them.",
        hints=(
            "score takes the table and where the healthy part ends.",
            "The end is a moment written as text, such as the one of the second cell.",
            'score(store, ...) with "2015-10-25" as its second argument.',
        ),
        solution='blind = score(store, "2015-10-25")',
        wrong=(
            Wrong('blind = score(store, "2015-10-18")', "careful choice"),
            Wrong('blind = score(store[:"2015-10-25"], 0.5)', "Other rows"),
            Wrong('blind = score(store, "2015-10-25").events', "whole of what"),
            Wrong('blind = score(store, "2015-10-26")', "another day"),
        ),
    ),
    Exercise(
        id="10.3",
        minutes=5,
        names=("rare",),
        check=_check_rare,
        why="And it would never have called: the highest score of the leak's week is far below. The band tells why: "
            "its ends differ by a factor of several hundred, for two days know next to nothing of one row in 28,800, "
            "and the highest of their rows all come from one morning.",
        hints=(
            "How many rows come in 30 days, at one in 90 seconds?",
            "The risk is one row out of that many; peaks_over_threshold takes it as risk=.",
            'rows = pd.Timedelta("30D") / pd.Timedelta("90s"), and peaks_over_threshold(calm, risk=1 / rows).threshold',
        ),
        solution="""
rows = pd.Timedelta("30D") / pd.Timedelta("90s")
rare = thresholds.peaks_over_threshold(calm, risk=1 / rows).threshold
""",
        wrong=(
            Wrong("rare = thresholds.peaks_over_threshold(calm).threshold", "default risk"),
            Wrong("rare = thresholds.peaks_over_threshold(calm, risk=1e-4).threshold", "one row in ten thousand"),
            Wrong("rare = thresholds.peaks_over_threshold(calm, risk=1 / 960).threshold", "once a day"),
            Wrong("rare = calm.max()", "must be extrapolated"),
            Wrong("rare = thresholds.peaks_over_threshold(calm, risk=1 / 28_800)", "with its band"),
        ),
    ),
]
