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
#       - a simulated twin of Denver's air as six cheap sensors saw it (CC BY 4.0; the original is EPA CAIRSENSE)
#       - WaterFlow, a real hourly flow in a pipe, from the river package (BSD-3-Clause; donated by Tecnojest s.r.l.)
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
ax.set(title="Two things in this picture were never measured", ylabel="room (°C)")
plots.describe(ax, "The room as one unbroken line over 36 days: straight from 3 to 13 October, "
                   "spikes below zero, and warm for six days at the end of October.")
plt.show()

# %% [markdown]
# The calm from 3 to 13 October was never measured: there is not a single reading in those days.
# The spikes below zero were written, and not by the room: it does not freeze and thaw within minutes.
# And something that was written cannot be seen at all, because the call that made numbers out of the file threw it away.
# We begin there.

# %% [markdown]
# ## ◆ The file as it was written

# %%
print(raw.dtypes.value_counts().to_string())
raw.iloc[:3, :6]

# %% [markdown]
# A time, then one column for each channel; most are numbers, and five came as text (`str`).
# That is how pandas says that it could not read something.

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
# One reading that is not a number is enough, and pandas keeps the whole column as text.
# `pd.to_numeric` with `errors="coerce"` turns what it cannot read into NaN; so we count **before** we throw away, and look at what it was.

# %%
readings = raw.drop(columns="TIME")
numbers = readings.apply(pd.to_numeric, errors="coerce")
malformed = numbers.isna() & readings.notna()
print(readings.where(malformed).stack().dropna().to_string())
print(f"{malformed.to_numpy().sum()} of {readings.size:,} readings")

# %% [markdown]
# Ten readings among more than 800,000.
# What is `-.3.5`? Perhaps −3.5, perhaps two numbers that collided on the wire; nobody can say.
# NaN is the honest answer: not zero, not the value before.

# %%
df = numbers.set_axis(readings.columns.str.lower().str.replace(" ", "_"), axis=1)
df.index = pd.DatetimeIndex(raw["TIME"], name="time")
print("in order:", df.index.is_monotonic_increasing)
print("repeated stamps:", int(df.index.duplicated().sum()))
print("of these, rows that are copies in full:", int(raw.duplicated().sum()))
df = df[~df.index.duplicated()].sort_index()

# %% [markdown]
# Six rows were written twice, reading for reading the same, so it does not matter which one we keep.
# Were they different, we would have to ask which is right.
#
# `datasets.load_cold_store()` does all this in one line; now we know what that line hides.

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
print("steps longer than five usual ones:", int((step > 5 * step.median()).sum()))
holes = plots.gaps(df.index)
holes["hours"] = (holes["end"] - holes["start"]) / pd.Timedelta("1h")
holes.round({"hours": 1})

# %% [markdown]
# We call a step a **gap** when it is longer than five usual steps; `plots.gaps` finds the same twelve and lists them.
# Nearly a third of the recording is absent, most of it in one stretch of ten days; the logger was also silent for minutes or hours on eleven other occasions.
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
# `plots.plot_series` leaves every gap open, and hatches the wide ones; in your own plots, insert a NaN where the step is too long.

# %% [markdown]
# ### ◆ Exercise 02.1
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
# A **constant** channel carries no information, and ends in a division by zero as soon as we divide by its spread.

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
print((runs * 90 / 3600).round(1).rename("hours of equal readings, at 90 s each").to_string())

# %% [markdown]
# A long run is a question and not yet a fault.
# The drive current rests at zero all night, and in the lost week nearly all day: rightly so.
# The ambient humidity says the same for hours: perhaps a sensor at the end of its range.
# The room never rests for long: it is alive.

# %% [markdown]
# ## Readings that cannot be
#
# The cheapest look of all is at the smallest and the largest reading.

# %%
channels = ["room_temp", "amb_temp", "amb_humidity", "room_humidity", "fan_1"]
print(df[channels].agg(["min", "max"]).T.to_string())

# %% [markdown]
# Nearly 90 °C outside and −25.6 °C in the same October did not happen; a room at 0.4 % humidity full of vegetables did not either; and what is a fan at 2, when others know 0 and 1?
# A limit from physics needs no training at all.

# %% [markdown]
# ### Exercise 02.2
#
# The room's thermometer has glitches: one or two readings at a time below zero, in a room that never freezes.
# Let `glitches` be True for each row in which the room reads below 0 °C, False elsewhere.
# Then look at them: `df.loc[glitches, "room_temp"]`.
#
# We leave them in, here: a method that cannot bear a glitch gets `df["room_temp"].mask(glitches)`, and in lesson 03 we see which can.

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
hourly = glitch_day.resample("1h").agg(["count", "mean", "min"])
hourly["mean without glitches"] = glitch_day[glitch_day >= 0].resample("1h").mean()
hourly[hourly["min"] < 0].round(2)

# %% [markdown]
# In the two hours that hold the glitches of 20 October the mean moves by 0.2 °C or so: nobody would notice.
# That is welcome when glitches are a nuisance, and fatal when they are what we look for.
# Keep the minimum, the maximum and the count beside each mean, and what was hidden stays visible.

# %% [markdown]
# ## A label that lies
#
# In a study in Denver cheap sensors stood beside reference instruments for a winter; our file is a simulated twin of it.
# Its label says that the temperature is in °C, as the label of the original does.

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
celsius = (air["temperature"] - 32) / 1.8
print(celsius.resample("MS").median().round().astype(int).to_string())

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
whole, broken = plots.COLOURS["healthy"], plots.COLOURS["fault"]
ax = plots.plot_day_profile(room, label="all days", color=broken, linestyle="--")
plots.plot_day_profile(room, exclude=leak, ax=ax, label="without the leak", color=whole, ylabel="room (°C)")
ax.set_title("With the leak in it, the usual day is nobody's day")
ax.legend(loc="center left")
plots.describe(ax, "Room by hour of the day. Without the leak a band that is narrow at 7 °C by night and "
                   "wide between 0 and 7 °C by day. With it a band that reaches beyond 25 °C.")
plt.show()

# %% [markdown]
# With the leak inside, the band reaches beyond 25 °C: compared with such a "usual day" a broken store is usual.
# Without it we see the machine at work: cold by day while the sun drives the compressor, 7 °C through the night.
# In the afternoon even the healthy band is wide: some days have already warmed up, some are still cooling.
# **What is to be found must not take part in the definition of normal.**
# (The median hardly moved where the band broke. Lesson 03 makes use of that.)
#
# We took the span of the leak from the labels; an operator would not have them, and would leave out everything from the first doubtful day to the repair.

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
ax = with_room.plot.barh(figsize=(9, 4), color=[broken, whole])
ax.invert_yaxis()
ax.set(title="The leak hides how the machine works", xlabel="Pearson r with the room")
plots.describe(ax, "Correlation of seven channels with the room as bars, over all rows and without "
                   "the leak. For five channels the second bar is much longer.")
plt.show()

# %% [markdown]
# The compressor's channels (drive current, frequency) seem half as strongly tied to the room as they are: in the leak week the compressor stood still at every room temperature, and that hides how firmly it cools the room in health.
# The thermal store's thermometers change little: warm or cold, they go with the room.
# Warm air outside seems to have nothing to do with the room; in health it goes with a **cold** room, because both follow the sun.
# A correlation over all rows mixes two machines, a whole one and a broken one, and describes neither.

# %% [markdown]
# ### ◆ Exercise 02.3
#
# The two thermometers of the thermal store sit in different places of it.
# How closely do they move together in health?
# Let `r_tes` be Pearson's r between `tes_temp_1` and `tes_temp_2` without the leak.

# %%
r_tes = ...

# %%
check("02.3")
# hint("02.3")
# solution("02.3")

# %% [markdown]
# ### The door and the leak
#
# Does an open door warm the room?

# %%
print(df.groupby("door_open")["room_temp"].agg(["count", "median"]).round(1))

# %%
import seaborn as sns

state = df["door_open"].map({0: "closed", 1: "open"})
ax = sns.boxplot(x=room, y=state, hue=is_leak, palette=[whole, broken], saturation=1, fliersize=2)
ax.set(title="Warm with the door open: in the leak week", xlabel="room (°C)", ylabel="door")
handles, _ = ax.get_legend_handles_labels()
ax.legend(handles, ["healthy", "leak"], loc="lower left")
plots.describe(ax, "Boxes of the room by door state, healthy rows apart from leak rows. In health "
                   "the room is cold with the door open or closed; in the leak week it is warm.")
plt.show()

# %%
print(df.groupby([is_leak, "door_open"])["room_temp"].agg(["count", "median"]).round(1))

# %% [markdown]
# Over all rows an open door goes with a room of 25 °C, a closed one with 7 °C: the door lets eighteen degrees in, says the first table.
# Two thirds of the open rows fell into the leak week, when people carried the harvest out of a store that was already warm.
# The leak opened the door **and** warmed the room: such a hidden common cause is a **confounder**.
# Compared within health, the difference shrinks to 7.2 against 6.8 °C.
#
# So the door does nothing? Doors open by day, when a closed room is at its coldest.

# %%
by_day = ~is_leak & (df.index.hour >= 9) & (df.index.hour < 18)
print(df[by_day].groupby("door_open")["room_temp"].agg(["count", "median"]).round(1))

# %% [markdown]
# Among healthy rows from 9 to 18 h it is 2.8 °C with the door closed and 7.2 °C with it open.
# The hour was a second confounder, and it had hidden what the door really does.
# Even that is not the door's effect yet, for people open it when they bring warm harvest; for that we would compare the minutes before and after.
# Each comparison answers another question; say which one you ask.

# %% [markdown]
# ## ◆ Trend, season, remainder
#
# A series is often told as the sum of a slow **trend**, a repeating **season** and a **remainder**.
# **Autocorrelation**, the correlation of a series with itself some steps earlier, shows how long the season is.

# %%
healthy_week = df["2015-10-14":"2015-10-20 19:50"].resample("10min").median().interpolate()
hours = [6, 12, 24, 36, 48]
lags = {name: [healthy_week[name].autocorr(6 * hour) for hour in hours]
        for name in ["amb_temp", "room_temp"]}
pd.DataFrame(lags, index=pd.Index(hours, name="hours later")).round(2)

# %% [markdown]
# The outside air resembles itself after 24 and 48 hours, and is its own opposite after 12: a season of one day.
# The room has its highest values at 24 and 48 hours too, but low ones: its day depends on how long the sun drives the compressor.
# That 48 hours beat 24 rests on five days and their clouds, and need not be a season: the next section tests such guesses.
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
print(f"the series itself: standard deviation {week[both].std():.2f} °C")
print(f"what remains with a period of one day: {right.resid[both].std():.2f}")
print(f"what remains with a period of 365 rows: {wrong.resid[both].std():.2f}")

# %% [markdown]
# `seasonal_decompose` takes a moving mean over one period as the trend, and the mean of what is left, by place in the period, as the season.
# The season swings by 13 °C, the remainder mostly by 2; its dip on the 18th is a cloudy day.
# The period counts **rows**: at one row in ten minutes a day is 144 of them.
# The 365 that many a tutorial copies belongs to daily data with a yearly season; here it means two and a half days, and the remainder's standard deviation is still two thirds of the series' own.
#
# The moving mean is centred, so trend and remainder look half a day into the future: good for a look, never for an alarm.
# (The better-behaved form is STL, by Cleveland and others, 1990.)

# %% [markdown]
# ## A remainder can flatter
#
# Does a smaller remainder prove a period?
# We try the room, with no season, with a day, and with 50 hours, which nothing in this store follows.
# For each place in the period we take the mean on the days before a split, and see how far the room is from it before and after (root of the mean square, in °C).

# %%
def season_error(series, period, split):
    phase = np.arange(len(series)) % period
    before = series.index < split
    season = series[before].groupby(phase[before]).mean()
    error = series - season.reindex(phase).to_numpy()
    return [np.sqrt((error[rows] ** 2).mean()) for rows in (before, ~before)]


inside = healthy_week["room_temp"]
errors = {name: season_error(inside, period, "2015-10-19") + season_error(inside, period, "2015-10-20")
          for name, period in {"no season": 1, "one day": 144, "50 hours": 300}.items()}
columns = ["to the 18th", "after it", "to the 19th", "after it "]
pd.DataFrame(errors, index=columns).T.round(2)

# %% [markdown]
# On the days that they were fitted on, 50 hours beat the day, both times.
# On the days after, they are by far the worst: with so long a period each place is the mean of two or three readings, and such a mean follows whatever happened to be there.
# The true period helps on new days, a little for one split and much for the other; two splits of one week decide no more than that.
# **Judge on days that took no part in the fit**: we shall need this sentence in every lesson.

# %% [markdown]
# ### Exercise 02.4
#
# How much of the ups and downs of the outside air do trend and season explain together, on the days they were fitted on?
# Let `explained` be one minus the variance of the remainder over the variance of `week`, for the right period, on the rows in `both`.

# %%
explained = ...

# %%
check("02.4")
# hint("02.4")
# solution("02.4")

# %% [markdown]
# ## Going further: is it stationary?
#
# Many methods ask for a **stationary** series, one whose mean and spread do not change with time.
# The augmented Dickey-Fuller test (ADF) asks whether a series wanders off like a random walk.
# Its **p-value** says how often a random walk would look like this one by chance; a small one speaks against a random walk.

# %%
from statsmodels.tsa.stattools import adfuller

walk = pd.Series(np.random.default_rng(7).normal(size=len(week))).cumsum()
tested = {"outside air": week, "a random walk": walk, "its steps": walk.diff().dropna()}
for name, series in tested.items():
    print(f"{name:15s} p = {adfuller(series, result_object=True).pvalue:.3f}")

# %% [markdown]
# For the random walk p is large: the test cannot rule it out, and rightly so.
# For its steps, and for the outside air, it can.
# That does not make the outside air stationary: its mean at noon and at night differ by ten degrees, and a daily swing returns where a random walk does not.
# A small p-value is no licence to ignore the season.

# %% [markdown]
# ## Sensors that should agree
#
# Three dust sensors stand side by side in our Denver twin.
# There is no reference for dust; the three have only each other.

# %%
particles = air[["particles_1", "particles_2", "particles_3"]].dropna()
print("rows without dust readings:", f"{air['particles_1'].isna().mean():.0%}")

# %%
ax = None
for name, colour in {"particles_1": "anomaly", "particles_2": "normal", "particles_3": "second"}.items():
    two_days = particles.loc["2016-01-12":"2016-01-13", name]
    ax = plots.plot_series(two_days, ax=ax, color=plots.COLOURS[colour], label=name)
ax.set(title="One of them tells another story", ylabel="dust (µg/m³)")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.describe(ax, "Three dust sensors over two days. Two rise and fall together at a low level, "
                   "the first is higher and jumps on its own.")
plt.show()

# %%
plots.plot_correlation(particles.corr(), title="Two agree, one agrees with neither")
plt.show()

# %% [markdown]
# Where the same thing is measured three times, a fault shows without any label: the odd one out is suspect.
# Two sensors would only say that one of them is.
# Correlation is not all of agreement: it does not see a sensor that always reads double, so look at the levels too.
#
# More than a third of the rows have no dust reading at all, because these sensors joined the study later; that too is a thing to know before one fills what is missing.

# %% [markdown]
# ### Exercise 02.5
#
# Write `odd_one_out`, which takes a frame of replicate sensors and returns the name of the column that correlates least, on average, with the others.
# `check` tries it on the dust sensors and on the three ozone sensors.

# %%
def odd_one_out(frame):
    ...

# %%
check("02.5")
# hint("02.5")
# solution("02.5")

# %% [markdown]
# The function always names somebody, also where nothing is broken: look at the number before you believe the name.

# %% [markdown]
# ## Going further: how many things are there to see?
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
# (`StandardScaler` gives each channel mean 0 and standard deviation 1; without the leak three more channels are constant, and left out.)
# More than half of what the 25 do is one thing: the compressor runs or it rests, and the thermal store, fans, valves and current go along.
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
    current = plots.with_gaps_open(df.loc[f"2015-10-{day}", "drive_current"])
    hour = current.index.hour + current.index.minute / 60
    ax.plot(hour, current, color=plots.COLOURS["normal"], linewidth=0.8)
    ax.set(title=f"{day} Oct", xlabel="hour", xticks=[0, 8, 16])
axes[0].set_ylabel("drive current (A)")
plots.describe(figure, "Drive current on four days: two long blocks, then short broken spells on "
                       "22 October, then almost nothing on the 23rd.")
plt.show()

# %% [markdown]
# Two days with one long block of cooling; then, on the 22nd, a block that ends before noon and breaks into short spells, weaker and weaker through the afternoon.
# On the 23rd three attempts of a few minutes, and the same every morning after.
# Nobody needs statistics to see it, but somebody must look, and must look at **this** channel: the room, on the 22nd, was still cold.

# %%
running = df["drive_current"] > 0.5
daily = pd.DataFrame({
    "hours running": running.resample("1D").sum() * 90 / 3600,
    "starts": (running & ~running.shift(fill_value=False)).resample("1D").sum(),
    "median current (A)": df["drive_current"][running].resample("1D").median(),
    "room, median (°C)": room.resample("1D").median(),
})
whole_day = df["room_temp"].resample("1D").size() > 750
daily[whole_day][:"2015-10-25"].round(1)  # days with long gaps left out

# %% [markdown]
# Twelve starts on the 22nd, where four were the most before; and the lowest median current of all days on which the compressor did its work.
# The room's median does not move: 6.9 °C, like any other day.
#
# Was there a sign on the 21st already?
# The labels say that the leak began on the evening of the 20th.
# The median current of the 21st, 6.0 A, is lower than on the days with a single start before it.
# But 15, 18 and 19 October were lower still, and nothing was broken: clouds, and a day on the grid.
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
# Two offsets from universal time: on 27 March, a week into the recording, the clocks of Italy went forward.
# Whoever cuts the offset away loses an hour that night and finds a gap that never was.

# %%
flow = pipe.set_index(pd.to_datetime(pipe["Time"], utc=True))["Water flow [l/s]"]
naive = pd.DatetimeIndex(pipe["Time"].str[:-6])
# At one row an hour any missing hour is a gap.
print("gaps without time zones:", len(plots.gaps(naive, "1h")))
print("gaps with time zones:", len(plots.gaps(flow.index, "1h")))
flow.index = flow.index.tz_convert("Europe/Rome")

# %%
expected = len(pd.date_range(flow.index[0], flow.index[-1], freq="1h"))
print(f"{len(flow)} rows of {expected} hours; missing values: {flow.isna().sum()}")
print(f"repeated stamps: {flow.index.duplicated().sum()}")
print(f"longest run of equal readings: {longest_run(flow)} hours")
print(flow.describe().loc[["min", "25%", "50%", "75%", "max"]].round(1).to_string())

# %% [markdown]
# Eight per cent of the hours are absent, and no value is missing: a count of NaN would have found nothing.

# %%
plots.plot_series(flow, title="Three collapses and one spike", ylabel="flow (l/s)", gap="1h")
plt.show()

# %% [markdown]
# Three times the flow collapses from about 102 to 24 litres a second, for about half a day, and once it jumps to nearly 110.
# These are the four events that the donors describe in words: three times water was lost or shut off, once a pump was run.
# They gave no dates; whoever scores a detector on this series has to mark the spans by eye, and should say so.
# Ten gaps, the longest over a day, are left open.

# %%
lowest = flow[flow < 24.5]
print(lowest.groupby(lowest.index.normalize()).min().to_string())

# %% [markdown]
# Three different events end on nearly the same value, between 24.2 and 24.3 litres a second.
# Perhaps a second pipe goes on flowing, perhaps the meter has a floor: a question for the donors, which no statistic asks.

# %%
calm = flow[flow.between(96, 106)]
plots.plot_day_profile(calm, title="A calm day moves by two litres a second", ylabel="flow (l/s)")
plt.show()

# %% [markdown]
# Beside the collapses the daily rhythm looks like nothing: two litres a second, lowest before dawn.
# It is a real season all the same, and an anomaly of four litres would be large against it and hard to see in the plot above.
# (We cut the events away by two limits that we read off the plot: good enough for a look.)

# %% [markdown]
# **What we saw.** Ten malformed readings, a third of the rows absent, seven channels that never move, glitches that a mean hides, a unit that lies, a sensor that its twins outvote.
# The healthy day is the yardstick, and the fault must stay out of it: it widened the profile, hid how the machine works, and made the door look eighteen degrees bad.
# And in the drive current of 22 October, a day before the trip, the leak is there for everyone to see.
#
# **The scoreboard** gets no row: an eye is not a method. It does not scale, it does not work at night, and it knew where to look.
#
# **What this cannot do.** How far from usual is too far? Twelve starts look like many; would six? Lesson 03 gives the eye a number, and a threshold that does not depend on what it should catch.

# %% [markdown]
# ## References
#
# - R. J. Hyndman, G. Athanasopoulos, *Forecasting: Principles and Practice*, 3rd edition, OTexts, 2021: time plots, seasons, decomposition.
# - D. A. Dickey, W. A. Fuller, "Distribution of the estimators for autoregressive time series with a unit root", *Journal of the American Statistical Association* 74, 1979.
# - R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning, "STL: a seasonal-trend decomposition procedure based on loess", *Journal of Official Statistics* 6, 1990.
# - S. E. Said, D. A. Dickey, "Testing for unit roots in autoregressive-moving average models of unknown order", *Biometrika* 71, 1984: the augmented test.
# - J. M. Bland, D. G. Altman, "Statistical methods for assessing agreement between two methods of clinical measurement", *The Lancet* 327, 1986: why correlation is not agreement.
# - S. Feinberg et al., "Long-term evaluation of air sensor technology under ambient conditions in Denver, Colorado", *Atmospheric Measurement Techniques* 11, 2018: the sensors behind our twin.
# - J. Montiel et al., "River: machine learning for streaming data in Python", *Journal of Machine Learning Research* 22, 2021: home of WaterFlow.
