# ---
# jupyter:
#   mupy:
#     title: Twenty points for knowing the maximum
#     question: Fifty-eight series, one score, one threshold. What does a published 54.6 measure, and what is left of it when nobody hands over the end of the file?
#     able:
#       - compute the score of the Numenta Anomaly Benchmark by hand, and say what it pays for
#       - reproduce a published figure, find the future in its protocol, and measure what it was worth
#       - read a board with the threshold, the recipe, and neither of them chosen on what is scored
#       - check a benchmark's labels against the four common doubts
#     need: lessons 01 to 03; the case study of the office temperature
#     data:
#       - "NAB, all 58 series (MIT licence), fetched once: `python3 course.py data`"
#     published: nab
# ---

# %% [markdown]
# ## A machine, three sentences
#
# The Numenta Anomaly Benchmark (NAB) calls this series *machine temperature system failure*.
# What its readme says: a sensor on an internal component of a large industrial machine; the first anomaly is a planned shutdown; the second is difficult to detect and led directly to the third, a catastrophic failure.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, metrics, plots

plots.use_style()
series = {name: table["value"] for name, table in datasets.fetch_nab().items()}
windows = {name: datasets.fetch_nab_events(name) for name in series}
name = "realKnownCause/machine_temperature_system_failure"
machine = series[name]

# %%
ax = plots.plot_series(machine.sort_index(), title="Three anomalies in the description, four windows in the labels",
                       ylabel="machine (no unit given)", linewidth=0.6)
plots.shade_events(ax, windows[name], label="labelled window")
ax.legend(loc="lower right")
plots.describe(ax, "Eleven weeks of a machine's temperature, mostly between 70 and 105. Four windows are shaded: one over "
                   "a moderate dip, one over a fall to 2, one over a shallow low, one over a deep low of two days.")
plt.show()

# %%
windows[name]

# %% [markdown]
# Three anomalies were described and four windows are labelled.
# A list of known causes in NAB's repository (`known_labels_v1.0.json`) has three dates: the shutdown on 16 December, the hidden one on 28 January, the failure on 8 February.
# (In this file an hour of stamps comes twice, so we sort for drawings, and only there.)

# %% [markdown]
# ## What the score pays for
#
# In a window only the **first** alarm counts, and it earns the more, the earlier it comes: that is one curve, a **sigmoid**.
# An alarm row outside costs 0.11, less if a window has just ended; a window without an alarm costs 1.

# %%
def sigmoid(position):
    return 2 / (1 + np.exp(5 * np.asarray(position))) - 1


late = np.array([0, 0.25, 0.5, 0.75, 1])  # of a window's length
print("points of a first alarm so late:", np.round(sigmoid(late - 1) / sigmoid(-1), 2))

# %% [markdown]
# The curve is flat where one would want it steep: half a window late, here a day, still earns 0.86.
#
# Now by hand.
# The first 15 per cent of a series, at most 750 rows, are its **probation**: a detector may learn there, and alarms do not count.

# %%
n_past = int(min(0.15 * len(machine), 750))
spans = [np.flatnonzero((machine.index >= each.start) & (machine.index <= each.end))[[0, -1]]
         for each in windows[name].itertuples()]


def earned(rows, first, last):
    hits = rows[(rows >= first) & (rows <= last)]
    return sigmoid((hits[0] - last - 1) / (last - first + 1)) / sigmoid(-1) if len(hits) else -1.0


# %%
def paid(row):
    if any(first <= row <= last for first, last in spans):
        return 0.0
    behind = [(row - last) / (last - first) for first, last in spans if last < row]
    return 0.11 * sigmoid(behind[-1]) if behind else -0.11


# %% [markdown]
# The naive detector: more than three standard deviations from the mean of the probation.
# On NAB's scale no alarm at all is 0, and every window found in its first row without a false alarm is 100; there is no lower end.

# %%
past = machine.iloc[:n_past]
naive = (machine - past.mean()).abs() / past.std()
rows = np.flatnonzero(naive >= 3)
rows = rows[rows >= n_past]
points, price = [earned(rows, *span) for span in spans], sum(map(paid, rows))
by_hand = 100 * (sum(points) + price + len(spans)) / (2 * len(spans))
print(f"{len(rows)} alarm rows; points of the windows:", np.round(points, 2), f" paid: {price:.2f}")
print(f"by hand {by_hand:.4f}, metrics.nab_score {metrics.nab_score(naive, windows[name], threshold=3):.4f}")
print(f"with the threshold that is best on this series: {metrics.nab_score(naive, windows[name]):.1f}")

# %% [markdown]
# By hand and by the helper: the same.
# All four windows are found and the score is far below nothing: NAB charges for every alarm **row**, and a limit stays crossed for hours.
# With a better threshold the same rule looks respectable, but that one was chosen with the labels in hand.
# So it is for everybody on NAB's board: **one threshold for the whole corpus, tuned on the labels.**

# %% [markdown]
# ## A detector of ten lines
#
# How far does a value lie outside the range that was seen before it, as a share of that range?
# The same for the median of the last 9 rows, and of the last 25.
# Add the square roots, so that three small excesses count as much as one large; keep what beats the recent past.
# Nothing here looks ahead, but for the length of the file, from which NAB sets the probation.

# %%
from mupy_helpers.detectors import TrailingRange


def recipe(values, n_past, widths=(1, 9, 25), memory=8, rest=0.1, power=0.5):
    total = np.zeros(len(values))
    for width in widths:
        medians = pd.Series(values).rolling(width, min_periods=1).median().to_numpy()
        if np.ptp(medians) > 0:
            total += TrailingRange(window=memory * n_past, warm_up=1).fit(medians).decision_scores_ ** power
    lately = pd.Series(total).rolling(max(1, int(rest * n_past)), min_periods=1).max().shift(1, fill_value=0)
    return np.where((total > lately) | (rest == 0), total, 0)


# %%
from benchmarks import nab


def on_corpus(**options):
    return {name: pd.Series(recipe(values.to_numpy(), nab.probation(len(values)), **options), index=values.index)
            for name, values in series.items()}


# %%
ours = on_corpus()
sweep = metrics.nab_sweep(ours, windows)
threshold = sweep["threshold"][sweep["score"].idxmax()]
print(f"{len(series)} series, {sum(map(len, ours.values())):,} rows, {sum(map(len, windows.values()))} windows")
print(f"one threshold for all, {threshold:.3f}: score {sweep['score'].max():.1f}")

# %% [markdown]
# What does it see on the machine, at the threshold of the whole corpus?

# %%
alarms = ours[name].iloc[n_past:].loc[lambda scores: scores >= threshold].to_frame("score")
alarms["in window"] = metrics.inside(alarms.index, windows[name])
alarms.groupby(alarms.index.date)["in window"].agg(rows="size", in_window="sum")

# %%
weeks = machine.sort_index()["2014-01-26":"2014-02-10"]
called = alarms.index.intersection(weeks.index)
ax = plots.plot_series(weeks, title="Before the failure: calls that NAB counts as false", ylabel="machine")
plots.shade_events(ax, windows[name].iloc[2:], label="labelled window")
ax.plot(called, machine[called], "v", color=plots.COLOURS["anomaly"], label="alarm of the recipe")
ax.legend(loc="lower left", ncols=3)
plots.describe(ax, "Two weeks up to the failure. Alarms lie in the window of 28 January, just behind it, at dips on 30 "
                   "January and 3 February and a high on the 6th, in no window, and in the window at the fall of 8 February.")
plt.show()

# %% [markdown]
# All four windows are found.
# The hidden anomaly of January is called on the 28th, the failure at 01:35 on 8 February, ten hours after its window begins.
# Between the two the rule calls on 30 January, on the 3rd and on the 6th.
# On 3 February the temperature falls lower than in the window of January, and nobody drew a window there.
# Were these warnings? NAB charges for each.
# The data cannot settle it: the call of the 6th is at a new high, and the rule also calls on 26 December and on 15 February, when nothing is known to have failed.

# %% [markdown]
# ## The board
#
# The published rows are NAB's own (HTM: the middle of the range given); *standard* means the prices above.
# A detector that is tuned where it is scored flatters itself; so, as a second figure, each of NAB's seven groups of series (traffic, tweets and so on) gets the threshold that is best on the **others**.

# %%
counts = {name: nab.n_counted({name: values}, windows) for name, values in series.items()}
held = nab.Held(ours, windows, counts, "standard")
board = pd.DataFrame(nab.PUBLISHED, columns=["detector", "standard", *list(metrics.NAB_PROFILES)[1:]])
tuned = [metrics.nab_score(ours, windows, profile) for profile in metrics.NAB_PROFILES]
board.loc[len(board)] = ["ours, threshold tuned on the corpus", *tuned]
board.sort_values("standard", ascending=False)[["detector", "standard"]].round(1).reset_index(drop=True)

# %%
from pathlib import Path

stored = pd.read_json(Path(nab.__file__).with_name("nab.json"), typ="series")
print(f"threshold tuned on the corpus:              {tuned[0]:.1f}")
print(f"threshold chosen without the group:         {held.score(counts):.1f}")
print(f"recipe and threshold chosen without it:     {stored['nested_standard']:.1f}")

# %% [markdown]
# Ten lines stand beside HTM and below ARTime; without the group's own labels the threshold loses next to nothing.
#
# In the last line the recipe too, one of 72, is chosen without the group (`python benchmarks/nab.py`; we show the stored figure).
# It falls well below: **we found the recipe on this corpus**, and a recipe is a setting like a threshold.
# Believe the last line, and not all of it: we drew up the list of recipes with the corpus in sight.
# The published rows have no such figure.

# %% [markdown]
# ## What made the difference

# %%
steps = {
    "value, range of 2 probations": dict(widths=(1,), memory=2, rest=0, power=1),
    "and must beat its recent past": dict(widths=(1,), memory=2, power=1),
    "range of 8 probations": dict(widths=(1,), power=1),
    "medians of 9 and 25 rows too": dict(power=1),
}
ablation = {label: nab.Held(on_corpus(**options), windows, counts, "standard") for label, options in steps.items()}
for label, part in (ablation | {"square roots: the recipe": held}).items():
    print(f"{label:30s} tuned {part.optimised:.1f}, group left out {part.score(counts):.1f}")

# %% [markdown]
# The first row is one line of code: *is this a new record?*
# It would stand just below KNN CAD.
# The longer range alone brings nothing; the two medians bring ten points.
# The square roots bring under half a point tuned and two with the group left out: a step that small may be luck.

# %% [markdown]
# ## The leaked range
#
# NAB offers every detector the smallest and the largest value of the **whole file** before the first row.
# (Ours makes no use of it.)
# The argument for it: who bought a sensor knows its limits.
# But these are not the sensor's limits:

# %%
labelled = {each: metrics.inside(values.index, windows[each]) for each, values in series.items() if len(windows[each])}
inside, outside = ([series[each][rows == flag] for each, rows in labelled.items()] for flag in (True, False))
extreme = [a.max() > b.max() or a.min() < b.min() for a, b in zip(inside, outside)]
print(f"series whose largest or smallest value lies in a window, and nowhere else: {sum(extreme)} of {len(extreme)}")

# %% [markdown]
# In four series of five the anomaly **makes** the range: who is told the range is told how large the anomaly will be.
# What is that worth?
# One of the published detectors, *Relative Entropy* (after Wang and others, 2011), is short enough to build again.
# It sorts values into five bins between minimum and maximum, and calls when the mixture of bins in the last 52 rows is like no mixture before, by a chi-squared test at 1 per cent (repeats are dropped: they cannot be new).

# %%
from scipy.special import rel_entr
from scipy.stats import chi2


def new_mixtures(values, low, high):
    calls = np.zeros(len(values))
    if high == low:
        return calls
    bins = np.ceil((values - low) / (high - low) * 5).clip(0, 4).astype(int)  # as NAB rounds, the minimum is a bin alone
    counts = pd.DataFrame(np.eye(5)[bins]).rolling(52).sum().round()[51:].drop_duplicates()
    known = counts.to_numpy()[:1] / 52
    for row, mixture in zip(counts.index[1:], counts.to_numpy()[1:] / 52):
        if 2 * 52 * rel_entr(mixture, known).sum(axis=1).min() >= chi2.isf(0.01, 4):
            known, calls[row] = np.vstack([known, mixture]), 1
    return calls


# %%
def known_range(values, how):
    seen = values if how == "whole file" else values.iloc[:nab.probation(len(values))]
    low, high = seen.min(), seen.max()
    more = (high - low) / 2 if how == "stretched" else 0
    return (min(0, low), 2 * high) if how == "guessed" else (low - more, high + more)


# %%
calls = {}
for how in ("whole file", "probation", "stretched", "guessed"):
    calls[how] = {each: pd.Series(new_mixtures(values.to_numpy(), *known_range(values, how)), index=values.index)
                  for each, values in series.items()}
    print(f"{how:11s} {metrics.nab_score(calls[how], windows, threshold=1):.1f}")

# %% [markdown]
# With the range of the whole file we get the published figure of the board, to the digit.
# With the range of the probation, which anybody has, it falls by twenty points.
#
# To be fair to the argument: stretched by half on both sides, the probation's range does a little better, and "from zero to twice the largest of the probation" gets most of the loss back (the best of several guesses, made with the score in sight).
# So a good guess may be worth nearly as much; the published figure did not have to guess.
# What the range is worth to other detectors we have not measured.

# %%
figure, axes = plt.subplots(nrows=2, sharex=True, figsize=(10, 5))
for ax, how in zip(axes, ("whole file", "probation")):
    alarm, worth = calls[how][name] > 0, metrics.nab_score(calls[how][name], windows[name], threshold=1)
    plots.plot_series(machine.sort_index(), ax=ax, linewidth=0.5, ylabel="machine",
                      title=f"range of the {how}: {alarm.iloc[n_past:].sum()} alarms, score {worth:.1f}")
    ax.plot(machine.index[alarm], machine[alarm.to_numpy()], "v", color=plots.COLOURS["anomaly"], markersize=5)
    ax.hlines(np.linspace(*known_range(machine, how), 6), *machine.index[[0, -1]], color="black", linewidth=0.5)
    plots.shade_events(ax, windows[name])
plots.describe(figure, "The machine's temperature twice, with the borders of five bins. With the whole file's range the "
                       "bins are wide and 25 alarms follow; with the probation's they are narrow, and 93 follow.")
plt.show()

# %% [markdown]
# The bins of the upper panel are wide **because** the machine will stop at the end of the second week.

# %% [markdown]
# ## What to distrust: the labels
#
# Wu and Keogh (2021) name four faults of common benchmarks, NAB among them; we can check each.
#
# - **Triviality**: one line suffices. Ours gets 57.8 of 100, much for a line, and far from solved.
# - **Density**: too much is anomalous. NAB's windows hold a tenth of a series because NAB sizes them so.
# - **Run to failure**: anomalies sit at the end of the file, so a late alarm is a good guess.

# %%
share = np.mean([rows.mean() for rows in labelled.values()])
print(f"rows in windows, mean of the series that have any: {share:.1%}")
middle = [np.flatnonzero(metrics.inside(series[each].index, windows[each].iloc[[place]])).mean() / len(series[each])
          for each in labelled for place in range(len(windows[each]))]
print("windows by fifth of the file:", np.histogram(middle, bins=5, range=(0, 1))[0])

# %% [markdown]
# The third doubt does not hold here: behind the probation the windows lie nearly evenly.
#
# - **Mislabels**: one of the windows of a file of taxi passengers is for the marathon of 2 November 2014.

# %%
taxi = series["realKnownCause/nyc_taxi"]
print("busiest half hour:", taxi.idxmax(), f"with {taxi.max():,} passengers")

# %% [markdown]
# The busiest half hour of the file begins at one o'clock that night, when no marathon runs.
# In that night the clocks went back, and the hour from one to two happened twice.
# The oddity in the window is true, its name is not.

# %% [markdown]
# ## Take home
#
# - Before comparing with a published figure, **build one of the published rows again**: it shows what the protocol hands over.
# - Ask of every argument of a detector: who knows it, and since when?
# - Three figures belong together: tuned on all, threshold left out, recipe left out. The last one is yours.
#
# **What this cannot do.** A figure of NAB says nothing about your machine. And our recipe is blind for what stays inside the range: a sensor that freezes, a rhythm that is lost.

# %% [markdown]
# ## Going further
#
# Take a server's series, hide the windows, and draw your own, as a colleague does.
# Your windows as a score of 0 and 1, hers as the labels: what does `metrics.nab_score` say of two honest people?

# %% [markdown]
# ## References
#
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", *IEEE ICMLA*, 2015: the score; the published rows are those of the scoreboard at github.com/numenta/NAB.
# - C. Wang, K. Viswanathan, L. Choudur, V. Talwar, W. Satterfield, K. Schwan, "Statistical techniques for online anomaly detection in data centers", *IFIP/IEEE IM*, 2011: relative entropy.
# - "Bias in streaming datasets by API offering minValue, maxValue", issue 350 of numenta/NAB, 2019: the leak, and the argument for it.
# - R. Wu, E. Keogh, "Current time series anomaly detection benchmarks are flawed and are creating the illusion of progress", *IEEE Transactions on Knowledge and Data Engineering*, 2021.
