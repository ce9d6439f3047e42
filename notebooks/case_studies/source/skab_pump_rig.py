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

from mupy_helpers import datasets, plots

plots.use_style()
tables, labels = datasets.fetch_skab(), datasets.fetch_skab_labels()
is_anomaly = {run: labels[run]["anomaly"].to_numpy() == 1 for run in tables}
print(f"{len(tables)} runs, {sum(map(len, tables.values())):,} rows")
print(pd.Series([run.split("/")[0] for run in tables]).value_counts(sort=False).to_string())

# %% [markdown]
# We take one run to look at, one of those with the valve behind the pump.
# The first 400 rows are for training, as in the published results.

# %%
run = "valve1/6"
table = tables[run]
faulty = table.index[is_anomaly[run]]
fault = pd.DataFrame({"start": [faulty[0]], "end": [faulty[-1]]})
facts = table[:400].agg(["mean", "std", "nunique"]).T
facts.insert(0, "unit", pd.Series(table.attrs["units"]))
facts.round(3)

# %%
shown = {"Volume Flow RateRMS": "flow (L/min)", "Accelerometer2RMS": "vibration (g)", "Temperature": "engine (°C)"}
fig, axes = plt.subplots(3, figsize=(10, 5.8), sharex=True)
for ax, (name, ylabel) in zip(axes, shown.items()):
    plots.plot_series(table[name], ax=ax, ylabel=ylabel, gap="30s", linewidth=0.7)
    plots.shade_events(ax, fault, label="labelled fault")
    ax.axvline(table.index[400], color=plots.COLOURS["threshold"], linestyle=":", label="training ends")
axes[0].set_title("The flow falls by a litre; the engine's warmth does what it likes")
axes[0].legend(loc="lower left")
plots.describe(fig, "Flow, vibration and engine temperature of one run of twenty minutes. In the labelled fault, after "
                    "half of the run, the flow falls from 32 or 33 to 31 litres a minute. The vibration hardly "
                    "changes. The temperature falls by three degrees long before, in the training rows.")
plt.show()

# %% [markdown]
# The fault is about one litre a minute, and the meter counts in steps of a litre: nearly all training rows say 32 or 33.
# The vibration hardly notices.
# The engine's temperature makes its largest move minutes before the fault, for reasons of its own.

# %% [markdown]
# ## Look at the labels before you fit
#
# Where do the faults lie?

# %%
spans = pd.DataFrame({name: {"rows": len(flags), "first": flags.argmax(), "last": np.flatnonzero(flags)[-1],
                             "in training": flags[:400].sum()} for name, flags in is_anomaly.items()}).T
print(spans.describe().loc[["min", "25%", "50%", "75%", "max"]].round(0).astype(int).to_string())
print(spans[spans["in training"] > 0].to_string())

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
# The middle half of the runs begin their fault within a few rows of each other.
# And one run, `other/2`, has most of its fault among the rows that should show the healthy rig.
#
# One more look, at the clock itself.

# %%
steps = np.concatenate([np.diff(each.index) / np.timedelta64(1, "s") for each in tables.values()])
print(f"steps that are not one second: {(steps != 1).mean():.1%}; the longest: {steps.max():.0f} s")

# %% [markdown]
# ## The published result, and its exact protocol
#
# - A detector is fitted on the first 400 rows of each run; no label is used for that.
# - Each later row gets an alarm or none. All rows of all runs go into one count (they are **pooled**).
# - The board states F1, the false alarm rate (FAR: normal rows with an alarm) and the missed alarm rate (MAR: anomalous rows without).
#
# Our course's `benchmarks/skab.py` holds the published rows and our own code; we read them from there.

# %%
from benchmarks import skab

pooled = sum(skab.counts(np.ones(len(flags), dtype=bool), flags) for flags in is_anomaly.values())
anomalous, normal = pooled[:2].astype(int)
print(f"scored: {anomalous + normal:,} rows, anomalous {anomalous / (anomalous + normal):.1%}")
columns = ["F1", "MCC", "FAR", "MAR", "1-FAR-MAR"]
published = pd.DataFrame({f"published: {name}": (f1, skab.published_mcc(far, mar, anomalous, normal), far, mar,
                                                 1 - far - mar) for name, f1, far, mar in skab.PUBLISHED},
                         index=columns).T
published.head(4).round(3)

# %% [markdown]
# More than half of the scored rows are anomalous.
# That alone should make us careful with F1.

# %% [markdown]
# ## Two detectors without a sensor
#
# The first alarms always.
# The second has a clock: it alarms in the rows 572 to 971 of each run, and looks at nothing.

# %%
def judged(alarms):
    """Pool the alarms of all runs and return the five columns of the board."""
    return skab.measures(sum(skab.counts(alarms[name], flags) for name, flags in is_anomaly.items()))


rows = {name: np.arange(len(each)) for name, each in tables.items()}
blind = {"always alarm": judged({name: each >= 0 for name, each in rows.items()}),
         "a clock: rows 572 to 971": judged({name: (each >= 572) & (each <= 971) for name, each in rows.items()})}
pd.DataFrame(blind, index=columns).T.round(3)

# %% [markdown]
# *Always alarm* gets an F1 of .70, above half of the published rows; the clock gets .93, above all of them.
#
# Two other scores see through the first.
# **Matthews correlation** (MCC) is the correlation between alarm and label: 0 for any detector that does not care about the row, 1 for a perfect one.
# 1 − FAR − MAR (Youden's index) is 0 for it, too.
# From here on we read these two, and F1 only for comparison.
#
# Nothing sees through the clock, because the labels themselves keep its time.
# We can only make sure that our detector does not know what time it is.

# %% [markdown]
# ## The naive try: how far is a row from the training rows?
#
# Lesson 04 has the tool: the Mahalanobis distance of a row, with a limit that 1 % of the training rows pass (Hotelling's T² chart).

# %%
training = table[:400]
gap = (table - training.mean()).to_numpy()
row_distance = np.sqrt(np.sum(gap @ np.linalg.inv(training.cov()) * gap, axis=1))
is_alarm = row_distance > np.quantile(row_distance[:400], 0.99)
f1, mcc, far, mar, _ = skab.measures(skab.counts(is_alarm, is_anomaly[run]))
print(f"{run}: MCC {mcc:.2f}, normal rows with an alarm {far:.0%}, faulty rows without {mar:.0%}")

# %% [markdown]
# It finds the fault, and calls most of the healthy rows behind the training, too.
# A row is noisy, the fault is small, and the rig wanders: which sensors?

# %%
def moved(name, sensor):
    """Return how far the healthy rows behind the training have moved on average, in training deviations."""
    values, healthy = tables[name][sensor], ~is_anomaly[name]
    healthy[:400] = False
    return (values[healthy].mean() - values[:400].mean()) / values[:400].std()


pd.DataFrame({sensor: [abs(moved(name, sensor)) for name in tables] for sensor in table}).median().round(2)

# %% [markdown]
# In the median run the two temperatures move by more than a deviation without any fault; no other sensor does.
# A pump warms up, a room cools down, and a fit on seven minutes knows nothing of it.
# We leave both temperatures out.

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
# The first 50 rows are left out because a mean of three rows is not yet a mean of twenty; the 0.05 keeps sensors that count in coarse steps from making the matrix nearly singular.
# The alarm is at twice the limit, a factor that we shall have to justify.

# %%
flow = table["Volume Flow RateRMS"].ewm(alpha=0.1).mean()
plots.plot_scores(flow[50:], scores[50:], 2, events=fault, event_label="labelled fault",
                  title="The alarm comes with the water, a minute after the label", ylabel="flow, weighted (L/min)",
                  alt="The weighted mean of the flow above, the chart's score below. The score stays under 2 until "
                      "about a minute into the labelled fault, when the flow falls from 32.5 to 31 litres. It rises "
                      "to 3.6 and falls below 2 as the flow recovers, a little before the label ends.")
plt.show()

# %%
is_alarm = (scores > 2).to_numpy()
f1, mcc, far, mar, _ = skab.measures(skab.counts(is_alarm, is_anomaly[run]))
delay = scores.index[is_alarm & is_anomaly[run]][0] - fault["start"][0]
print(f"{run}: MCC {mcc:.2f}, normal rows with an alarm {far:.1%}, faulty rows without {mar:.0%}, "
      f"first alarm {delay.total_seconds():.0f} s after the label begins")

same = [np.allclose(chart(each, sensors), skab.distance(each, "no temperatures", 0.1, False)) for each in tables.values()]
print("the same as the benchmark's in all runs:", all(same))

# %% [markdown]
# Of the false alarms next to nothing is left in this run.
# The minute before the first alarm is not idleness: look at the flow, it begins to fall just before the alarm.
# Our reading is that the label says when a hand was laid on the valve, and the water when it was felt.

# %% [markdown]
# ## The board
#
# Twice the limit, a weight of a tenth, no temperatures: where do these constants come from?
# **They were found on these very runs**, with their labels in view, and so is the score they get.
# The fair question is what one gets who has to choose without seeing the run: we try every combination, choose by the MCC of all *other* runs, and score the choice on the run left out (**nested selection**); then the same with a whole group left out.

# %%
from itertools import product

grid = list(product(skab.CHANNELS, skab.WEIGHTS, (False, True), skab.LIMITS))
distances = {each: {name: skab.distance(tables[name], *each) for name in tables} for each in {each[:3] for each in grid}}
counted = {each: {name: skab.counts(distances[each[:3]][name] > each[3], is_anomaly[name]) for name in tables}
           for each in grid}
print(f"{len(grid)} combinations of sensors, weight, squares or not, and limit")

# %%
fixed = ("no temperatures", 0.1, False, 2.0)
groups = {group: [name for name in tables if name.startswith(group)] for group in ("valve1", "valve2", "other")}
by_run = skab.chosen_without(counted, {name: [name] for name in tables})
by_group = skab.chosen_without(counted, groups)
chosen = {"ours: fixed, found on these runs": dict.fromkeys(tables, fixed),
          "ours: chosen with the run left out": by_run, "ours: chosen with the group left out": by_group}
ours = {how: skab.measures(sum(counted[picks[name]][name] for name in tables)) for how, picks in chosen.items()}
board = pd.concat([pd.DataFrame({**ours, **blind}, index=columns).T, published])
board.sort_values("MCC", ascending=False).round(3)

# %% [markdown]
# The fixed recipe reaches an MCC of .67, and that figure flatters us: it is the best that one finds who looks.
# Chosen with the run left out it is .65, with the group left out .63.
# All three are above the best published row, an autoencoder that sees the 58 seconds that follow a row; ours sees none of them.
#
# Two limits of this fairness.
# The grid itself was drawn up by people who had seen these runs.
# And leaving out one of twenty runs in which a valve was closed on the same day is not much of a test; the group is the harder one.

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
alone = {sensor: judged({name: (chart(tables[name], [sensor]) > 2).to_numpy() for name in tables})
         for sensor in ("Volume Flow RateRMS", "Accelerometer1RMS", "Accelerometer2RMS")}
pd.DataFrame({**ablation, **{f"only {sensor}": each for sensor, each in alone.items()}}, index=columns).T.round(3)

# %% [markdown]
# Weighted means with the usual limit are worse than none: smooth rows resemble each other, 350 of them are worth a handful, and their 1 % says little.
# Twice the limit mends that, and leaving out the temperatures brings another good step.
#
# Then the surprise: **the flow alone**, one sensor in one chart, beats every published row.
# The other five of our six sensors and a matrix add little.
# (The flow was picked with the labels in view, as our constants were; an engineer who closes valves would have picked it without.)
# Begin with a baseline of one sensor, and you know how little there is left to win.

# %% [markdown]
# ## Where the chart is wrong

# %%
alarms = {name: distances[fixed[:3]][name] > 2 for name in tables}
wrong = pd.DataFrame({name: {"false before": alarms[name][400:span["first"]].sum(),
                             "normal before": max(span["first"] - 400, 0),
                             "false after": alarms[name][max(span["last"] + 1, 400):].sum(),
                             "normal after": span["rows"] - max(span["last"] + 1, 400)}
                      for name, span in spans.iterrows()}).T.sum()
print(f"alarms in healthy rows before the fault: {wrong['false before'] / wrong['normal before']:.1%}, "
      f"after it: {wrong['false after'] / wrong['normal after']:.1%}")

# %% [markdown]
# Nearly all false alarms come **after** the fault.
# The label has ended, and the rig is not yet what it was.
# For the score this is as bad as a call at night for nothing; for the person at the pump the alarm has long been answered.

# %%
def first_alarm(name):
    begin, end = max(spans.loc[name, "first"], 400), spans.loc[name, "last"]
    found = np.flatnonzero(alarms[name][begin:end + 1])
    return found[0] if len(found) else np.nan


delays = pd.Series({name: first_alarm(name) for name in tables})
share = pd.Series({name: alarms[name][400:][is_anomaly[name][400:]].mean() for name in tables})
print(f"faults with an alarm: {delays.notna().sum()} of {len(delays)}, none in {list(delays.index[delays.isna()])}")
print(f"median delay {delays.median():.0f} rows; alarm in less than a tenth of the fault:", list(share.index[share < 0.1]))

# %% [markdown]
# Counted by faults, as a plant would count, the chart misses two, and two more it touches only just.
# One of the two is `other/2`, whose training rows hold the fault: the chart learnt it as normal.
# The pooled score hides all that: look at runs, not only at rows.

# %% [markdown]
# ## The changepoint board, and the clock again
#
# SKAB has a second board: report the moment when something changes.
# It is scored in the manner of the Numenta benchmark (Lavin and Ahmad, 2015): a window of 60 s begins at each change, the first report in it earns the more the earlier it comes, each report outside costs .11.

# %%
changes = {name: each.index[400:][each["changepoint"][400:] == 1] for name, each in labels.items()}
fast, slow, limit, quiet = skab.CHANGE_FIXED
reports = {"ours: fixed, found on these runs": {
    name: skab.reports(skab.change(each, fast, slow) > limit, each.index, quiet) for name, each in tables.items()}}
for seconds in (30, 60):
    reports[f"a clock, every {seconds} s"] = {
        name: skab.reports(rows[name] >= 0, each.index, seconds) for name, each in tables.items()}

# %%
points = {name: [skab.changepoint_score(times, changes, profile) for profile in ("standard", "low_fp")]
          for name, times in reports.items()}
best = max(skab.PUBLISHED_CHANGEPOINTS, key=lambda row: row[1])
points[f"published, best: {best[0]}"] = best[1:3]
print("changes:", sum(map(len, changes.values())), "  reports of ours:", sum(map(len, reports[
    "ours: fixed, found on these runs"].values())))
pd.DataFrame(points, index=["standard", "false reports at twice the price"]).T.round(1)

# %% [markdown]
# Ours reports a jump of the last ten rows against the hundred before them, and gets well above the published rows.
# A clock that reports once a minute, whatever happens, gets more.
# A false report costs .11, a window found is worth up to 2 (the miss avoided, too), and the windows cover about a third of the time: who guesses often enough wins.
# That our figure is above the board says nothing at all.

# %% [markdown]
# ## What to distrust
#
# - **The schedule.** Any method that can learn the row's number, or that is tuned on these runs, can win without a sensor.
# - **F1, with more than half of the rows anomalous.** Ask first what *always alarm* gets.
# - **Labels of a hand, it seems, not of the water.** They begin before the flow moves and end before the rig has recovered.
# - **Training rows that are not healthy** in `other/2`; the protocol wants it so, and we kept to it.
# - **Rows for seconds.** Ours counts rows; one step in twenty is not a second, and a few are minutes.
# - **34 runs of one rig on three days** are not 34 plants. Nothing here says what the chart does on another pump.
#
# **What we saw.** A sensible baseline first: a clock, *always alarm*, one sensor. Then a chart that remembers ten rows, and is better than every published row also when it has to choose its constants on other runs. Most of it is the flow.
#
# **What this cannot do.** It cannot forget the temperatures' drift and still use them, and it says nothing of a fault that comes as slowly as the engine warms up. Lesson 03's residuals are the way there.

# %% [markdown]
# ## Going further
#
# - Fit on `datasets.fetch_skab("anomaly-free/anomaly-free")`, a run without a fault, instead of on the first rows. What happens on the runs of another day?
# - Give the means real time: `rows.ewm(halflife="6.6s", times=table.index).mean()` has the same memory where steps are one second. Which runs change?
# - Score each run by its first alarm and its false calls, as `metrics.lead_time` and `metrics.calls` do. Which of the rows of the ablation would you buy?

# %% [markdown]
# ## References
#
# - I. D. Katser, V. O. Kozitsin, "Skoltech Anomaly Benchmark (SKAB)", *Kaggle*, 2020; data and board at github.com/waico/SKAB.
# - C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average control chart", *Technometrics* 34, 1992.
# - H. Hotelling, "Multivariate quality control", in *Techniques of Statistical Analysis*, 1947: the T² chart.
# - B. W. Matthews, "Comparison of the predicted and observed secondary structure of T4 phage lysozyme", *Biochimica et Biophysica Acta* 405, 1975: the correlation.
# - W. J. Youden, "Index for rating diagnostic tests", *Cancer* 3, 1950.
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", *IEEE ICMLA*, 2015.
# - S. Varma, R. Simon, "Bias in error estimation when using cross-validation for model selection", *BMC Bioinformatics* 7, 2006: why a choice must be made inside of the fold.
