# ---
# jupyter:
#   mupy:
#     title: Supervised detection
#     question: If failures have been written down, can a machine learn what comes before them?
#     able:
#       - label rows with "fails within the next two days", and leave the repair out
#       - build features from windows that know no future, and compare a store with itself
#       - split by unit and by time, and show what a random split hides
#       - turn probabilities into alarms by their cost, on units that are not in the test
#       - score alarms as failures warned of and false alarms per week, kind by kind, and name the kind that was never seen
#     need: lessons 01 and 03, and the k-NN distance of lesson 04
#     data:
#       - a fleet of 24 cold stores over 90 days, simulated (CC BY 4.0; made on the first call, in a minute or less)
#       - the cold store, simulated (CC BY 4.0)
# ---

# %% [markdown]
# ## ◆ Somebody wrote it down
#
# So far we had one store, one leak, and nobody's notes.
# Now we have 24 stores, 90 days, and a service book: what failed, when, and when it was repaired.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots
from mupy_helpers.exercises import check, hint, solution

plots.use_style()
fleet = datasets.load_fleet()
events = datasets.load_fleet_events()
failures = events[events["failure"].notna()]
failures["kind"].value_counts()

# %%
marks = {"slow_leak": "o", "condenser_fouling": "s", "fan_failure": "^", "power_cut": "x"}
figure, ax = plt.subplots(figsize=(10, 4.2))
ax.hlines(failures["unit"], failures["start"], failures["failure"], color=plots.COLOURS["fault"], linewidth=5, label="fault grows")
for (kind, mark), colour in zip(marks.items(), ["normal", "anomaly", "healthy", "threshold"]):
    rows = failures[failures["kind"] == kind]
    ax.plot(rows["failure"], rows["unit"], mark, color=plots.COLOURS[colour], label=kind.replace("_", " "))
ax.set(title="33 failures, and days in which three kinds of them could have been seen", ylabel="unit")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.describe(ax, "Calendar of 24 units over 90 days: 33 failures of four kinds, all after 10 February. Leaks, condensers "
                   "and fans have a bar of two to nine days before them, power cuts have none.")
plt.show()

# %% [markdown]
# Nine times the refrigerant leaked out, nine times the condenser clogged with dust, nine times a fan wore down, six times the power went.
# The bars are days in which the fault was there and the store still worked: that is where we want the alarm.
# Before a power cut there is no bar, so nobody can learn to see one coming.
# The book also holds doors left ajar and broken sensors; they stopped no store.
#
# ### What do we want to be told?
#
# Not "this row is odd", but **"this store fails within the next two days"**.
# That label needs no knowledge of when the fault began, only the book: the rows in the 48 hours before a failure get a 1.

# %%
def label(times, unit_failures, horizon):
    y = pd.Series(0.0, index=times)
    for row in unit_failures.itertuples():
        y[(times >= row.failure - horizon) & (times < row.failure)] = 1
        y[(times >= row.failure) & (times <= row.end + pd.Timedelta("1D"))] = np.nan
    return y


one = fleet.loc[2].iloc[::24]
own = failures[failures["unit"] == 2]
y_one = label(one.index, own, pd.Timedelta("48h"))
print(y_one.value_counts(dropna=False).to_string())

# %%
ax = plots.plot_series(one["room_temp"], title="1 in the two days before, nothing at all while it is broken", ylabel="room of unit 2 (°C)")
for value, colour, text in [(1, "fault", "label 1"), (np.nan, "missing", "no label")]:
    marked = y_one.isna() if np.isnan(value) else y_one == value
    ax.fill_between(one.index, 0, 1, where=marked, transform=ax.get_xaxis_transform(), color=plots.COLOURS[colour], alpha=0.4, label=text)
ax.legend(loc="upper left")
plots.describe(ax, "Room of unit 2 over 90 days with four failures. An orange band of two days lies before each, a grey "
                   "band from each failure to a day after its repair, where the room is often warm.")
plt.show()

# %% [markdown]
# (One row every two hours will do, `iloc[::24]`.)
# From the failure to a day after the repair the rows have **no** label.
# A broken store is easily recognised, and nobody needs to be told: left in, such rows would make every score look splendid.

# %% [markdown]
# ### ◆ Exercise 05.1
#
# With a horizon of 24 hours, what share of the labelled rows of unit 2 would be ones?
# Let `rate_24` be that share, the **base rate**.

# %%
rate_24 = ...

# %%
check("05.1")
# hint("05.1")
# solution("05.1")

# %% [markdown]
# ## ◆ What to look at: the last day, compared with itself
#
# A single row says little, so each row gets a summary of the 24 hours **up to it**: means, spreads, starts, and the residual of the drive current from lesson 03.
#
# The stores differ in size, machine and climate.
# So each store is compared with its own first ten days, in which it was new and checked; from then on we score.

# %%
from sklearn.linear_model import LinearRegression

causes = ["frequency", "amb_temp"]


def residual_of_current(store, until):
    running = store[store["drive_current"] > 0.5].dropna(subset=["drive_current", *causes])
    past = running[running.index < until]
    model = LinearRegression().fit(past[causes], past["drive_current"])
    off = running["drive_current"] - model.predict(running[causes])
    return (off / off[past.index].std()).reindex(store.index)


# %%
def features_of(store, until):
    on = store["drive_current"] > 0.5
    air = store[["room_temp", "tes_temp_1", "amb_temp"]].rolling("24h")
    machine = store[["drive_current", "low_pressure", "high_pressure", "frequency"]].where(on)
    machine["residual"] = residual_of_current(store, until)
    table = pd.concat([air.mean().add_suffix(" mean"), air.std().add_suffix(" spread"),
                       machine.rolling("24h", min_periods=1).mean().ffill().add_suffix(" on")], axis=1)
    for name in ["room_temp mean", "tes_temp_1 mean"]:
        table[name.replace("mean", "slope")] = table[name] - table[name].shift(freq="24h").reindex(table.index)
    table["starts"] = (on & ~on.shift(fill_value=False)).rolling("24h").sum()
    table["share on"] = on.rolling("24h").mean()
    return table - table[table.index < until].mean()


# %%
healthy_until = pd.Timestamp("2016-02-11")
stores = {unit: store.droplevel("unit") for unit, store in fleet.groupby(level="unit")}
parts = {unit: features_of(store, healthy_until).iloc[::24] for unit, store in stores.items()}
X = pd.concat(parts, names=["unit", "time"])
X = X[X.index.get_level_values("time") >= healthy_until]
print(X.shape, "missing:", int(X.isna().to_numpy().sum()))

# %% [markdown]
# Fifteen features, one row every two hours.
# Each window is given as a **length of time**, so it does not stretch over a gap in the recording, and ends at its own row.
# Does it, really? We cut a store's recording short, compute anew, and compare.

# %%
cut = pd.Timestamp("2016-04-01")
short = features_of(stores[2][:cut], healthy_until)
print("the past is the same without the future:", short.loc[cut].equals(features_of(stores[2], healthy_until).loc[cut]))

# %% [markdown]
# ### Exercise 05.2
#
# Add a feature: how much lower is the low pressure's mean of the last 24 hours than it was two days earlier?
# For `pressure = stores[2]["low_pressure"]`, one reading every five minutes, let `pressure_fall` be the rolling mean of 24 hours two days before each row, minus the one at the row.

# %%
pressure = stores[2]["low_pressure"]

# %%
pressure_fall = ...

# %%
check("05.2")
# hint("05.2")
# solution("05.2")

# %% [markdown]
# ## ◆ Ninety-nine per cent right
#
# We begin as most of us would: without all that thought.
# The naive table holds the mean of the last 24 hours of **all** 35 channels, and the simplest learner there is decides: find the most similar row of the training set, and say what that one said (**1-nearest neighbour**).
# A quarter of the rows, drawn at random, is kept for the test.

# %%
parts = {unit: store.rolling("24h").mean().iloc[::24] for unit, store in stores.items()}
naive = pd.concat(parts, names=["unit", "time"]).loc[X.index]
unit, time = (X.index.get_level_values(level) for level in ["unit", "time"])
y = pd.concat([label(times.get_level_values("time"), failures[failures["unit"] == number], pd.Timedelta("48h"))
               for number, times in X.groupby(level="unit").groups.items()]).set_axis(X.index)
labelled = y.notna().to_numpy()

# %%
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def nearest():
    return make_pipeline(StandardScaler(), KNeighborsClassifier(1))


def cross_scores(make, X, groups):
    scores = pd.Series(np.nan, index=X.index)
    for group in np.unique(groups):
        test = groups == group
        model = make().fit(X[labelled & ~test], y[labelled & ~test])
        scores[test] = model.predict_proba(X[test])[:, 1]
    return scores


# %%
at_random = np.random.default_rng(7).integers(4, size=len(X))
scores = cross_scores(nearest, naive, at_random)
print(f"accuracy on rows kept for the test: {((scores > 0.5) == y)[labelled].mean():.3f}")

# %% [markdown]
# `cross_scores` does it four times, so that each row is in the test once.
# It is right in 99 rows of 100!
# And the alarms?

# %%
from mupy_helpers.scoreboard import measure_failures


def in_words(is_alarm):
    found, units = measure_failures(is_alarm, events)
    hours = found["hours ahead"]
    return {"in time": f"{(hours >= 12).sum()} of {len(found)}", "median hours": hours.median(),
            "false alarms per week": round(units["false alarms"].sum() / units["healthy weeks"].sum(), 2)}


in_words(scores > 0.5)

# %% [markdown]
# **In time** means that the first call of a fault came twelve hours or more before the failure, as in lesson 01.
# Calls less than a day apart are one, and calls about a broken sensor or an open door count neither way.
# Most failures in time, and the false alarms are rare.
# We could sell this.
#
# And it is worthless.
# The row before and the row after a test row, two hours away and nearly the same, are in the training set, with their labels.
# The nearest neighbour need not know what a failure looks like: it looks up **which store and which day** this is, and what the book says about it.
# Tomorrow is not in the book.

# %%
def halves(make, X, since=pd.Timestamp("2016-03-27")):
    past = labelled & (time < since)
    scores = make().fit(X[past], y[past]).predict_proba(X[time >= since])[:, 1]
    return pd.Series(scores, index=X.index[time >= since])


splits = {"rows at random": cross_scores(nearest, naive, at_random), "by time": halves(nearest, naive),
          "by unit": cross_scores(nearest, naive, unit % 4)}

# %%
from sklearn.metrics import average_precision_score


def row_of(scores, threshold=0.5):
    known = y[scores.index].dropna()
    right = (scores[known.index] > threshold) == known
    return {"accuracy": round(right.mean(), 3), "average precision": round(average_precision_score(known, scores[known.index]), 2),
            **in_words(scores > threshold)}


table = pd.DataFrame({name: row_of(scores) for name, scores in splits.items()}).T
table.loc["never calls"] = row_of(y.fillna(0) * 0)
table

# %% [markdown]
# Same learner, same table, three splits.
# **By time**: learn until 26 March, judge what comes after, on the same stores.
# **By unit**: learn from 18 stores, judge the six others, as if they were new.
#
# **Average precision** is the mean of the precision over all thresholds, weighted by how much recall each adds; pure chance gets the base rate, 0.04.
# That is what the honest splits find: chance.
# The accuracy does not tell: to never call is more accurate than this learner.
#
# But eleven failures in time, is that nothing?
# Whoever calls often will sometimes call during a fault.
# So we hand each store the alarms of **its neighbour**, which know nothing about it.

# %%
alarms = splits["by unit"] > 0.5
strangers = alarms.to_numpy().reshape(24, -1)
lucky = [in_words(pd.Series(np.roll(strangers, shift, axis=0).ravel(), index=alarms.index))["in time"] for shift in range(1, 8)]
print("own alarms:", in_words(alarms)["in time"])
print("alarms of another store:", lucky)

# %% [markdown]
# As many by luck.
# With 99 % accuracy behind it, the naive detector warns a new store of **nothing**.
#
# What do the features of the second section make of it, same learner, same splits?

# %%
pd.DataFrame({name: row_of(scores) for name, scores in {
    "rows at random": cross_scores(nearest, X, at_random), "by time": halves(nearest, X),
    "by unit": cross_scores(nearest, X, unit % 4)}.items()}).T

# %% [markdown]
# The random split sees no difference between a table that works and one that does not: 0.99 both times.
# By unit there is all the difference, from chance to most of the failures.
# **Split the way you will use it**: new stores, so by unit; the same stores next month, so by time; rows at random, never.

# %% [markdown]
# ### ◆ Exercise 05.3
#
# How much of the book is in the training set of a random split?
# Take the rows with label 1. Let `shared` be the share of them whose store has, within two hours before or after, a row in another group of `at_random`, so that the twin was trained on when this row was judged.
# (`pd.Series(at_random, index=X.index).groupby(level="unit").shift(1)` is the group of the row before.)

# %%
shared = ...

# %%
check("05.3")
# hint("05.3")
# solution("05.3")
