"""Drag a threshold, and see what it finds, what it costs, and whom it wakes (lessons 01 and 05)."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import metrics, plots
from mupy_helpers.checks import check_same_zone, checked_flags, checked_scores
from mupy_helpers.scoreboard import SETTLING, Costs, measure_failures
from mupy_helpers.widgets.show import answer_html, show

PANELS = [("precision", "share of alarm rows in a fault"), ("recall", "share of fault rows in alarm"),
          ("false alarms per week", "per unit"), ("faults called in time", "of all"),
          ("hours ahead", "median, before the failure"), ("cost", "euros, over the recording")]


def judge_thresholds(scores, faults, thresholds, costs=None):
    """Measure what alarms above each threshold would have been worth.

    Parameters
    ----------
    scores : Series of float
        With a time index, or with the index (unit, time) of a fleet; higher = more anomalous. Missing scores call
        nobody.
    faults : DataFrame with the columns start, end and failure (or trip), and unit for a fleet
        Rows in them from start to failure are those to find; rows from the failure to a day after the end are left
        out, because whoever calls then is too late and not wrong. Faults without a failure are left out whole.
    thresholds : array-like of float, shape (n,)
    costs : Costs, optional

    Returns
    -------
    DataFrame, one row per threshold
        precision and recall of rows (NaN without an alarm, or without a fault), false alarms per week and unit,
        faults, faults called in time, median hours ahead of those that were called, cost in euros over the recording.

    Raises
    ------
    TypeError, ValueError
    """
    thresholds = np.unique(checked_scores(np.asarray(thresholds), "thresholds"))
    scores, faults = _as_fleet(scores, faults)
    costs = Costs() if costs is None else costs
    if not isinstance(costs, Costs):
        raise TypeError(f"costs must be a Costs(...), such as Costs(call_out=120), not {type(costs).__name__}")
    time = scores.index.get_level_values("time")
    wanted, left_out = np.zeros(len(scores), dtype=bool), np.zeros(len(scores), dtype=bool)
    for fault in faults[faults["is_fault"]].itertuples():
        here = scores.index.get_level_values("unit") == fault.unit
        late = fault.start if pd.isna(fault.failure) else fault.failure
        wanted |= here & (time >= fault.start) & (time < late)
        left_out |= here & (time >= late) & (time <= fault.end + SETTLING)
    rows = []
    for threshold in thresholds:
        is_alarm = scores > threshold
        failures, units = measure_failures(is_alarm, faults)
        counted = is_alarm.to_numpy() & ~left_out
        right = (counted & wanted).sum()
        lead, weeks = failures["hours ahead"], units["healthy weeks"].sum()
        false, in_time = units["false alarms"].sum(), (lead >= costs.hours_needed).sum()
        rows.append({
            "precision": right / counted.sum() if counted.any() else np.nan,
            "recall": right / (wanted & ~left_out).sum() if (wanted & ~left_out).any() else np.nan,
            "false alarms per week": false / weeks if weeks else np.nan,
            "faults": len(failures),
            "faults called in time": int(in_time),
            "hours ahead": lead.median() if lead.notna().any() else np.nan,  # of none, pandas 2 warns
            "cost": costs.lost_load * (len(failures) - in_time) + costs.call_out * false,
        })
    return pd.DataFrame(rows, index=pd.Index(thresholds, name="threshold"))


def _as_fleet(scores, faults):
    """Give a single store the shape of a fleet with one unit, and events the columns that a fleet's have."""
    if not isinstance(scores, pd.Series):
        raise TypeError(f"scores must be a pandas Series, not {type(scores).__name__}")
    if not pd.api.types.is_numeric_dtype(scores):
        raise TypeError(f"scores hold {scores.dtype}, not numbers: use pd.to_numeric(..., errors='coerce') first")
    if scores.index.nlevels == 1 and not isinstance(scores.index, pd.DatetimeIndex):
        raise TypeError("scores need a DatetimeIndex, or the index (unit, time) of a fleet")
    if not isinstance(faults, pd.DataFrame) or not {"start", "end"} <= set(faults.columns) or not (
            {"failure", "trip"} & set(faults.columns)):
        raise TypeError("faults must be a DataFrame with the columns start, end and failure (or trip)")
    if not len(scores):
        raise ValueError("scores has no rows: nobody would be called")
    faults = metrics.checked_spans(faults, "faults")
    try:
        faults["failure"] = pd.to_datetime(faults["failure" if "failure" in faults else "trip"])
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"faults must have times, or none, as failures: {error}") from error
    faults["is_fault"] = checked_flags(faults["is_fault"].array, "is_fault") if "is_fault" in faults and len(faults) else (
        faults["failure"].notna())
    if "kind" not in faults:
        faults["kind"] = "fault"
    if scores.index.nlevels == 1:
        scores = pd.concat({0: scores}, names=["unit", "time"])
        faults["unit"] = 0
    elif list(scores.index.names) != ["unit", "time"] or "unit" not in faults:
        raise ValueError("of a fleet, scores need the index (unit, time), and faults the column unit")
    check_same_zone(scores.index.get_level_values("time"), [*faults["start"], *faults["end"], *faults["failure"].dropna()],
                    ("scores", "faults"))
    return scores, faults


def threshold_explorer(scores, faults, thresholds, *, costs=None, name="score"):
    """Show a threshold to drag, with what it finds and what it costs; without a kernel, all of them side by side.

    Parameters
    ----------
    scores, faults, thresholds, costs
        As in `judge_thresholds`; the slider has one step for each threshold.
    name : str
        What the scores are, with their unit, such as "room (°C)".
    """
    import ipywidgets

    table = judge_thresholds(scores, faults, thresholds, costs)
    still = draw_thresholds(table, name)
    slider = ipywidgets.SelectionSlider(
        options=[(f"{threshold:.3g}", threshold) for threshold in table.index], value=table.index[len(table) // 2],
        description="threshold", continuous_update=False, layout={"width": "32em"})
    show([slider], lambda threshold: answer_html(in_words(table.loc[threshold], name, threshold),
                                                 draw_thresholds(table, name, threshold)), still)


def in_words(row, name, threshold):
    """Say in a sentence what a threshold does.

    Parameters
    ----------
    row : Series
        One of `judge_thresholds`.
    name : str
    threshold : float

    Returns
    -------
    str
    """
    ahead = "none is called" if pd.isna(row["hours ahead"]) else f"median {row['hours ahead']:.1f} hours ahead"
    return (f"Alarm when {name} is above {threshold:.3g}: {row['faults called in time']:.0f} of {row['faults']:.0f} faults "
            f"called in time ({ahead}), {row['false alarms per week']:.2f} false alarms per week, precision "
            f"{_share(row['precision'])}, recall {_share(row['recall'])}, cost {row['cost']:,.0f} euros.")


def _share(value):
    return "not defined" if pd.isna(value) else f"{value:.2f}"


def draw_thresholds(table, name, chosen=None):
    """Draw each measure against the threshold, as small multiples.

    Parameters
    ----------
    table : DataFrame
        From `judge_thresholds`.
    name : str
    chosen : float, optional
        A threshold to mark in every panel.

    Returns
    -------
    Figure
    """
    figure, axes = plt.subplots(nrows=2, ncols=3, sharex=True, figsize=(10, 4.6))
    figure.suptitle("One threshold, six consequences", weight="bold", x=0, ha="left")
    for ax, (column, note) in zip(axes.flat, PANELS):
        ax.plot(table.index, table[column], color=plots.COLOURS["score"], linestyle="-", marker=".")
        if chosen is not None:
            ax.axvline(chosen, color=plots.COLOURS["threshold"], linestyle="--")
            ax.plot(chosen, table.loc[chosen, column], "o", color=plots.COLOURS["threshold"])
        ax.set_title(f"{column}\n", fontsize=12)
        ax.annotate(note, (0, 1.02), xycoords="axes fraction", fontsize=10.5)
        top = {"precision": 1, "recall": 1}.get(column) or table[column].max()
        top = 1.08 * top if pd.notna(top) and top > 0 else 1
        ax.set_ylim(min(0, 1.08 * table[column].min(skipna=True)) if table[column].notna().any() else 0, top)
    for ax in axes[1]:
        ax.set_xlabel(name)
    best = table["cost"].idxmin()
    plots.describe(figure, f"Six panels against the threshold on {name}, from {table.index.min():.3g} to "
                           f"{table.index.max():.3g}. Lowest cost: {in_words(table.loc[best], name, best)}")
    return figure
