# ---
# jupyter:
#   mupy:
#     title: Looking at time series
#     question: What does a careful look find, before any method?
#     able:
#       - read a raw sensor file and say what is wrong with it, malformed values, gaps and stuck channels included
#       - draw a series without inventing data
#       - build the healthy day, and keep the fault out of it
#       - tell a correlation from a confounder, and a season from a wrong period
#       - find the first sign of the leak by eye
#     need: lesson 01; pandas `read_csv`, `groupby`, `resample`
#     data:
#       - the cold store, the raw file with its dirt, simulated (CC BY 4.0)
#       - Denver's air as six cheap sensors saw it, a simulated twin of EPA CAIRSENSE (CC BY 4.0)
#       - WaterFlow, a real hourly flow in a pipe, from the river package (BSD-3-Clause; donated by Tecnojest s.r.l.)
#     workshop: 30
# ---

# %% [markdown]
# ## ◆ What is wrong with this picture?
#
# This is the room's temperature, read from the logger's file and drawn as most of us would draw it, in two lines.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots
from mupy_helpers.exercises import check, hint, solution

plots.use_style()
raw = pd.read_csv(datasets.path("cold_store"), low_memory=False, parse_dates=["TIME"])

# %%
figure, ax = plt.subplots()
ax.plot(raw["TIME"], pd.to_numeric(raw["ROOM TEMP"], errors="coerce"))
ax.set(title="Three things in this picture did not happen", ylabel="room (°C)")
plots.describe(ax, "The room as one unbroken line over 36 days: straight from 3 to 13 October, "
                   "spikes below zero, and warm for five days at the end of October.")
plt.show()

# %% [markdown]
# The calm from 3 to 13 October did not happen: there is not a single reading in those days.
# The spikes below zero did not happen: the room does not freeze and thaw within minutes.
# The third cannot be seen at all, because the call that made numbers out of the file threw it away.
# We begin with that one.

# %% [markdown]
# ## ◆ The file as it was written

# %%
raw.iloc[:3, :6]

# %% [markdown]
# ### Readings that are no numbers
#
# The first thing everybody tries is an average.

# %%
try:
    raw["ROOM TEMP"].mean()
except TypeError as error:
    print("TypeError:", str(error)[:60], "...")

# %% [markdown]
# The column holds text.
# One reading that is not a number is enough, and pandas keeps the whole column as strings.
# `pd.to_numeric` with `errors="coerce"` turns what it cannot read into NaN; so we count **before** we throw away, and look at what it was.

# %%
readings = raw.drop(columns="TIME")
numbers = readings.apply(pd.to_numeric, errors="coerce")
malformed = numbers.isna() & readings.notna()
print(readings.where(malformed).stack().dropna().to_string())
print(f"{malformed.to_numpy().sum()} of {readings.size:,} readings")

# %% [markdown]
# Ten readings among more than 800,000.
# What is `-.3.7`? Perhaps −3.7, perhaps two numbers that collided on the wire; nobody can say.
# NaN is the honest answer: not zero, not the value before.

# %%
df = numbers.set_axis(readings.columns.str.lower().str.replace(" ", "_"), axis=1)
df.index = pd.DatetimeIndex(raw["TIME"], name="time")
print("in order:", df.index.is_monotonic_increasing)
print("repeated stamps:", int(df.index.duplicated().sum()))
df = df[~df.index.duplicated()].sort_index()

# %% [markdown]
# `datasets.load_cold_store()` does the same in one line; now we know what that line hides.

# %% [markdown]
# ## ◆ Rows that are not there
#
# A missing value shows as NaN.
# A missing **row** shows as nothing at all, and is found only by somebody who knows how many there should be.

# %%
step = df.index.to_series().diff()
expected = (df.index[-1] - df.index[0]) / step.median() + 1
print("usual step:", step.median())
print(f"rows expected {expected:,.0f}, present {len(df):,}: {1 - len(df) / expected:.0%} absent")
holes = plots.gaps(df.index)
holes.assign(hours=((holes["end"] - holes["start"]) / pd.Timedelta("1h")).round(1))

# %% [markdown]
# Nearly a third of the recording is absent, most of it in one stretch of ten days; the logger was also silent for some hours on eleven other occasions.
# Here is what a plot makes of that if we let it.

# %%
figure, (top, bottom) = plt.subplots(nrows=2, sharex=True, sharey=True, figsize=(10, 5.4))
october = df["room_temp"][:"2015-10-20"]
top.plot(october.index, october, color=plots.COLOURS["normal"])
top.set(title="A line through the gap invents ten days of data ...", ylabel="room (°C)")
title = "... an open gap admits that nobody knows"
plots.plot_series(october, ax=bottom, title=title, ylabel="room (°C)")
plots.describe(figure, "The room to 20 October, twice. Above, a straight line crosses ten days without "
                       "data. Below, the line stops, and starts again after a hatched gap.")
plt.show()

# %% [markdown]
# The straight line above is not data, though it looks like a calm week.
# A model trained on it would learn that a calm week is normal.
# `plots.plot_series` leaves every gap open; in your own plots, insert a NaN where the step is too long.

# %% [markdown]
# ### Exercise 02.1
#
# The longest gap aside, how many hours of recording are lost in the smaller ones?
# Let `small_hours` be the total length of all gaps but the longest, in hours.

# %%
small_hours = ...

# %%
check("02.1")
# hint("02.1")
# solution("02.1")

# %% [markdown]
# ## Channels that say nothing
#
# A **constant** channel carries no information, and divides by zero when it is scaled.

# %%
values = df.nunique()
print("constant:", ", ".join(values.index[values == 1]))

# %% [markdown]
# Seven of 35 never move.
# Is a constant pressure switch healthy or dead? The file cannot say; a technician can.
#
# A channel may also be **stuck** for a while: the same reading again and again, because the sensor or the logger froze.
# How long is the longest run of equal readings?

# %%
def longest_run(series):
    same = series.ne(series.shift()).cumsum()
    return series.groupby(same).size().max()


channels = ["room_temp", "tes_temp_1", "amb_temp", "amb_humidity", "drive_current"]
runs = df[channels].apply(longest_run)
print((runs * 90 / 3600).round(1).rename("hours of equal readings").to_string())

# %% [markdown]
# A long run is a question and not yet a fault.
# The drive current rests at zero all night, and all through the lost week: rightly so.
# The ambient humidity sits at its lowest reading for hours: a sensor at the end of its range.
# The room never rests for long: it is alive.

# %% [markdown]
# ### Exercise 02.2
#
# The room's thermometer has glitches: single readings below zero in a room that never freezes.
# Let `glitches` be True for each row in which the room reads below 0 °C, False elsewhere.
# Then look at them: `df.loc[glitches, "room_temp"]`.

# %%
glitches = ...

# %%
check("02.2")
# hint("02.2")
# solution("02.2")

# %% [markdown]
# ## What resampling hides
#
# Sensors write every 90 seconds, and people like hours.
# **Resampling** to hourly means makes the file small and smooth.

# %%
glitch_day = df.loc["2015-10-20", "room_temp"]
hourly = glitch_day.resample("1h").agg(["mean", "median", "min"])
print("lowest reading:", glitch_day.min(), "  lowest hourly mean:", round(hourly["mean"].min(), 2))
print("hours whose minimum is below zero:", int((hourly["min"] < 0).sum()))

# %% [markdown]
# The glitches of 20 October are gone from the hourly mean, without a trace.
# That is welcome when glitches are a nuisance, and fatal when they are what we look for.
# Keep the minimum, the maximum and the count beside each mean, and what was hidden stays visible.

# %% [markdown]
# ## A label that lies
#
# Six cheap sensors and a reference instrument measured the air of Denver through one winter.
# The file says that its temperature is in °C.

# %%
air = datasets.load_air_quality()
print("label:", air.attrs["units"]["temperature"])
print(air["temperature"].resample("MS").median().round().astype(int).to_string())

# %% [markdown]
# A median of 62 °C in September would have cooked Denver; 28 °C in January would make it warmer than Kolkata in lesson 01.
# The numbers are right, and the unit is Fahrenheit.
# No statistic finds this; knowing the world does.
# Hold each channel once against what it can be, and write the units down.

# %%
air["temperature"] = (air["temperature"] - 32) / 1.8
print(air["temperature"].resample("MS").median().round().astype(int).to_string())

# %% [markdown]
# ## ◆ The healthy day
#
# Back to the cold store.
# What is a usual day? The median by hour of the day draws it, with a band for the middle 80 per cent.
# We may use all the data, or leave the leak out.

# %%
events = datasets.load_cold_store_events()
leak = events[events["kind"] == "slow_leak"].copy()
leak["end"] += pd.Timedelta("1D")  # after the repair the store needs a day to cool down
room = df["room_temp"]

# %%
ax = plots.plot_day_profile(room, label="all days", color=plots.COLOURS["anomaly"], linestyle="--")
plots.plot_day_profile(room, exclude=leak, ax=ax, label="without the leak", ylabel="room (°C)")
ax.set_title("With the leak in it, the usual day is nobody's day")
ax.legend(loc="center left")
plots.describe(ax, "Room by hour of the day. Without the leak a narrow band, near 2 °C by day and "
                   "7 °C by night. With it a band that reaches beyond 25 °C.")
plt.show()

# %% [markdown]
# With the leak inside, the band reaches beyond 25 °C: compared with such a "usual day" a broken store is usual.
# Without it we see the machine at work: cold by day while the sun drives the compressor, warmer through the night.
# **What is to be found must not take part in the definition of normal.**
# Whoever knows where the fault is leaves it out; lesson 03 shows what to do when we do not know.

# %% [markdown]
# ## ◆ Correlation, with the fault and without
#
# Which channels move with the room?

# %%
names = ["tes_temp_1", "tes_temp_2", "drive_current", "frequency", "solar_relay",
         "load_current", "amb_temp"]
span = leak.iloc[0]
is_leak = (df.index >= span["start"]) & (df.index <= span["end"])
with_room = pd.DataFrame({
    "all rows": df[names].corrwith(room),
    "without the leak": df.loc[~is_leak, names].corrwith(room),
})
with_room.round(2)

# %%
ax = with_room.plot.barh(figsize=(9, 4), color=[plots.COLOURS["anomaly"], plots.COLOURS["normal"]])
ax.invert_yaxis()
ax.set(title="The leak week bends every correlation", xlabel="Pearson r with the room")
plots.describe(ax, "Correlation of seven channels with the room as bars, over all rows and without "
                   "the leak. For five channels the second bar is much longer.")
plt.show()

# %% [markdown]
# Two things happen, in opposite directions.
# The thermal store's thermometers seem to follow the room almost perfectly; without the leak the second falls to about 0.8: in the leak week all three were simply warm.
# The compressor's channels (drive current, frequency) seem about half as strongly tied to the room as they are: in the leak week the compressor stood still at every room temperature, and that hides how firmly it cools the room in health.
# A correlation over all rows is a mixture of two machines, a whole one and a broken one, and describes neither.

# %% [markdown]
# ### Exercise 02.3
#
# The two thermometers of the thermal store stand side by side.
# How well do they agree with each other in health?
# Let `r_tes` be Pearson's r between `tes_temp_1` and `tes_temp_2` without the leak.

# %%
r_tes = ...

# %%
check("02.3")
# hint("02.3")
# solution("02.3")

# %% [markdown]
# ### The door that did nothing
#
# Does an open door warm the room?

# %%
print(df.groupby("door_open")["room_temp"].agg(["count", "median"]).round(1))

# %%
import seaborn as sns

state = df["door_open"].map({0: "closed", 1: "open"})
colours = [plots.COLOURS["healthy"], plots.COLOURS["fault"]]
ax = sns.boxplot(x=room, y=state, hue=is_leak, palette=colours, saturation=1, fliersize=2)
ax.set(title="The door opens when the store is already warm", xlabel="room (°C)", ylabel="door")
handles, _ = ax.get_legend_handles_labels()
ax.legend(handles, ["healthy", "leak"], loc="lower left")
plots.describe(ax, "Boxes of the room by door state, healthy rows apart from leak rows. In health an "
                   "open door goes with a cold room; in the leak week with a warm one.")
plt.show()

# %% [markdown]
# Over all rows an open door goes with a room near 23 °C, a closed one with 7 °C: the door lets the warmth in, says the table.
# The boxes say otherwise.
# In health the medians of the two states lie close together; most of the openings fell into the leak week, when people went to look at, and to empty, a store that was already warm.
# The leak opened the door **and** warmed the room.
# Such a hidden common cause is a **confounder**, and the cure is to compare within each state, as the two colours do.

# %% [markdown]
# ## ◆ Trend, season, remainder
#
# A series is often told as the sum of a slow **trend**, a repeating **season** and a **remainder**.
# **Autocorrelation**, the correlation of a series with itself some steps earlier, shows how long the season is.

# %%
healthy_week = df["2015-10-14":"2015-10-20"].resample("10min").median().interpolate()
hours = [6, 12, 18, 24, 36, 48]
lags = {name: [healthy_week[name].autocorr(6 * hour) for hour in hours]
        for name in ["amb_temp", "room_temp"]}
pd.DataFrame(lags, index=pd.Index(hours, name="hours later")).round(2)

# %% [markdown]
# The outside air resembles itself after 24 and 48 hours, and is its own opposite after 12: a season of one day.
# The room has its highest values at 24 and 48 hours too, but low ones: its day depends on how long the sun drives the compressor, and no two days are alike.
#
# One warning goes with this cell: `interpolate` drew straight lines through the short gaps, because these methods need a value everywhere.
# We do it for a look, on a week whose gaps are short, and never before detecting.

# %%
from statsmodels.tsa.seasonal import seasonal_decompose

week = healthy_week["amb_temp"]
right = seasonal_decompose(week, period=24 * 6)
wrong = seasonal_decompose(week, period=365)
plots.plot_decomposition(right, title="Outside air: with the day as period, little remains")
plt.show()

# %%
both = week.index[right.resid.notna() & wrong.resid.notna()]
print(f"what remains (standard deviation in °C): period one day {right.resid[both].std():.2f}, "
      f"period 365 {wrong.resid[both].std():.2f}")

# %% [markdown]
# The period counts **rows**: at one row in ten minutes a day is 144 of them.
# The 365 that many a tutorial copies belongs to daily data with a yearly season; here it means two and a half days, and most of the day's swing stays in the remainder.
#
# ### A remainder can flatter
#
# Does the smaller remainder always tell the right period? We try the room.

# %%
def season_error(series, period, split="2015-10-19"):
    """Fit the mean of each phase before the split; return the error before and after it."""
    phase = np.arange(len(series)) % period
    before = series.index < split
    season = series[before].groupby(phase[before]).mean()
    error = series - season.reindex(phase).to_numpy()
    return [error[before].std(), error[~before].std()]


periods = {"no season": 1, "one day": 144, "365 rows": 365}
errors = {name: season_error(healthy_week["room_temp"], period) for name, period in periods.items()}
pd.DataFrame(errors, index=["days it was fitted on", "the two days after"]).T.round(2)

# %% [markdown]
# On the days it was fitted on, the wrong season looks like progress: 2.07 against 2.49 without any.
# On the two days after, it is worse than none.
# With two and a half days as period each phase is the mean of two readings or so, and such a mean follows whatever happened to be there.
# The true period helps on new days too, though modestly: clouds decide more of the room's day than the clock does.
# **Judge on days that took no part in the fit**: we shall need this sentence in every lesson.

# %% [markdown]
# ### Exercise 02.4
#
# How much of the week's ups and downs does the daily season explain?
# Let `explained` be one minus the variance of the remainder over the variance of `week`, for the right period, on the rows in `both`.

# %%
explained = ...

# %%
check("02.4")
# hint("02.4")
# solution("02.4")

# %% [markdown]
# ### Going further: is it stationary?
#
# Many methods ask for a **stationary** series, one whose mean and spread do not change with time.
# The augmented Dickey-Fuller test (ADF) takes "it wanders off like a random walk" as its hypothesis; a small p-value speaks against that.

# %%
from statsmodels.tsa.stattools import adfuller

walk = pd.Series(np.random.default_rng(7).normal(size=len(week))).cumsum()
tested = {"outside air": week, "a random walk": walk, "its steps": walk.diff().dropna()}
for name, series in tested.items():
    print(f"{name:15s} p = {adfuller(series, result_object=True).pvalue:.3f}")

# %% [markdown]
# The random walk is not told from one, as it should be; its steps are.
# The outside air passes as stationary, although its mean at noon and at night differ by many degrees: the test looks for wandering, and a daily swing returns.
# A small p-value is no licence to ignore the season.

# %% [markdown]
# ## Sensors that should agree
#
# Where the same thing is measured three times, a fault shows without any label: the odd one out is broken.

# %%
particles = air[["particles_1", "particles_2", "particles_3"]].dropna()
plots.plot_correlation(particles.corr(), title="Unit 1 disagrees with its twins")
plt.show()

# %% [markdown]
# Units 2 and 3 agree well; unit 1 agrees with neither.
# Three cheap sensors say which one is broken; two would only say that one of them is.

# %% [markdown]
# ### Exercise 02.5
#
# Let `bad_unit` be the name of the column whose mean correlation with the other two is lowest, found by code.
# Your code should also work on the ozone units.

# %%
bad_unit = ...

# %%
check("02.5")
# hint("02.5")
# solution("02.5")

# %% [markdown]
# ### Going further: how many things are there to see?
#
# Thirty-five channels do not mean 35 independent stories.
# Principal component analysis (PCA) turns the channels into uncorrelated components, ordered by how much of the variance each carries; a **scree plot** shows the order.

# %%
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

healthy = df[~is_leak].dropna()
healthy = healthy.loc[:, healthy.nunique() > 1]
pca = PCA().fit(StandardScaler().fit_transform(healthy))
share = pca.explained_variance_ratio_
print(f"{healthy.shape[1]} channels; the first component carries {share[0]:.0%}, "
      f"{np.argmax(share.cumsum() > 0.8) + 1} carry 80 %")
weights = pd.Series(pca.components_[0], index=healthy.columns)
print("largest weights:", ", ".join(weights.abs().nlargest(6).index))

# %%
figure, ax = plt.subplots(figsize=(8, 3.2))
ax.plot(range(1, len(share) + 1), share, marker="o", color=plots.COLOURS["normal"])
ax.set(title="One component carries half of everything", xlabel="component", ylabel="share of the variance")
plots.describe(ax, "Scree plot: the share of variance falls steeply at first and then slowly.")
plt.show()

# %% [markdown]
# Half of what 26 channels do is one thing: the compressor runs or it rests, and fans, valves, current and frequency go along.
# A handful of components tell most of the rest.
# Lesson 04 uses this: what does not fit into those few components is strange.

# %% [markdown]
# ## ◆ 22 October, by eye
#
# Now we look where it matters, at the compressor.
# Its **drive current** says how hard it works.

# %%
figure, axes = plt.subplots(ncols=4, sharey=True, figsize=(12, 3.4))
figure.suptitle("On 22 October the compressor's day breaks into pieces", weight="bold", x=0, ha="left")
for ax, day in zip(axes, [20, 21, 22, 23]):
    current = df.loc[f"2015-10-{day}", "drive_current"]
    hour = current.index.hour + current.index.minute / 60
    ax.plot(hour, current, color=plots.COLOURS["normal"], linewidth=0.8)
    ax.set(title=f"{day} Oct", xlabel="hour", xticks=[0, 8, 16])
axes[0].set_ylabel("drive current (A)")
plots.describe(figure, "Drive current on four days: two long blocks, then short broken spells on "
                       "22 October, then almost nothing on the 23rd.")
plt.show()

# %% [markdown]
# Two days with long blocks of cooling; then, on the 22nd, a block that ends before noon and breaks into short spells, weaker and weaker through the afternoon.
# On the 23rd three attempts, and silence.
# Nobody needs statistics to see it, but somebody must look, and must look at **this** channel: the room, on the 22nd, was still cold.

# %%
running = df["drive_current"] > 0.5
daily = pd.DataFrame({
    "hours running": running.resample("1D").sum() * 90 / 3600,
    "starts": (running & ~running.shift(fill_value=False)).resample("1D").sum(),
    "median current (A)": df["drive_current"][running].resample("1D").median(),
    "room, median (°C)": room.resample("1D").median(),
})
daily["2015-10-14":"2015-10-24"].round(1)

# %% [markdown]
# Fourteen starts on the 22nd, where five were the most before; and the lowest median current of all working days.
# The room's median does not move: 6.8 °C, like any other day.
#
# Was there a sign on the 21st already? The median current, 6.0 A, is below the 6.3 to 6.5 A of the sunny days before, and the compressor ran longer than on most.
# But the cloudy days (15, 18 and 19 October) were lower still.
# A person would not have called; whether a method could, is the question of lesson 03.

# %% [markdown]
# ## The same look at a real recording
#
# Everything so far was simulated, by people who knew what they would find.
# Here is a real one that nobody has cleaned for us: the flow in a water pipe in Italy, which comes with the river package.

# %%
from river.datasets import WaterFlow

pipe = pd.read_csv(WaterFlow().path)
print(pipe.head(3))
print("time zones:", pipe["Time"].str[-6:].unique().tolist())

# %% [markdown]
# Two offsets from universal time: on 27 March the clocks of Italy went forward, in the middle of the recording.
# Whoever cuts the offset away loses an hour that night and finds a gap that never was.

# %%
flow = pipe.set_index(pd.to_datetime(pipe["Time"], utc=True))["Water flow [l/s]"]
naive = pd.DatetimeIndex(pipe["Time"].str[:-6])
print("gaps without time zones:", len(plots.gaps(naive, "1h")))
print("gaps with time zones:", len(plots.gaps(flow.index, "1h")))
flow.index = flow.index.tz_convert("Europe/Rome")

# %%
expected = len(pd.date_range(flow.index[0], flow.index[-1], freq="1h"))
print(f"{len(flow)} rows of {expected} hours; missing values: {flow.isna().sum()}")
print(f"repeated stamps: {flow.index.duplicated().sum()}")
print(f"longest run of equal readings: {longest_run(flow)} hours")
print(flow.describe().loc[["min", "25%", "50%", "75%", "max"]].round(1).to_string())

# %%
plots.plot_series(flow, title="Three collapses and one spike", ylabel="flow (l/s)", gap="1h")
plt.show()

# %% [markdown]
# Three times the flow collapses from about 102 to 24 litres a second for the better part of a day, and once it jumps to nearly 110.
# These are the four events that the donors describe in words: three times water was lost or shut off, once a pump was run.
# They gave no dates; whoever scores a detector on this series has to mark the spans by eye, and should say so.
# Ten gaps, the longest over a day, are left open.

# %%
calm = flow[flow > 90]
plots.plot_day_profile(calm, title="A calm day moves by two litres a second", ylabel="flow (l/s)")
plt.show()

# %% [markdown]
# Beside the collapses the daily rhythm looks like nothing: two litres a second, lowest before dawn.
# It is a real season all the same, and an anomaly of five litres would be large against it and invisible in the plot above.

# %% [markdown]
# **What we saw.** Ten malformed readings, a third of the rows absent, seven dead channels, glitches that a mean hides, a unit that lies, a sensor that its twins outvote.
# The healthy day is the yardstick, and the fault must stay out of it: it bent the profile, every correlation, and blamed the door.
# And in the drive current of 22 October, a day before the trip, the leak is there for everyone to see.
#
# **The scoreboard** gets no row: an eye is not a method. It does not scale, it does not work at night, and it knew where to look.
#
# **What this cannot do.** How far from usual is too far? Fourteen starts look like many; would six? Lesson 03 gives the eye a number, and a threshold that does not depend on what it should catch.

# %% [markdown]
# ## References
#
# - R. J. Hyndman, G. Athanasopoulos, *Forecasting: Principles and Practice*, 3rd edition, OTexts, 2021: time plots, seasons, decomposition.
# - D. A. Dickey, W. A. Fuller, "Distribution of the estimators for autoregressive time series with a unit root", *Journal of the American Statistical Association* 74, 1979.
# - S. Feinberg et al., "Long-term evaluation of air sensor technology under ambient conditions in Denver, Colorado", *Atmospheric Measurement Techniques* 11, 2018: the sensors behind our twin.
# - J. Montiel et al., "River: machine learning for streaming data in Python", *Journal of Machine Learning Research* 22, 2021: home of WaterFlow.
