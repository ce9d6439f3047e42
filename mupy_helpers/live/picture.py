"""A still picture of the live page, for print and wherever no kernel runs (lesson 08)."""

import matplotlib.pyplot as plt
import pandas as pd

from mupy_helpers import plots
from mupy_helpers.checks import checked_number
from mupy_helpers.live.engine import DAY, FAULTS, RUN_DAYS, Engine
from mupy_helpers.live.words import alarm_in_words


def still(fault="leak", seed=1, hours=24):
    """Draw two days of the live page: one calm, then a fault switched on, and what was made of it.

    Parameters
    ----------
    fault : {"leak", "door", "stuck"}
    seed : int
    hours : float
        That are played after the fault is switched on.

    Returns
    -------
    Figure
    """
    if not isinstance(fault, str) or fault not in FAULTS:
        raise ValueError(f"fault must be one of {', '.join(FAULTS)}, not {fault!r}")
    hours = checked_number(hours, "hours", above=0)
    if round(hours * DAY / 24) < 1:
        raise ValueError(f"hours must be at least one step of five minutes, not {hours}")
    engine = Engine(seed)
    engine.step(DAY)
    engine.switch(fault)
    engine.step(int(min(hours, 24 * RUN_DAYS) * DAY / 24))
    told = [alarm for alarm in engine.alarms if alarm.kind == "begin" and alarm.time >= engine.since]
    table = pd.DataFrame(engine.history).set_index("time")
    figure, (room, current, score) = plt.subplots(nrows=3, sharex=True, figsize=(10, 6.4))
    room.plot(table["room"], color=plots.COLOURS["normal"], linestyle="-")
    room.plot(table["room"].where(table["is_alarm"]), "^", markersize=4, color=plots.COLOURS["anomaly"], label="in alarm")
    current.plot(table["current"], color=plots.COLOURS["normal"], linestyle="-", label="measured")
    current.plot(table["expected"], color=plots.COLOURS["healthy"], linestyle=":", linewidth=2.5, label="what it should be")
    score.semilogy(table["score"].clip(lower=0.1), color=plots.COLOURS["score"], linestyle="-", label="score")
    score.axhline(engine.threshold, color=plots.COLOURS["threshold"], linestyle="--", label="limit")
    for ax, name in ((room, "room (°C)"), (current, "drive current (A)"), (score, "score")):
        ax.axvspan(engine.since, table.index[-1], color=plots.COLOURS["fault"], alpha=0.22, linewidth=0)
        ax.set_ylabel(name)
        ax.legend(loc="upper left")
    what = FAULTS[fault][0]
    waited = f"called after {(told[0].time - engine.since).total_seconds() / 3600:.1f} hours" if told else "not called yet"
    room.set_title(f"{what}: {waited}")
    plots.describe(figure, "Three plots of a cold store over two days: room temperature, drive current with what it "
                           f"should be, score with its limit. Shaded: {what.lower()}, {waited}. "
                           + " ".join(alarm_in_words(alarm) for alarm in told[:1]))
    return figure
