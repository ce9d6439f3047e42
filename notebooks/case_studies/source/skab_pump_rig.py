# ---
# jupyter:
#   mupy:
#     title: A pump rig, and the clock that beat every sensor
#     question: Somebody disturbed a water pump, again and again. Does a chart of its sensors see it, and what is a score worth that a clock wins?
#     able:
#       - build a control chart of many sensors in a few lines, and read it run by run
#       - look for the baseline that needs no sensor before a score is believed
#       - say what a recipe is worth that was found on the runs it is judged by, and measure it with runs left out
#     need: lessons 03 and 04
#     data:
#       - "Skoltech Anomaly Benchmark v0.9 (GPL-3.0), fetched once: `python3 course.py data`"
#     published: skab
# ---

# %% [markdown]
# ## The rig
#
# A small pump drives water round a closed loop, and eight sensors watch it, about once a second.
# That is the rig of the Skoltech Anomaly Benchmark (SKAB; Katser and Kozitsin, 2020).
# In 34 recorded runs somebody disturbs it: closes a valve behind the pump (the runs called `valve1`) or before it (`valve2`), unbalances the rotor, adds water, lets in air or hot water (`other`).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, metrics, plots

plots.use_style()
tables, labels = datasets.fetch_skab(), datasets.fetch_skab_labels()
is_anomaly = {run: labels[run]["anomaly"].to_numpy() == 1 for run in tables}
groups = {group: [run for run in tables if run.startswith(group)] for group in ("valve1", "valve2", "other")}
print(len(tables), "runs:", {group: len(runs) for group, runs in groups.items()})

# %% [markdown]
# We begin with one of them; its first 400 rows are for training.

# %%
run = "valve1/6"
table, fault = tables[run], metrics.events_from_labels(labels[run]["anomaly"], merge="5s")
training = table[:400]
shown = {"Volume Flow RateRMS": "flow (L/min)", "Accelerometer2RMS": "vibration (g)", "Temperature": "engine (°C)"}

# %%
fig, axes = plt.subplots(3, figsize=(10, 5.8), sharex=True)
for ax, (name, ylabel) in zip(axes, shown.items()):
    plots.plot_series(table[name], ax=ax, ylabel=ylabel, gap="30s", linewidth=0.7)
    plots.shade_events(ax, fault, label="labelled fault")
    ax.axvline(training.index[-1], color=plots.COLOURS["threshold"], linestyle=":", label="training ends")
axes[0].set_title("The flow falls by a litre; the engine's warmth does what it likes")
axes[0].legend(loc="lower left")
plots.describe(fig, "Three sensors in one run of twenty minutes. In the labelled fault the flow falls by a litre, the "
                    "vibration hardly changes; the temperature falls by three degrees in the training rows.")
plt.show()

# %% [markdown]
# The fault is about one litre a minute, and the meter counts in steps of a litre: nearly all training rows say 32 or 33.
# The vibration hardly notices.
# The engine's temperature makes its largest move minutes before the fault, for reasons of its own.

# %% [markdown]
# ## Look at the labels before you fit

# %%
spans = pd.DataFrame({name: {"rows": len(flags), "first": flags.argmax(), "last": np.flatnonzero(flags)[-1],
                             "in training": flags[:400].sum()} for name, flags in is_anomaly.items()}).T
print(spans.quantile([0, 0.25, 0.5, 0.75, 1]).round(0).astype(int).to_string())
print("faulty rows in the training:", spans.loc[spans["in training"] > 0, "in training"].to_dict())

# %%
fig, ax = plt.subplots(figsize=(10, 4.4))
ax.hlines(range(34), 0, spans["rows"], color=plots.COLOURS["missing"], linewidth=1)
ax.hlines(range(34), spans["first"], spans["last"], color=plots.COLOURS["fault"], linewidth=5, label="labelled fault")
ax.axvline(400, color=plots.COLOURS["threshold"], linestyle=":", label="training ends")
ax.set(title="Nearly all faults keep the same timetable", xlabel="row (about a second)", ylabel="run")
ax.legend(loc="upper left")
plots.describe(ax, "The 34 runs as lines, one above the other, with their labelled faults as thick bars. All but a few "
                   "bars lie between the rows 570 and 980; one lies lower, and mostly inside the training rows.")
plt.show()

# %% [markdown]
# The experimenters kept to a timetable: ten minutes of peace, seven minutes of fault, then peace again.
# And one run, `other/2`, has most of its fault among the rows that should show the healthy rig.
#
# Some runs begin before the one before them has ended.

# %%
for earlier, later in zip(list(tables), list(tables)[1:]):
    shared = tables[earlier].index.intersection(tables[later].index)
    if len(shared):
        faulty = [int(labels[each]["anomaly"][shared].sum()) for each in (earlier, later)]
        print(f"{earlier} and {later} share {len(shared)} rows, labelled faulty: {faulty[0]} and {faulty[1]}")

# %% [markdown]
# The shared rows are the same readings, and the labels contradict each other.
# So `other/4` and `other/13` have a fault among their training rows, too: that of the run before.

# %% [markdown]
# ## The published result, and its exact protocol
#
# - A detector is fitted on the first 400 rows of each run; no label is used for that.
# - Each later row gets an alarm or none. All rows of all runs go into one count (they are **pooled**).
# - The board states F1, the false alarm rate (FAR: normal rows with an alarm) and the missed alarm rate (MAR: anomalous rows without).
#
# `benchmarks/skab.py` holds the published rows; MCC (see below) we work out from the two rates.

# %%
from benchmarks import skab

pooled = sum(skab.counts(np.ones(len(flags), dtype=bool), flags) for flags in is_anomaly.values())
anomalous, normal = pooled[:2].astype(int)
print(f"scored: {anomalous + normal:,} rows, anomalous {anomalous / (anomalous + normal):.1%}")
columns = ["F1", "MCC", "FAR", "MAR", "1-FAR-MAR"]
published = pd.DataFrame([(f1, skab.published_mcc(far, mar, anomalous, normal), far, mar, 1 - far - mar)
                          for _, f1, far, mar in skab.PUBLISHED],
                         index=["published: " + row[0] for row in skab.PUBLISHED], columns=columns)
published.head(4).round(3)

# %% [markdown]
# More than half of the scored rows are anomalous: careful with F1.

# %% [markdown]
# ## Two detectors without a sensor
#
# The first alarms always, the second in the rows 572 to 971 of each run, by the clock; all runs are pooled.

# %%
def judged(alarms):
    return skab.measures(sum(skab.counts(alarms[name], flags) for name, flags in is_anomaly.items()))


rows = {name: np.arange(len(each)) for name, each in tables.items()}
blind = {"always alarm": judged({name: each >= 0 for name, each in rows.items()}),
         "a clock: rows 572 to 971": judged({name: (each >= 572) & (each <= 971) for name, each in rows.items()})}
pd.DataFrame(blind, index=columns).T.round(3)

# %% [markdown]
# *Always alarm* gets an F1 of .70, above half of the published rows; the clock gets .93, above all of them.
#
# Two other scores see through the first: 1 − FAR − MAR, and the **Matthews correlation** (MCC), which is the correlation between alarm and label.
# Both are 0 for a detector that does not care about the row and 1 for a perfect one; from here on we read these two.
#
# No score sees through the clock, because the labels themselves keep its time.
# We can only make sure that our detector does not know what time it is.

# %% [markdown]
# ## The naive try: how far is a row from the training rows?
#
# Lesson 04 has the tool: the Mahalanobis distance of a row, with a limit that 1 % of the training rows pass (Hotelling's T² chart).

# %%
gap = (table - training.mean()).to_numpy()
row_distance = np.sqrt(np.sum(gap @ np.linalg.inv(training.cov()) * gap, axis=1))
is_alarm = row_distance > np.quantile(row_distance[:400], 0.99)
f1, mcc, far, mar, _ = skab.measures(skab.counts(is_alarm, is_anomaly[run]))
print(f"{run}: MCC {mcc:.2f}, normal rows with an alarm {far:.0%}, faulty rows without {mar:.0%}")

# %% [markdown]
# It finds the fault, and calls most healthy rows, too: the rig wanders.
# Which sensors?

# %%
healthy = {name: each[400:][~is_anomaly[name][400:]] for name, each in tables.items()}
moved = pd.DataFrame({name: (healthy[name].mean() - each[:400].mean()).abs() / each[:400].std()
                      for name, each in tables.items()})
moved.median(axis=1).round(2).to_frame("moved, in deviations of the training rows")

# %% [markdown]
# In the median run the two temperatures move by more than a deviation without any fault; no other sensor does.
# A fit on seven minutes knows nothing of a pump that warms up: we leave both out.

# %% [markdown]
# ## A memory of some seconds
#
# Noise averages out, a closed valve stays closed.
# Lesson 03 had the EWMA chart for one sensor; Lowry and others (1992) made one of many:
# a weighted mean of each sensor that forgets (the newest row counts a tenth), then the distance of these means from what they were in training.

# %%
def chart(table, sensors, weight=0.1):
    """Return the distance of the weighted means from those in training; 1 where 1 % of the training is farther."""
    rows = (table[sensors] - table[sensors][:400].mean()) / table[sensors][:400].std(ddof=0)
    means = rows.ewm(alpha=weight).mean().to_numpy()
    settled = means[50:400]
    z = (means - settled.mean(axis=0)) / settled.std(axis=0)
    covariance = np.cov(z[50:400].T) + 0.05 * np.eye(len(sensors))
    distance = np.sqrt(np.sum(z @ np.linalg.inv(covariance) * z, axis=1))
    return pd.Series(distance / np.quantile(distance[50:400], 0.99), index=table.index)


sensors = [name for name in table if name not in ("Temperature", "Thermocouple")]
scores = chart(table, sensors)

# %% [markdown]
# The score is causal: a row needs the training rows and the rows up to it.
# The first 50 means have not settled; the 0.05 keeps coarse sensors from making the matrix nearly singular.
# The alarm is at 2, twice the limit, a factor that we shall have to justify.

# %%
flow = table["Volume Flow RateRMS"].ewm(alpha=0.1).mean()
plots.plot_scores(flow[50:], scores[50:], 2, events=fault, event_label="labelled fault",
                  title="The alarm comes with the water, a minute after the label", ylabel="flow, weighted (L/min)",
                  alt="The weighted mean of the flow above, the score below. The score passes 2 about a minute into "
                      "the labelled fault, as the flow falls, and returns as it recovers, before the label ends.")
plt.show()

# %%
is_alarm = (scores > 2).to_numpy()
f1, mcc, far, mar, _ = skab.measures(skab.counts(is_alarm, is_anomaly[run]))
delay = scores.index[is_alarm & is_anomaly[run]][0] - fault["start"][0]
print(f"{run}: MCC {mcc:.2f}, normal rows with an alarm {far:.1%}, faulty rows without {mar:.0%}, "
      f"first alarm {delay.total_seconds():.0f} s after the label begins")

# %% [markdown]
# Of the false alarms next to nothing is left in this run.
# The flow itself takes most of that minute to fall: perhaps the label says when a hand touched the valve.

# %% [markdown]
# ## The board
#
# Twice the limit, a weight of a tenth, no temperatures: **these constants were found on these very runs**.
# What does one get who must choose without seeing the run?
# We try 120 combinations of sensors, weight and limit, with and without the squares of the sensors (which feel a change of spread), choose by the MCC of all *other* runs, and score the choice on the run left out (**nested selection**); then the same with a whole group left out.

# %%
from itertools import product

grid = list(product(skab.CHANNELS, skab.WEIGHTS, (False, True), skab.LIMITS))
distances = {each: {name: skab.distance(tables[name], *each) for name in tables}
             for each in {each[:3] for each in grid}}
counted = {each: {name: skab.counts(distances[each[:3]][name] > each[3], is_anomaly[name]) for name in tables}
           for each in grid}

# %%
fixed = ("no temperatures", 0.1, False, 2.0)
by_run = skab.chosen_without(counted, {name: [name] for name in tables})
by_group = skab.chosen_without(counted, groups)
chosen = {"ours: fixed, found on these runs": dict.fromkeys(tables, fixed),
          "ours: chosen with the run left out": by_run, "ours: chosen with the group left out": by_group}
ours = {how: skab.measures(sum(counted[picks[name]][name] for name in tables)) for how, picks in chosen.items()}
board = pd.concat([pd.DataFrame({**ours, **blind}, index=columns).T, published])
board.sort_values("MCC", ascending=False).round(3)

# %% [markdown]
# The fixed recipe reaches an MCC of .67, and that figure flatters us.
# Chosen with the run left out it is .65, with the group left out .63.
# All three are above the best published row, an autoencoder that sees the 58 seconds that follow a row; ours sees none of them.
#
# Even so: the grid was drawn up by people who had seen these runs.
# And leaving out one of twenty runs in which a valve was closed on the same day is a mild test, milder where neighbours share rows; the group is the harder one.
#
# How sure is .63? We draw 34 runs with replacement, again and again.

# %%
each_run = np.array([counted[by_group[name]][name] for name in tables])
rng = np.random.default_rng(7)
drawn = [skab.measures(each_run[rng.integers(34, size=34)].sum(axis=0))[1] for _ in range(2000)]
low, high = np.quantile(drawn, [0.025, 0.975])
print(f"chosen with the group left out: MCC {ours['ours: chosen with the group left out'][1]:.2f}, "
      f"middle 95 % of the draws: {low:.2f} to {high:.2f}")

# %% [markdown]
# The best published row, .59, lies inside this range, which is too narrow still: the choice is not made anew, and runs of one day are alike.
# The lead is likely, not certain.

# %% [markdown]
# ## What made the difference
#
# An **ablation** takes the parts away one after another.

# %%
steps = {"Hotelling's T² of single rows": ("all", 1.0, False, 1.0),
         "weighted means": ("all", 0.1, False, 1.0),
         "... at twice the limit": ("all", 0.1, False, 2.0),
         "... without the temperatures": fixed}
ablation = {what: skab.measures(sum(counted[each].values())) for what, each in steps.items()}
ablation["only the flow"] = judged({name: chart(each, ["Volume Flow RateRMS"]).to_numpy() > 2
                                    for name, each in tables.items()})
pd.DataFrame(ablation, index=columns).T.round(3)

# %% [markdown]
# Weighted means with the usual limit are worse than none: smoothed rows resemble their neighbours, and what passes the limit in training is one to four short episodes, too few to set a limit by.
# Twice the limit mends that, and leaving out the temperatures brings another good step.
#
# Then the surprise: **the flow alone** beats every published row; the other five add little.
# (Picked with the labels in view, as our constants were.)

# %% [markdown]
# ## Where the chart is wrong

# %%
alarms = {name: distances[fixed[:3]][name] > 2 for name in tables}

# %%
fig, ax = plt.subplots(figsize=(10, 4.4))
ax.hlines(range(34), spans["first"], spans["last"], color=plots.COLOURS["fault"], linewidth=6)
called = [400 + np.flatnonzero(each[400:]) for each in alarms.values()]
marks = ax.eventplot(called, linelengths=0.4, colors=plots.COLOURS["normal"])
ax.set(title="The alarms outlast the faults, mostly in the last group", xlabel="row (about a second)", ylabel="run")
ax.legend([marks[0], ax.collections[0]], ["alarm", "labelled fault"], loc="upper left")
plots.describe(ax, "The labelled faults of the 34 runs as thick bars, with a mark at each row with an alarm. Most bars "
                   "are filled with marks. In many runs above 20, the group called other, the marks go on.")
plt.show()

# %%
before = np.concatenate([alarms[name][400:spans.loc[name, "first"]] for name in tables])
after = np.concatenate([alarms[name][max(spans.loc[name, "last"] + 1, 400):] for name in tables])
print(f"alarms in healthy rows before the fault: {before.mean():.1%}, after it: {after.mean():.1%}")

during = {name: alarms[name][400:][is_anomaly[name][400:]] for name in tables}
share = pd.Series({name: each.mean() for name, each in during.items()})
print(f"faults with an alarm: {(share > 0).sum()} of {len(share)}")
print("share of the fault with an alarm, lowest:", share.nsmallest(4).round(3).to_dict())

# %% [markdown]
# Most false alarms come **after** the fault, nearly all of these in `other`: the rig has not come back, or has wandered off; the chart cannot tell which.
# For the person at the pump the alarm has long been answered.
#
# Counted by faults, as a plant would count, the chart misses two, and two more it touches only just.
# The two missed are `other/2`, which learnt its own fault as normal, and `other/13`, which learnt that of `other/12`.

# %% [markdown]
# ## What to distrust
#
# - **The timetable.** A method that can learn the row's number wins without a sensor.
# - **The labels.** They do not say when the flow moves, nor when the rig has recovered, and shared rows have two.
# - **Training rows that are not healthy**, in three runs; the protocol wants it so.
# - **Rows for seconds.** One step in twenty is not a second; four last longer than a minute.
# - **34 runs of one rig on three days** are not as many plants.
#
# **What we saw.** Baselines first: *always alarm*, a clock, one sensor. Then a chart that remembers some ten rows, and stays above the published rows where it chooses its constants on other runs. Most of it is the flow.
#
# **What this cannot do.** It cannot use the temperatures, and a fault that comes as slowly as the engine warms up would pass. Lesson 03's residuals are the way there.

# %% [markdown]
# ## Going further
#
# - Give the means real time: `rows.ewm(halflife="6.6s", times=table.index).mean()` has the same memory where steps are one second. Which runs change?
# - SKAB has a second board, for the moments of change. `benchmarks/skab.py` prints it: best published row 32.4, our jump of means 55.0, a clock that reports once a minute 65.5. Why does guessing pay there?

# %% [markdown]
# ## References
#
# - I. D. Katser, V. O. Kozitsin, "Skoltech Anomaly Benchmark (SKAB)", *Kaggle*, 2020; github.com/waico/SKAB.
# - C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average control chart", *Technometrics* 34, 1992.
# - B. W. Matthews, "Comparison of the predicted and observed secondary structure of T4 phage lysozyme", *Biochimica et Biophysica Acta* 405, 1975.
