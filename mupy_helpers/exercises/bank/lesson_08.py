"""Exercises of lesson 08, Batch and live."""

import numpy as np
import pandas as pd

from mupy_helpers.exercises.bank.answers import not_a_number
from mupy_helpers.exercises.engine import Exercise, NotAttempted, Wrong

WEIGHT = 2 / 41


def _check_remember(names):
    answer = names["remember"]
    if not callable(answer):
        return f"`remember` should be a function of the memory and a residual; it is of type {type(answer).__name__}."
    found = answer(4.0, 1.0)
    if found is None:
        raise NotAttempted
    if isinstance(found, bool) or not np.isscalar(found) or not np.isreal(found):
        return f"`remember` should return one number; it returned something of type {type(found).__name__}."
    pairs = [(4.0, 1.0), (0.0, -2.0), (-1.5, 3.0)]
    found = np.array([answer(*pair) for pair in pairs], dtype=float)
    memory, residual = np.array(pairs).T
    if np.allclose(found, memory + WEIGHT * (residual - memory)):
        return None
    if np.allclose(found, residual + WEIGHT * (memory - residual)):
        return "The weights are swapped: so the memory follows each new residual, and forgets at once."
    if np.allclose(found, memory + WEIGHT * residual):
        return "You added without taking away: the old memory must shrink to 1 - 2/41 of itself, or it grows for ever."
    if np.allclose(found, (memory + residual) / 2):
        return "That is the mean of the two: the new residual counts 2/41, the old memory the rest."
    if np.allclose(found, np.abs(memory + WEIGHT * (residual - memory))):
        return "The memory keeps its sign: sizes are taken when it is scored, or +1 and -1 would add up to 2."
    return "Not this memory: (1 - weight) * memory + weight * residual, with a weight of 2/41."


def _check_k(names):
    answer = names["k"]
    if problem := not_a_number("k", answer):
        return problem
    if answer != int(answer) or not 1 <= answer <= 8:
        return f"`k` is {answer}: it counts rows among the last 8, so it is a whole number from 1 to 8."

    def smallest(scores, merge="1h", begin=None):
        def times(k):
            found = names["rings"](scores, k=k, n=8, **({"merge": merge} if merge else {}))
            return [time for time in found if begin is None or time >= begin]
        return next((k for k in range(1, 9) if not times(k)), None)

    right = smallest(names["held_back"])
    if answer == right:
        return None
    if answer == smallest(names["later"][:names["leak"]["start"]]):
        return ("That is the k that is silent on the healthy days from 18 October on: they are the test. "
                "Choose on `held_back`.")
    if answer < right:
        return (f"With {int(answer)} of 8 the telephone rings {_rings(names, answer)} on the days held back: "
                "ask for more rows.")
    return ("It is silent on the days held back, but it is not the smallest: each row more is a minute and a half of "
            "delay, and a weak alarm may never be told.")


def _rings(names, k):
    number = len(names["rings"](names["held_back"], k=int(k), n=8, merge="1h"))
    return "once" if number == 1 else f"{number} times"


def _check_lateness(names):
    answer = names["lateness"]
    try:
        length = pd.Timedelta(answer)
    except (TypeError, ValueError):
        length = pd.NaT
    if not isinstance(answer, str) or length is pd.NaT:
        return f"`lateness` should be text such as \"3min\"; {answer!r} is no length of time."
    if length.total_seconds() % 60:
        return "Whole minutes are asked for, such as \"3min\"."

    def share(minutes):
        return names["waited"](f"{minutes}min")["late, set aside"] / len(names["radio"])

    minutes = int(length.total_seconds() // 60)
    if minutes < 0:
        return "A negative wait would need a radio from the future."
    if share(minutes) > 0.01:
        return f"{share(minutes):.1%} of the readings are still set aside: wait longer."
    if minutes and share(minutes - 1) <= 0.01:
        return ("So few are lost that a shorter wait would do, and every alarm waits with you: "
                "is the minute before not enough?")
    return None


def _check_too_warm(names):
    answer = names["too_warm"]
    if not callable(answer):
        return f"`too_warm` should be a function of the readings of a store; it is of type {type(answer).__name__}."
    readings = names["fleet"].loc[0].iloc[:2000].copy()
    readings.iloc[100:103, readings.columns.get_loc("room_temp")] = np.nan
    readings.iloc[200, readings.columns.get_loc("room_temp")] = 12.0
    found = answer(readings.copy())
    if found is None:
        raise NotAttempted
    if isinstance(found, pd.Series) or not isinstance(found, pd.DataFrame):
        return (f"It returned something of type {type(found).__name__}: a DataFrame with score **and** is_alarm is "
                "asked for.")
    if not {"score", "is_alarm"} <= set(found.columns):
        return f"The DataFrame has the columns {list(found.columns)}: score and is_alarm are asked for."
    if len(found) != len(readings) or not found.index.equals(readings.index):
        return ("Some rows are missing: a fleet's scores have the rows of its readings, also where the sensor said "
                "nothing. Leave NaN as the score; a comparison with NaN is False by itself.")
    room = readings["room_temp"]
    if found["is_alarm"].dtype != bool:
        return f"is_alarm has the type {found['is_alarm'].dtype}: True or False in each row is asked for."
    if not np.allclose(found["score"].astype(float), room, equal_nan=True):
        return "The score is to be the room temperature itself: higher is more anomalous."
    if found["is_alarm"].equals(room > 10):
        return None
    if found["is_alarm"].equals(~(room <= 10)):
        return "Rows in which the sensor said nothing are in alarm: `~(x <= 10)` is True for NaN, `x > 10` is not."
    return "Not the rule: is_alarm is True where room_temp is above 10."


EXERCISES = [
    Exercise(
        id="08.1",
        minutes=4,
        names=("remember",),
        check=_check_remember,
        why="One number is all that `EWMAChart` carries from one reading to the next, and into its file.",
        hints=("The new memory is a mixture: a little of the new residual, most of the old memory.",
               "The two shares add up to one: 2/41 and 39/41.",
               "return (1 - 2 / 41) * memory + 2 / 41 * residual"),
        solution="""
def remember(memory, residual):
    return memory + 2 / 41 * (residual - memory)
""",
        wrong=(Wrong("def remember(memory, residual):\n    return 2 / 41 * memory + 39 / 41 * residual", "swapped"),
               Wrong("def remember(memory, residual):\n    return memory + 2 / 41 * residual", "without taking away"),
               Wrong("def remember(memory, residual):\n    return (memory + residual) / 2", "mean of the two"),
               Wrong("def remember(memory, residual):\n    return abs(memory + 2 / 41 * (residual - memory))",
                     "keeps its sign"),
               Wrong("remember = 3", "should be a function")),
    ),
    Exercise(
        id="08.2",
        minutes=5,
        names=("k",),
        check=_check_k,
        why=("The threshold came from these two days as well, so they look too quiet: with this k the telephone rings "
             "seven times on the next three healthy ones. But it calls the leak nearly four hours before 5 of 8."),
        hints=("`rings(held_back, k=2, n=8, merge=\"1h\")` is a list of the times at which the telephone rings.",
               "Try k from 1 to 8, and stop at the first whose list is empty.",
               "next(k for k in range(1, 9) if not rings(held_back, k=k, n=8, merge=\"1h\"))"),
        solution='k = min(k for k in range(1, 9) if not rings(held_back, k=k, n=8, merge="1h"))',
        wrong=(Wrong("k = 1", "rings 7 times"),
               Wrong('k = min(k for k in range(1, 9) if not rings(later[:leak["start"]], k=k, n=8, merge="1h"))',
                     "they are the test"),
               Wrong("k = 8", "not the smallest"),
               Wrong("k = 0.5", "whole number from 1 to 8")),
    ),
    Exercise(
        id="08.3",
        minutes=5,
        names=("lateness",),
        check=_check_lateness,
        why="Waiting is paid with the age of every alarm: say how much loss you accept, and wait no longer.",
        hints=("`waited(\"4min\")[\"late, set aside\"]` says how many are set aside with four minutes.",
               "One in a hundred of `len(radio)`; try the minutes between 5 and 10.",
               "next(f\"{m}min\" for m in range(20) if waited(f\"{m}min\")[\"late, set aside\"] <= 0.01 * len(radio))"),
        solution="""
lateness = next(f"{minutes}min" for minutes in range(20)
                if waited(f"{minutes}min")["late, set aside"] <= 0.01 * len(radio))
""",
        wrong=(Wrong('lateness = "0min"', "wait longer"),
               Wrong('lateness = "15min"', "a shorter wait would do"),
               Wrong("lateness = 5", "should be text"),
               Wrong('lateness = "90s"', "Whole minutes")),
    ),
    Exercise(
        id="08.4",
        minutes=5,
        names=("too_warm",),
        check=_check_too_warm,
        why='That is all a recipe is: `score_fleet(folder / "fleet", too_warm, folder / "warm")` runs it on all stores.',
        hints=("Make the DataFrame from two Series of the room: itself, and a comparison.",
               "pd.DataFrame({\"score\": ..., \"is_alarm\": ...}) keeps the index of the Series.",
               "Both come from readings[\"room_temp\"]; drop no rows."),
        solution="""
def too_warm(readings):
    room = readings["room_temp"]
    return pd.DataFrame({"score": room, "is_alarm": room > 10})
""",
        wrong=(Wrong('def too_warm(readings):\n    return readings["room_temp"] > 10', "score **and** is_alarm"),
               Wrong('def too_warm(readings):\n    room = readings["room_temp"].dropna()\n'
                     '    return pd.DataFrame({"score": room, "is_alarm": room > 10})', "Some rows are missing"),
               Wrong('def too_warm(readings):\n    room = readings["room_temp"]\n'
                     '    return pd.DataFrame({"score": room > 10, "is_alarm": room > 10})', "room temperature itself"),
               Wrong('def too_warm(readings):\n    room = readings["room_temp"]\n'
                     '    return pd.DataFrame({"score": room, "is_alarm": ~(room <= 10)})',
                     "said nothing are in alarm")),
    ),
]
