# ---
# jupyter:
#   mupy:
#     title: A room whose cooling fails
#     question: An office's ambient temperature over eleven months, and a cooling system that fails. Would last week's readings have told?
#     able:
#       - take a published series from the fetch to events and false alarms per week
#       - fit a rule on the past only, and let it move with the normal
#       - notice when an alarm comes from a gap and not from the room
#     need: lessons 01 and 02
#     data:
#       - "NAB, realKnownCause/ambient_temperature_system_failure (MIT licence), fetched once: `python3 course.py data`"
#     published: nab
# ---

# %% [markdown]
# ## The published series
#
# The Numenta Anomaly Benchmark (NAB) holds 58 series with labelled anomalies.
# One of them is a cousin of our story: the temperature of an office, where the cooling failed.
# Each labelled anomaly comes as a **window**, a span around the event in which an alarm counts as right.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, metrics, plots

plots.use_style()
name = "realKnownCause/ambient_temperature_system_failure"
temperature = datasets.fetch_nab(name)["value"]
windows = datasets.fetch_nab_events(name)
windows

# %%
title = "Two labelled failures in eleven months"
ax = plots.plot_series(temperature, title=title, ylabel="office (°F)", linewidth=0.7)
plots.shade_events(ax, windows, label="labelled window")
ax.legend(loc="lower left")
plots.describe(ax, "Hourly office temperature over eleven months, from 57 to 86 °F. One window shades "
                   "a peak in December, the other a stretch in April with a gap and the lowest reading.")
plt.show()

# %% [markdown]
# The first window holds a clear peak in December.
# The second is harder: it is three weeks wide, and the eye does not see at once what is wrong in it.

# %% [markdown]
# ## The look of lesson 02

# %%
first, last = temperature.index[[0, -1]]
print(f"{len(temperature):,} rows, {first:%d %b %Y} to {last:%d %b %Y}")
print("repeated stamps:", int(temperature.index.duplicated().sum()))
print("missing values:", int(temperature.isna().sum()))
holes = plots.gaps(temperature.index, "1h")
holes.assign(days=((holes["end"] - holes["start"]) / pd.Timedelta("1D")).round(1)).nlargest(4, "days")

# %% [markdown]
# The longest gap, a little over seven days, ends on 10 April: it lies **inside the second window**.
# Part of what we are asked to find was never recorded.

# %%
time = temperature.index
typical = temperature.groupby([time.day_of_week, time.month >= 10]).median().unstack()
typical.index = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
typical.set_axis(["January to September", "October to December"], axis=1).round(1)

# %% [markdown]
# The normal moves.
# It is warmer from October to December than in the other months, and in those other months Sundays are cool.
# One fixed limit has to live with all of that.

# %% [markdown]
# ## A fixed limit
#
# NAB lets a detector watch the first 15 per cent of each file before it is scored.
# We take that stretch as our past: whatever is fitted, is fitted there.

# %%
n_past = int(0.15 * len(temperature))
past, future = temperature.iloc[:n_past], temperature.iloc[n_past:]
limit = 3 * past.std()
fixed_alarm = (future - past.mean()).abs() > limit
low, high = past.mean() - limit, past.mean() + limit
print(f"past ends {past.index[-1]:%d %b %Y}; alarm outside {low:.1f} to {high:.1f} °F")

# %%
def judge(is_alarm, windows):
    alarms = metrics.events_from_labels(is_alarm, merge="24h")
    found = [bool(is_alarm[window.start:window.end].any()) for window in windows.itertuples()]
    rate = metrics.false_alarms_per_week(is_alarm, windows, merge="24h")
    return alarms, f"windows found: {found}, false alarms per week: {rate:.2f}"


alarms, verdict = judge(fixed_alarm, windows)
print(verdict)
alarms

# %% [markdown]
# Both windows are found, and there is one false alarm in five or six weeks.
# Not bad, and a baseline to beat: everything cleverer has to do better than three standard deviations of the first weeks.
# It also knows nothing of a failure at a mild temperature.

# %% [markdown]
# ## Compared with its own last week
#
# Lesson 01 said: compare like with like.
# The nearest like is the week before.
# Each reading gets a score: its distance from the median of the seven days **before** it, in units of their median absolute deviation.
# `closed="left"` keeps the reading itself out, so no score has seen its own future.

# %%
def robust_spread(values):
    return 1.4826 * np.median(np.abs(values - np.median(values)))


def week_score(series, min_periods):
    week = series.rolling("7D", closed="left", min_periods=min_periods)
    return (series - week.median()).abs() / week.apply(robust_spread, raw=True)


scores = week_score(temperature, min_periods=84)
threshold = scores.iloc[:n_past].max()
print(f"largest score in the past, our threshold: {threshold:.2f}")

# %%
plots.plot_scores(future, scores.iloc[n_past:], threshold, events=windows,
                  title="One clear hit, nothing in the second window", ylabel="office (°F)")
plt.show()

# %%
alarms, verdict = judge(scores.iloc[n_past:] > threshold, windows)
print(verdict)
alarms

# %% [markdown]
# The December failure stands out, and false alarms all but vanish: one in 32 weeks, a warm evening in January.
# The price is the second window: against the week before, nothing in it is far enough out.

# %% [markdown]
# ## The hit that was none
#
# We asked for at least 84 readings, half a week, before a score is given.
# What if we take what there is?

# %%
eager = week_score(temperature, min_periods=2)
eager_alarm = eager.iloc[n_past:] > threshold
alarms, verdict = judge(eager_alarm, windows)
print(verdict)
alarms

# %% [markdown]
# Now both windows are "found".
# Look when: the alarm of 10 April comes two hours after the gap, when the trailing week holds two readings and their spread is next to nothing.
# The alarm of 16 September, also new, comes seven hours after another gap.
# The rule did not see the failing cooling; it saw an empty memory.
# A score that counts windows cannot tell the difference.
# Read your alarms one by one before you believe a table.

# %% [markdown]
# ## What to distrust
#
# - The windows are wide (together they cover more than five weeks), so a lucky alarm is likely to fall into one: ask what a random alarm would score.
# - The label marks a span, not the hour of the failure; a lead time cannot be computed.
# - Two events in one series decide nothing between two rules. The later case studies run the whole corpus.
#
# **What we saw.** A moving normal beats a fixed limit on false alarms, and misses what changes slowly.
# **What this cannot do.** The memory of a week forgets what a season knows; lesson 03 gives the rule a trend and a season.

# %% [markdown]
# ## References
#
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", *IEEE ICMLA*, 2015.
# - S. Ahmad, A. Lavin, S. Purdy, Z. Agha, "Unsupervised real-time anomaly detection for streaming data", *Neurocomputing* 262, 2017.
