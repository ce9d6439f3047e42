# ---
# jupyter:
#   mupy:
#     title: The room was at 28 °C, and nobody knew
#     question: How many hours before the trip could the data have raised the alarm, and at what price?
# ---

# %% slideshow={"slide_type": "skip"}
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown
from scipy.stats import median_abs_deviation

from mupy_helpers import datasets, metrics, plots, recipes
from mupy_helpers.scoreboard import Costs, Scoreboard
from tools.stored import stored_table

plots.use_style()
# A figure is ten inches wide and fills the slide, so that its letters are 24 pixels of 1280 (a test measures it).
POINTS, DPI = 15.5, 144
sizes = dict.fromkeys(["font.size", "axes.labelsize", "axes.titlesize", "legend.fontsize"], POINTS)
plt.rcParams.update({**sizes, "figure.figsize": (10, 4.6), "figure.dpi": DPI, "lines.linewidth": 1.8})

# %% slideshow={"slide_type": "skip"}
def legend_above(ax, columns=3):
    """Put the legend over the axes, where it hides nothing."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=columns, borderaxespad=0)


def every_day(ax, days=1):
    ax.xaxis.set_major_locator(mdates.DayLocator(interval=days))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))


# %% slideshow={"slide_type": "skip"}
df = datasets.load_cold_store()
room = df["room_temp"]
events = datasets.load_cold_store_events()
leak = events[events["kind"] == "slow_leak"].iloc[0]
until_trip = pd.DataFrame({"start": [leak["start"]], "end": [leak["trip"]]})
split = "2015-10-18"
train = room[:"2015-10-17"]

# %% slideshow={"slide_type": "skip"}
board = Scoreboard(events)
for name, rule in recipes.RULES.items():
    board.add(name, rule(df, split))
parts = recipes.members_scores(df, split, recipes.detectors())
for name in parts:
    board.add(name, recipes.combined_alarm(parts[[name]], split))
ENSEMBLE = "ensemble: T² + SPE, VAR, LSTM"
board.add(ENSEMBLE, recipes.combined_alarm(parts[recipes.ENSEMBLE], split))
hours = board.table()["hours before the trip"]


# %% slideshow={"slide_type": "skip"}
SHORT = {"Mahalanobis (T², all components)": "Mahalanobis distance"}


def as_words(row):
    lead = row["hours before the trip"]
    lead = "no warning" if pd.isna(lead) else f"{lead:.1f}".replace("-", "−")
    return [lead, f"{row['false alarms per week']:.1f}", f"{row['expected cost per year']:,.0f}"]


def scoreboard(old, new, table=None):
    """The rows of the board that were there already, and below them, marked, the new ones."""
    table = board.table() if table is None else table
    head = "".join(f"<th scope='col'>{text}</th>" for text in
                   ["method", "hours before", "false a week", "€ a year"])
    rows = ""
    for name in [*old, *new]:
        cells = [SHORT.get(name, name).replace(">", "&gt;"), *as_words(table.loc[name])]
        rows += f"<tr class='{'new' if name in new else 'old'}'><td>{'</td><td>'.join(cells)}</td></tr>"
    few = "few" if len(old) + len(new) < 9 else ""
    return HTML(f"<table class='board {few}'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


# %% [markdown] slideshow={"slide_type": "slide"} kind="statement"
# # The room was at {{room.max():.0f}} °C, and nobody knew
#
# Anomaly detection with Python, told by one cold store

# %%
figure, ax = plt.subplots(figsize=(10, 2))
cover = plots.with_gaps_open(room["2015-10-14":])
ax.plot(cover, color=plots.COLOURS["normal"], linewidth=2)
ax.plot(cover.where(cover > 10), color=plots.COLOURS["anomaly"], linestyle="-", linewidth=3)
ax.axis("off")
plots.describe(ax, "The room's temperature as a curve without axes: a daily swing, a high hump of five days in "
                   "orange, the swing again.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:30] Good morning.
# I want to tell you about a small room that got warm, and about everything we can learn from it.
# It is a story with a number at the end: how many hours earlier could somebody have known?
# All figures you will see are computed by notebooks that you can run tonight on your own laptop, without a network and without a graphics card.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Five warm days, and every sensor was recording

# %%
ax = plots.plot_series(room, ylabel="room (°C)")
every_day(ax, 5)
legend_above(ax)
plots.describe(ax, "Room temperature of the cold store from 1 October to 5 November 2015. It swings between 1 and 8 "
                   "°C, climbs to 28 °C from 23 October and falls after the repair on the 29th. Ten days without data "
                   "are hatched.")
plt.show()

# %% [markdown]
# <span class="small">Simulated after the published summary of a real store: {{df.shape[1]}} channels, {{len(df):,}} rows</span>

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] A farm keeps its harvest in a cold store.
# By day the sun drives a compressor, which cools the room and freezes some ice; by night the ice keeps the room cold.
# You see the daily swing: one degree at noon, seven or eight by night.
# In October 2015 the refrigerant leaked out.
# The room climbed to {{room.max():.0f}} degrees and stayed there until somebody opened the door.
# The load was lost.
# And {{df.shape[1]}} channels were recording all the time.
# I should say one thing at once: the recording itself was never published.
# What we have is a simulation, made to fit the table that was.
# So we can compare methods with each other, and we know the truth to the minute; how early a real leak shows, we do not know.

# %% [markdown] slideshow={"slide_type": "skip"}
# How late is row zero?

# %% slideshow={"slide_type": "skip"}
late = -60 * metrics.lead_time(room > 10, leak["trip"], since=leak["start"], until=leak["end"])
leak_hours = (leak["trip"] - leak["start"]) / pd.Timedelta("1h")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## “Above 10 °C” calls {{late:.0f}} minutes after the trip

# %%
ax = plots.plot_series(room["2015-10-20":"2015-10-23"], ylabel="room (°C)")
plots.shade_events(ax, until_trip, label="leak until trip")
ax.axhline(10, color=plots.COLOURS["threshold"], linestyle="--", label="10 °C")
every_day(ax)
legend_above(ax)
plots.describe(ax, "Room from 20 to 23 October. The span from the leak's start to the trip is shaded; the room stays "
                   "below 10 °C in all of it and passes the dashed line only afterwards.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] Here are the days around the leak.
# The orange span is the leak, from its first hour until the low-pressure switch trips and locks the compressor: {{leak_hours:.0f}} hours.
# The rule that everyone writes first is a limit: call me when the room is above ten degrees.
# The dashed line is that limit, and the room crosses it {{late:.0f}} minutes after the trip.
# By then the machine is dead, and the alarm says only what anybody at the door would have felt.
# But look at the shaded days.
# Somewhere in there, in some of the {{df.shape[1]}} channels, something began to look wrong.
# To find that moment is the craft of this talk.

# %% slideshow={"slide_type": "skip"}
costs = Costs()

# %% [markdown] slideshow={"slide_type": "slide"} kind="statement"
# ## How many hours before the trip, and at what price?

# %% [markdown] slideshow={"slide_type": "fragment"}
# Lost load: {{costs.lost_load:,.0f}} €, unless we know {{costs.hours_needed:.0f}} hours before.
#
# A call for nothing: {{costs.call_out:.0f}} €.

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] So this is the question, and it has two halves.
# How many hours before the trip does the alarm come?
# And how often does it call for nothing?
# We give both a price.
# A lost load is {{costs.lost_load:,.0f}} euros, unless the alarm comes {{costs.hours_needed:.0f}} hours ahead, because a technician with a spare part needs that long.
# Driving out for nothing costs {{costs.call_out:.0f}}.
# With one leak a year, never calling costs {{costs.lost_load:,.0f}} euros.
# That is the sum to beat, and you will see that most clever methods do not beat it.

# %% slideshow={"slide_type": "skip"}
rng = np.random.default_rng(7)
days = pd.date_range("2026-03-02", periods=70, freq="D")
sold = pd.Series(rng.normal(400, 25, size=70).round(), index=days)
sold["2026-04-06":"2026-04-12"] += 220
sold["2026-04-29"] = 0

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An anomaly is unexpected, and has a cause

# %%
ax = plots.plot_series(sold, ylabel="loaves a day")
every_day(ax, 14)
ax.text(pd.Timestamp("2026-04-14"), 600, "discount week: unusual, and fine")
ax.text(pd.Timestamp("2026-05-01"), 15, "a dead till")
plots.describe(ax, "Daily sales of bread near 400 loaves, one discount week near 620, one day at zero.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] What is an anomaly?
# Something so unlike what we expect that we suspect another cause behind it.
# Two words carry the weight.
# Expect: there is no anomaly without a picture of the normal, and every method today is another way to draw that picture.
# Cause: what varies without one is noise.
# Look at a bakery.
# The days wobble around four hundred loaves: noise.
# One week is high, because of a discount; one day is zero, because the till was not connected.
# Which deserves a call?
# The shopkeeper wants the zero, the baker who orders flour wants the week.
# Only you know the question.

# %% slideshow={"slide_type": "skip"}
salaries = datasets.load_salaries()["salary"]
kolkata = datasets.load_kolkata()["temperature"]["2012":"2014"]
warm_day = pd.Timestamp("2013-01-16")
shipments = datasets.load_shipments()
lateness = shipments["actual_days"] - shipments["promised_days"]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Strange alone, in its context, or together

# %%
figure, (alone, in_context, together) = plt.subplots(ncols=3, figsize=(10, 4.2))
alone.plot(salaries.to_numpy(), ".", color=plots.COLOURS["normal"])
odd = np.flatnonzero(salaries < 100)
alone.plot(odd, salaries.iloc[odd], "X", markersize=12, color=plots.COLOURS["anomaly"])
alone.set(title="global", xlabel="employee", ylabel="salary (dollars)")
plots.plot_series(kolkata, ax=in_context, title="contextual", ylabel="Kolkata (°C)", linewidth=0.8)
in_context.plot(warm_day, kolkata[warm_day], "X", markersize=12, color=plots.COLOURS["anomaly"])
together.plot(lateness.to_numpy(), linewidth=0.6, color=plots.COLOURS["normal"])
together.plot(lateness.rolling(10).mean().to_numpy(), color=plots.COLOURS["anomaly"], linestyle="-", linewidth=3)
together.set(title="collective", xlabel="parcel", ylabel="days late")
in_context.set_xticks(pd.to_datetime(["2013-01-01", "2014-01-01"]), ["2013", "2014"])
plots.describe(figure, "Three panels: a hundred salaries with two near zero; Kolkata's temperature with a cross at 32 "
                       "°C in January; lateness of parcels, whose mean of ten rises once to a day.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Anomalies come in three kinds.
# On the left, a hundred monthly salaries, and two of them below twenty-five dollars.
# Somebody mistyped; the value is strange among all values.
# That is a global anomaly, and a limit finds it.
# In the middle, Kolkata: {{kolkata[warm_day]:.0f}} degrees is nothing special there, but the cross is in January.
# Strange in its context.
# On the right, parcels.
# Not one is remarkably late, but ten in a row are each about a day late; the thick line is their mean.
# Strange together.
# Our cold store, on the first day of the leak, is of the third kind: no reading of the room is odd.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## It matters wherever we expect something
#
# | field | an anomaly is |
# |---|---|
# | cards | a payment its owner did not make |
# | health | a heartbeat out of rhythm |
# | servers | a log-in that is an attack |
# | air | a sensor that its twins outvote |
# | text | a slip of the pen |

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] Where does it matter?
# Wherever somebody expects something.
# Payments that the owner of the card did not make; heartbeats that come early; log-ins that are attacks.
# A dust sensor in a city, side by side with two others, which it contradicts: nobody needs a label to see which one is broken.
# And even text: a word that nobody would write there.
# The methods differ less than you would think.
# Once there is a vector and a distance, they are the same.

# %% slideshow={"slide_type": "skip"}
pump = datasets.load_pump()
status = datasets.load_pump_labels()
broken = status.index[status == "BROKEN"]
hourly = pump["sensor_00"].resample("1h").min()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Not only data products: a pump broke {{len(broken)}} times

# %%
ax = plots.plot_series(hourly, ylabel="sensor_00", linewidth=1)
for number, moment in enumerate(broken):
    ax.axvline(moment, color=plots.COLOURS["anomaly"], linestyle="--", label=None if number else "it breaks")
legend_above(ax)
plots.describe(ax, "One sensor of a pump over five months with seven dashed lines where the pump breaks; at each of "
                   "them the sensor collapses.")
plt.show()

# %% [markdown]
# <span class="small">A simulated twin of a public recording with {{pump.shape[1]}} sensors</span>

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] And do not think of web companies only.
# In manufacturing every machine writes time series: pumps, presses, ovens, compressors.
# This is a water pump with {{pump.shape[1]}} sensors, as a factory has many; it broke {{len(broken)}} times in five months, at the dashed lines.
# Nobody there calls the product data.
# The product is water, or steel, or milk, and an hour of standstill has a price that everybody on the floor knows.
# That helps us: where a failure has a price, a false alarm has one too, and we can say what a detector is worth.
# In lesson six we find out which of the sensors knew.

# %% slideshow={"slide_type": "skip"}
day = room["2015-11-05"]
shuffled = pd.Series(np.random.default_rng(7).permutation(day), index=day.index)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Time series in one minute: the order is the story

# %%
ax = plots.plot_series(day, ylabel="room (°C)", label="one day", linewidth=3)
ax.plot(shuffled, linestyle="", marker=".", markersize=4, color=plots.COLOURS["anomaly"],
        label="the same readings, shuffled")
ax.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
legend_above(ax)
plots.describe(ax, "The room on 5 November as a smooth curve, and the same readings in shuffled order as scattered "
                   "dots.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] Time series in one minute.
# The blue curve is a healthy day of the room.
# The orange dots are the same readings, shuffled.
# Mean, spread, minimum and maximum agree to the last digit, and no cold store ever behaved like the dots.
# So a daily average forgets what matters most: the order.
# A second thing: real recordings have holes.
# Ours misses ten days, and a line drawn through them would be invented data.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The usual day is our ruler: keep the fault out

# %%
figure, ax = plt.subplots()
plots.plot_day_profile(room, ax=ax, ylabel="room (°C)", label="leak included", color=plots.COLOURS["fault"])
plots.plot_day_profile(room, exclude=leak.to_frame().T, ax=ax, label="leak left out", linestyle="--")
legend_above(ax)
plots.describe(ax, "Median room by hour with a band for the middle 80 percent. Without the leak the band is narrow; "
                   "with it the band reaches above 25 °C at every hour.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] Third: a rhythm.
# This is the usual day, hour by hour, with the band that holds the middle eighty per cent.
# In blue, the healthy days: cold at noon, seven degrees by night, a band that stays below eight.
# In orange, the same with the leak week left in: the band reaches up to twenty-five degrees, and nothing is unusual any more.
# Remember this picture.
# Whatever we fit, we fit on days that we believe to be healthy, and on the past only.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Each rung sees what the one below misses
#
# | rung | asks | misses |
# |---|---|---|
# | limit | too large? | the hour, the season |
# | residual | far from usual? | slow change |
# | memory | hints that add up? | several channels |
# | distance | any neighbours? | what it costs us |
# | supervised | like past failures? | new kinds |

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Here is the way we go, like a ladder.
# A limit asks whether a value is too large.
# A residual asks whether it is far from what is usual now.
# A memory adds up hints that are too small to be seen one at a time.
# A distance lets several channels speak together.
# And a supervised learner asks whether this looks like the failures that somebody wrote down.
# Each of them misses something, and that is why there is a next one.
# Higher is not better: you climb until your question is answered, and then you stop.

# %% slideshow={"slide_type": "skip"}
z = (room - room.mean()) / room.std()
limits = [room.mean() - 3 * room.std(), room.mean() + 3 * room.std()]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## z > 3 flags {{(z.abs() > 3).sum()}} rows: the fault hides itself

# %%
ax = plots.plot_series(room, ylabel="room (°C)")
plots.shade_events(ax, leak.to_frame().T, label="leak")
for limit in limits:
    ax.axhline(limit, color=plots.COLOURS["threshold"], linestyle="--",
               label="three standard deviations" if limit == limits[0] else None)
ax.set_ylim(-18, 38)
every_day(ax, 5)
legend_above(ax)
plots.describe(ax, "The room over 36 days with dashed limits three standard deviations from the mean, at about 33 and "
                   "minus 14 °C. The leak climbs to 28 °C and stays inside.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] First rung, first failure.
# Most of us learned that a value is unusual beyond three standard deviations.
# So we give the rule the whole recording, with the lost week in it.
# How many rows does it flag? {{(z.abs() > 3).sum()}}.
# The largest is at {{z.abs().max():.1f}}.
# A store at {{room.max():.0f}} degrees is perfectly ordinary, says the rule.
# Why? Because the lost days moved the mean towards themselves, and stretched the standard deviation until they fitted in.
# The larger the fault, the longer the ruler.
# This is called masking, and you will meet it in every first attempt.

# %% slideshow={"slide_type": "skip"}
nights = train.between_time("22:00", "06:00").dropna().to_numpy()
shares = np.linspace(0, 0.6, 61)
planted = [np.where(np.arange(len(nights)) < round(share * len(nights)), 28, nights) for share in shares]
robust_z = (room - room.median()) / median_abs_deviation(room, scale="normal", nan_policy="omit")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Median and MAD hold until half of the rows are bad

# %%
figure, ax = plt.subplots()
rulers = {"standard deviation": (np.std, "anomaly", "--"),
          "MAD, scaled": (lambda values: median_abs_deviation(values, scale="normal"), "normal", "-")}
for label, (ruler, colour, line) in rulers.items():
    ax.plot(100 * shares, [ruler(values) for values in planted], line, color=plots.COLOURS[colour], label=label)
ax.set(xlabel="rows at 28 °C, in per cent", ylabel="ruler (°C)")
legend_above(ax)
plots.describe(ax, "Two rulers against the share of planted rows at 28 °C: the standard deviation rises steeply from "
                   "the start, the scaled MAD stays near half a degree until a third of the rows and drops to zero "
                   "beyond one half.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] So take another ruler.
# The median asks only who stands in the middle.
# The median absolute deviation, MAD, is the median of the distances from it.
# In the figure we take healthy nights and turn more and more of their rows into twenty-eight degrees.
# The standard deviation, orange, pays for every bad row at once.
# The MAD, blue, moves little until a third of them are bad, and breaks only at one half.
# With this ruler the lost week stands {{robust_z.max():.0f}} of its units out, instead of {{z.max():.0f}}.
# Two lines of code, and the newest research papers have just found them again.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A limit on the room is late, or it is loud

# %%
limits_on_room = ["never call", "room > 10 °C", "z-score of the room > 3", "robust z of the room > 3.5"]
scoreboard([], limits_on_room)

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Time for the scoreboard.
# Every row is fitted on the days before the eighteenth of October, and judged on what comes.
# Never call: no warning, no false alarm, {{costs.lost_load:,.0f}} euros.
# The ten degree limit comes after the trip, and once for a warm harvest: dearer than doing nothing.
# The z-score calls for glitches of the thermometer, and comes {{-hours["z-score of the room > 3"]:.1f}} hours late.
# The robust one is {{hours["robust z of the room > 3.5"]:.1f}} hours early!
# But look beside it: more than {{int(board.table().loc["robust z of the room > 3.5", "false alarms per week"])}} false alarms a week.
# Whoever calls every day has also called on the right one.
# After a week of that, nobody picks up the telephone.

# %% [markdown] slideshow={"slide_type": "slide"} kind="demo"
# ## Live: “Then lower the limit!”
#
# `notebooks/01_what_is_an_anomaly.ipynb`
#
# Heading: **◆ Row zero of the scoreboard**
#
# ```python
# board.add("room > 10 °C", room > 10)
# ```
#
# Add a row with 9, with 8, with 7.

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:45] Somebody always says: then lower the limit. So let us do it, live.
# Open lesson one, choose Run, Run All Above Selected Cell at the heading "Row zero of the scoreboard", then run the cell on the slide.
# Ask the room for a number before you type it: nine, eight, seven?
# Add a row for each, and read aloud what happens to the hours and what happens to the false alarms.
# Let them find out that there is no good number.
# If the notebook does not start within twenty seconds, go to the next slide: it shows the same, for every limit.

# %% slideshow={"slide_type": "skip"}
degrees = np.arange(5, 14.5, 0.5)
tried = pd.DataFrame([board.measure(room > limit) for limit in degrees], index=degrees)
early = tried[tried["hours before the trip"] >= costs.hours_needed]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## No limit on the room is both early and quiet

# %%
figure, (top, bottom) = plt.subplots(nrows=2, sharex=True)
top.plot(degrees, tried["hours before the trip"], "o-", color=plots.COLOURS["normal"])
top.axhline(costs.hours_needed, color=plots.COLOURS["threshold"], linestyle="--",
            label=f"{costs.hours_needed:.0f} hours, which a technician needs")
top.set_ylabel("hours before")
legend_above(top)
bottom.bar(degrees, tried["false alarms per week"], width=0.35, color=plots.COLOURS["anomaly"])
bottom.set(xlabel="limit on the room (°C)", ylabel="false / week")
plots.describe(figure, "For limits from 5 to 14 °C: hours before the trip above, false alarms a week below. Where the "
                       "hours are above the dashed twelve, there are five false alarms a week and more.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:30] Here are all limits from five to fourteen degrees at once.
# Above the dashed line an alarm is early enough.
# The highest limit that gets there is {{early.index[-1]:.1f}} degrees, and it calls for nothing {{early["false alarms per week"].iloc[-1]:.0f}} times a week.
# Where it is quiet, it is late.
# A limit does not know what time it is.

# %% slideshow={"slide_type": "skip"}
typical = train.groupby(train.index.hour).median()
off = (room - typical.reindex(room.index.hour).to_numpy()).abs()
shown = slice("2015-10-16", "2015-10-24")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Noon against noon: early, and far too often

# %%
figure, axes = plt.subplots(nrows=2, sharex=True, height_ratios=[3, 2])
plots.plot_scores(room[shown], off[shown], off[train.index].max(), events=until_trip, event_label="leak", axes=axes,
                  ylabel="room (°C)")
legend_above(axes[0], 4)
every_day(axes[1])
plots.describe(figure, "Room from 16 to 24 October above the distance from its usual value at that hour, with the "
                       "largest training score as a dashed threshold. A row on the 22nd passes it, and so do rows on "
                       "other days.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Second rung: give the method a clock.
# For each hour we take the usual value of the past away, and look at what is left, the residual.
# Below you see its size; the dashed line is the largest that the training days ever had.
# That is our rule for thresholds in the whole course: ask the healthy days, not a textbook.
# And now the twenty-second of October stands out, while the room is still cold: {{hours["seasonal residual of the room"]:.0f}} hours before the trip.
# But other days stand out too, a day on the grid, a glitch, a warm harvest: {{board.table().loc["seasonal residual of the room", "false alarms per week"]:.0f}} false alarms a week.
# The room is the wrong place to look.

# %% slideshow={"slide_type": "skip"}
running = df["drive_current"] > 0.5
starts = (running & ~running.shift(fill_value=False)).resample("1D").sum()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## On the 22nd the compressor's day falls apart

# %%
figure, axes = plt.subplots(ncols=4, sharey=True)
for ax, number in zip(axes, [20, 21, 22, 23]):
    current = plots.with_gaps_open(df.loc[f"2015-10-{number}", "drive_current"])
    ax.plot(current.index.hour + current.index.minute / 60, current, color=plots.COLOURS["normal"], linewidth=0.9)
    ax.set(title=f"{number} Oct", xlabel="hour", xticks=[0, 8, 16])
axes[0].set_ylabel("compressor current (A)")
plots.describe(figure, "Drive current of the compressor on four days: long blocks on the 20th and 21st, short broken "
                       "spells on 22 October, almost nothing on the 23rd.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Look at the machine instead.
# This is the current of the compressor, day by day.
# On the twentieth and the twenty-first it works in long blocks.
# On the twenty-second it stops, starts, stops again: {{starts["2015-10-22"]}} starts in one day, where a healthy day had {{starts[:"2015-10-17"].max()}} at most.
# Nobody needs statistics for that, but somebody has to look, and at this channel.
# Counting starts within six hours is a detector of one line.
# It warns {{hours["starts in six hours"]:.0f}} hours ahead, and never for nothing.
# A good feature beats a clever method on a poor one.

# %% slideshow={"slide_type": "skip"}
residual = recipes.current_residual(df, split)
past = residual[residual.index < split]
memory = -pd.Series(np.r_[0.0, residual / past.std()]).ewm(span=40, adjust=False).mean().to_numpy()[1:]
memory = pd.Series(memory, index=residual.index)["2015-10-13":"2015-10-22 12:00"]
usual = memory[:"2015-10-17"].max()
new_day = np.flatnonzero(np.diff(memory.index.day, prepend=0))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A memory adds up what no single row would show

# %%
figure, ax = plt.subplots()
ax.plot(memory.to_numpy(), color=plots.COLOURS["score"], linestyle="-", label="missing current, remembered")
ax.axhline(usual, color=plots.COLOURS["threshold"], linestyle="--", label="most in training")
begins = memory.index.searchsorted(leak["start"])
ax.axvspan(begins, len(memory), color=plots.COLOURS["fault"], alpha=0.22, label="leak")
ax.set(ylabel="standard deviations", xlabel="October, running rows only", xticks=new_day,
       xticklabels=memory.index.day[new_day])
legend_above(ax)
plots.describe(ax, "How much current is missing, remembered over an hour, from 13 to 22 October. It wanders around "
                   "zero, touches the dashed threshold at the end of the 21st and climbs far above it on the 22nd.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] Third rung: memory.
# First we ask what the current should be.
# A compressor draws more the faster it turns and the hotter it is outside; a straight line through healthy days knows that.
# What is left over is the residual.
# On the twenty-first, the first full day of the leak, it is too low by less than one standard deviation on average: no single row would be noticed.
# But it is too low again, and again, and again.
# An exponentially weighted average, EWMA, keeps a memory of about an hour: hints on the same side add up, chance cancels.
# There: it touches the line at the end of the twenty-first, and on the twenty-second it leaves no doubt.
# This chart is from 1959.
# Be careful with that first touch: on this store it passes by a hair.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A residual and a memory buy a day

# %%
charts = ["seasonal residual of the room", "starts in six hours", "EWMA of the current's residual",
          "EWMA, downwards only"]
scoreboard(limits_on_room, charts)

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] The board again, with four new rows.
# Noon against noon: early, and loud.
# Counting starts: {{hours["starts in six hours"]:.1f}} hours, and nothing to pay.
# The chart of the current: {{hours["EWMA of the current's residual"]:.1f}} hours.
# And if we think of physics, that a leak can only make the current fall, and look downwards only: {{hours["EWMA, downwards only"]:.1f}} hours.
# Zero euros, three times.
# But do not fall in love: a week and a fifth without a false alarm is compatible with two a week.
# All of these rows use the past only; smoothing with a centred window would look better, and be a fraud.

# %% slideshow={"slide_type": "skip"}
pair = df.loc[df["frequency"] > 10, ["frequency", "drive_current"]]
healthy, leaking = pair[:"2015-10-17"], pair.loc["2015-10-22"]
far = ((leaking - healthy.mean()) / healthy.std()).abs().max(axis=1) > 3

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Each value is usual, the pair is not

# %%
figure, ax = plt.subplots()
ax.plot(*healthy.to_numpy().T, ".", markersize=4, color=plots.COLOURS["healthy"], label="healthy")
ax.plot(*leaking.to_numpy().T, "x", color=plots.COLOURS["anomaly"], label="22 October, leaking")
ax.set(xlabel="compressor speed (Hz)", ylabel="current (A)")
legend_above(ax)
plots.describe(ax, "Drive current against frequency. Healthy rows form a narrow rising band; the rows of 22 October "
                   "lie below it, at frequencies and currents that healthy rows have too.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] For that chart we had to know the physics.
# What if nobody does?
# Fourth rung: distance.
# Each point is one moment: how fast the compressor turns, and what it draws.
# Green is health, a narrow band.
# The crosses are the twenty-second of October.
# Every one of these speeds is usual, and most of these currents are; a z-score per channel flags {{100 * far.mean():.0f}} per cent of them.
# But your eye sees nearly all of them, because your eye sees the pair.
# So we ask: how far is this point from its neighbours, or from the cloud, measured along the cloud?
# That is k-nearest-neighbour and Mahalanobis distance, in seven channels instead of two.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Distances find nearly that day, with no formula

# %%
distances = ["Mahalanobis (T², all components)", "k-NN distance", "Isolation Forest"]
scoreboard(["never call", "room > 10 °C", *charts[1:]], distances)

# %% slideshow={"slide_type": "skip"}
in_lesson_04 = stored_table("04_distance_and_clustering", 'board.add("room > 10 °C"').loc["Isolation Forest"]

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Three new rows, all fed with the same seven channels of the machine.
# Mahalanobis distance: {{hours["Mahalanobis (T², all components)"]:.1f}} hours.
# k-nearest neighbours: {{hours["k-NN distance"]:.1f}} hours, each with {{board.table().loc["k-NN distance", "false alarms"].split()[0]}} false alarms.
# Nearly the day of the chart, and nobody told them what a compressor is.
# And the famous one, Isolation Forest: {{hours["Isolation Forest"]:.1f}} hours.
# Is it good, then?
# In lesson four it is fitted on other days of the same past, and comes {{-float(in_lesson_04["hours before the trip"]):.1f}} hours after the trip.
# So that row is a throw of a coin, and whoever shows you one run shows you the one he liked.
# Always ask for the spread.

# %% slideshow={"slide_type": "skip"}
fleet_events = datasets.load_fleet_events()
failures = fleet_events[fleet_events["failure"].notna()]

# %% slideshow={"slide_type": "skip"}
LESSON_05, LESSON_07 = "05_supervised_detection", "07_ensembles"
splits = stored_table(LESSON_05, 'table.loc["never calls"]')
at_random, by_unit = splits.loc["rows at random"], splits.loc["by unit"]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## {{100 * at_random["accuracy"]:.0f}} % right, and worth nothing to a new store
#
# | test rows drawn | accuracy | average precision |
# |---|---|---|
# | at random | {{at_random["accuracy"]:.3f}} | **{{at_random["average precision"]:.2f}}** |
# | by time | {{splits.loc["by time", "accuracy"]:.3f}} | {{splits.loc["by time", "average precision"]:.2f}} |
# | by store | {{by_unit["accuracy"]:.3f}} | {{by_unit["average precision"]:.2f}} |
# | *never call* | {{splits.loc["never calls", "accuracy"]:.3f}} | {{splits.loc["never calls", "average precision"]:.2f}} |

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:10] Last rung: {{fleet_events["unit"].nunique()}} stores with a service book, which labels the two days before each of {{len(failures)}} failures.
# Before the good news, the trap that many tutorials fall into.
# The simplest learner, on plain daily averages, a random quarter of the rows kept for the test: {{100 * at_random["accuracy"]:.1f}} per cent accuracy, and a fine average precision, {{at_random["average precision"]:.2f}}.
# Now split by store, so that the test stores are new to it.
# Average precision falls to {{by_unit["average precision"]:.2f}}, and that is chance; the detector that never calls has the same, and a better accuracy.
# What happened?
# The row before a test row, two hours away and nearly the same, was in the training set, with its label.
# The learner looked up which store and which day this was.
# Tomorrow is not in the book.
# Split the way you will use it: by store, or by time, never by row.

# %% slideshow={"slide_type": "skip"}
by_kind = stored_table(LESSON_05, "name: by_kind(is_alarm)")
unseen = stored_table(LESSON_05, "kind never seen")
book, chart = by_kind.loc["gradient boosting"], by_kind.loc["EWMA, limit of lesson 03"]
kinds = ["slow_leak", "condenser_fouling", "fan_failure"]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The service book warns of {{book["all"]:.0f}} of {{len(failures)}} failures

# %%
figure, ax = plt.subplots()
bars = {"EWMA chart": (chart[kinds], "second", ""), "boosting": (book[kinds], "normal", "//"),
        "boosting, kind not in the book": (unseen.loc[kinds, "kind never seen"], "anomaly", "..")}
for number, (label, (counts, colour, hatch)) in enumerate(bars.items()):
    drawn = ax.bar(np.arange(3) + 0.27 * (number - 1), counts, 0.25, label=label, color=plots.COLOURS[colour],
                   hatch=hatch, edgecolor="white")
    ax.bar_label(drawn)
ax.set_xticks(range(3), ["leaks", "condensers", "fans"])
ax.set(ylabel="of nine, 12 hours ahead", ylim=(0, 10), yticks=[0, 3, 6, 9])
legend_above(ax)
plots.describe(ax, "Failures warned of at least twelve hours ahead, of nine of each kind. Boosting calls most leaks, "
                   "condensers and fans; the chart all leaks and few fans; boosting without the kind in its training "
                   "hardly any.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] With features that were thought out, each store compared with its own healthy start, and the split by store, gradient boosting warns of {{book["all"]:.0f}} failures of {{len(failures)}}, half a day ahead or more, with {{book["false alarms per week"]:.2f}} false alarms per week and store.
# The chart manages {{chart["all"]:.0f}}: every leak, because it was made for leaks, but few fans.
# That is the warning before the failure that everybody wants to buy.
# Now the dots.
# We tear one kind of failure out of the book, and train again.
# Of that kind it now warns hardly ever: {{unseen.loc["slow_leak", "kind never seen"]}}, {{unseen.loc["condenser_fouling", "kind never seen"]}} and {{unseen.loc["fan_failure", "kind never seen"]}}, of nine each.
# It has learned these failures, and not health.
# So keep the chart beside it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An LSTM is four small layers and a memory
#
# $$c_t = \underbrace{f_t}_{\text{keep}} \odot\, c_{t-1} + \underbrace{i_t}_{\text{let in}} \odot\, \tilde c_t
# \qquad h_t = \underbrace{o_t}_{\text{put out}} \odot \tanh c_t$$

# %%
figure, ax = plt.subplots(figsize=(10, 3))
steps = np.arange(101)
for gate, colour, line in [(0.99, "normal", "-"), (0.9, "healthy", "-."), (0.5, "anomaly", "--")]:
    ax.plot(steps, 100 * gate ** steps, line, color=plots.COLOURS[colour], label=f"keep {gate}")
ax.set(xlabel="steps", ylabel="memory left (%)")
legend_above(ax)
plots.describe(ax, "What is left of a memory after up to a hundred steps: more than a third where 0.99 is kept at "
                   "each step, nothing after forty steps where 0.9 is kept, nothing after eight where a half is.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] Now the network, without mystery.
# An LSTM reads a window value by value and keeps a memory, c.
# At each step it does three things.
# It keeps a part of the old memory: that is the forget gate, f.
# It lets in a part of something new: the input gate, i.
# And it puts out a part of what it remembers: the output gate, o.
# The new content and the three gates are four small layers, and that is all.
# In lesson six we write it in ten lines and get the same numbers as Keras.
# Why a gate? If it keeps ninety-nine per cent at each step, {{100 * 0.99 ** 100:.0f}} per cent is left after a hundred steps.
# With a half, next to nothing is left after eight.

# %% slideshow={"slide_type": "skip"}
from mupy_helpers.detectors import LSTMAutoencoder

ecg, beat_kind = datasets.load_heartbeats()["ecg"].to_numpy(float), datasets.load_heartbeats_labels()
peaks = datasets.load_heartbeats().index.get_indexer(beat_kind.index)
beats = ecg[peaks[:, None] + np.arange(-90, 90)].reshape(len(peaks), 36, 5).mean(axis=2)
seconds = np.arange(-90, 90).reshape(36, 5).mean(axis=1) / 360
minute = beat_kind.index / pd.Timedelta("1min")
fit_beats, check_beats, test_beats = (beats[minute < 2.25], beats[(minute >= 2.25) & (minute < 3)], beats[minute >= 3])
is_ectopic = (beat_kind == "ectopic").to_numpy()[minute >= 3]

# %% slideshow={"slide_type": "skip"}
lstm = LSTMAutoencoder(window=None, n_units=32, epochs=150, patience=40, batch_size=32, learning_rate=0.01,
                       random_state=0)
lstm.fit(fit_beats, validation=check_beats)
scaled = ((test_beats - fit_beats.mean()) / fit_beats.std())[:, :, None].astype("float32")
drawn = np.asarray(lstm.model_.predict_on_batch(scaled))[:, :, 0] * fit_beats.std() + fit_beats.mean()

# %% slideshow={"slide_type": "skip"}
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score

pca = PCA(n_components=1).fit(fit_beats)
pca_error = ((test_beats - pca.inverse_transform(pca.transform(test_beats))) ** 2).mean(axis=1)
ap_lstm = average_precision_score(is_ectopic, lstm.decision_function(test_beats))
ap_pca = average_precision_score(is_ectopic, pca_error)
odd_beat = int(np.flatnonzero(is_ectopic)[0])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## It draws the beat it knows, and no other

# %%
figure, panels = plt.subplots(ncols=2, sharey=True)
for ax, (name, place) in zip(panels, {"healthy": odd_beat - 3, "ectopic": odd_beat}.items()):
    ax.plot(seconds, test_beats[place], color=plots.COLOURS["normal"], linestyle="-", label="recorded")
    ax.plot(seconds, drawn[place], color=plots.COLOURS["anomaly"], linestyle="--", label="drawn")
    ax.set(title=name, xlabel="seconds from the peak")
panels[0].set_ylabel("ECG (mV)")
panels[0].legend(loc="upper left")
plots.describe(figure, "A healthy and an ectopic heartbeat and what the network draws of them. On the healthy one the "
                       "curves nearly agree; inside the wide ectopic wave it draws a narrow healthy spike.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Two LSTMs make an autoencoder.
# The first reads a heartbeat and sums it up in a few numbers, the second draws the beat again from them.
# We show it healthy beats only.
# On the left, a healthy beat: recorded and drawn nearly agree.
# On the right, a beat that starts in the wrong place of the heart.
# The network draws a healthy spike into it, because that is all it knows.
# Its failure is our score, and it ranks the {{is_ectopic.sum()}} sick beats with an average precision of {{ap_lstm:.2f}}.
# A wonder? One principal component, one line of code, reaches {{ap_pca:.2f}}.
# Always compute that line first.

# %% slideshow={"slide_type": "skip"}
boosting = stored_table(LESSON_05, 'board.add("boosting, learned on the fleet"')
boosting = boosting.rename({"boosting, learned on the fleet": "boosting, learned on 24 stores"}).iloc[1:]
full = pd.concat([board.table(), boosting])
lead = full["hours before the trip"]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The last row is not the best one

# %%
scoreboard(["never call", "room > 10 °C", "robust z of the room > 3.5", *charts, "k-NN distance"],
           ["boosting, learned on 24 stores", "LSTM autoencoder", ENSEMBLE], full)

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] The full scoreboard.
# The learner that read the service book of other stores: {{lead["boosting, learned on 24 stores"]:.1f}} hours on a store that it had never seen.
# The LSTM autoencoder, on seven channels: {{lead["LSTM autoencoder"]:.1f}} hours.
# What grows slowly, it goes on drawing, and so it sees next to nothing.
# Three detectors together: {{lead[ENSEMBLE]:.1f}} hours, and a few calls for nothing.
# An ensemble is an insurance against the weak part, not a miracle.
# The largest machine on this page does not win.
# What wins is a count, and a straight line with a memory: somebody had looked at the compressor first.

# %% slideshow={"slide_type": "skip"}
fleet = stored_table(LESSON_07, "summary = read_fleets(results)")
called = fleet["12 hours ahead"].str.split().str[0].astype(int)
labels = {
    "EWMA, downwards, limit from all days": "EWMA, all days", "EWMA, downwards only": "EWMA, down",
    "Mahalanobis (T², all components)": "Mahalanobis", "EWMA of the current's residual": "EWMA", "k-NN distance": "k-NN",
    ENSEMBLE: "ensemble", "starts in six hours": "starts", "VAR": "VAR", "LSTM autoencoder": "LSTM",
    "by lots, twice a week": "by lots", "room > 10 °C": "room > 10 °C"}
BELOW = ("Mahalanobis",)  # where a neighbour's name would stand in the way

# %% [markdown] slideshow={"slide_type": "slide"}
# ## On twelve other stores, knowledge beats size

# %%
figure, ax = plt.subplots()
for name, label in labels.items():
    ax.plot(fleet.loc[name, "false alarms per week"], called[name], "o", markersize=10,
            color=plots.COLOURS["missing" if "lots" in name else "normal"])
    ax.annotate(label, (fleet.loc[name, "false alarms per week"], called[name]), xytext=(4, -22 if label in BELOW else 9),
                textcoords="offset points")
ax.set(xlabel="false alarms per week", ylabel="called in time, of twelve", xlim=(0, 4), ylim=(0, 13.8), yticks=[0, 4, 8, 12])
plots.describe(ax, "Eleven methods by false alarms a week and leaks called in time. The EWMA charts and Mahalanobis call all "
                   "twelve, the one with all healthy days most quietly; the network calls five, as many as lots.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] One leak chooses no method.
# So the same rules, untouched, go to twelve stores that nobody has looked at; each of them leaks once.
# Up is more leaks called in time, left is quieter.
# The charts of the current and Mahalanobis call every one.
# Nearest neighbours: {{fleet.loc["k-NN distance", "12 hours ahead"]}}; the network: {{fleet.loc["LSTM autoencoder", "12 hours ahead"]}}, no more than an alarm drawn by lots.
# And look at the upper left: the downward chart again, fitted on all healthy days instead of two thirds of them, calls half as often for nothing.
# Healthy days and knowledge first, then linear statistics, then size.

# %% slideshow={"slide_type": "skip"}
import json
from html import escape
from pathlib import Path

from mupy_helpers.own_data import recipe
from tools.slides import code_of

boards = json.loads(Path("../benchmarks/default_recipe.json").read_text(encoding="utf-8"))
printed = code_of(recipe.limit, recipe.distance, recipe.news)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## No label: SKAB's MCC {{boards["default_mcc"]:.2f}}, NAB {{boards["default_own_limit"]:.1f}}, TSB-AD {{boards["default_causal"]:.2f}}

# %%
HTML(f"<pre class='recipe'>{escape(printed)}</pre>")

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] And on Monday, with a file that nobody has labelled?
# This is the default recipe of the course.
# Below: is a channel farther outside the range of its past than just before? Above: how far are all channels together from healthy ones, with a memory?
# The same constants for every table, a start believed healthy, no label of yours.
# On SKAB's pump the correlation is {{boards["default_mcc"]:.2f}}; the F1 is {{boards["default_f1"]:.2f}}, but always alarming has {{boards["always_alarm_f1"]:.2f}}.
# NAB's figure is at its own limit, and the last one never looks ahead.
# But I looked at about {{boards["tried"]:.0f}} variants on them.
# Let the two other boards choose among those left on file, and you get {{boards["left_out_mcc"]:.2f}}, {{boards["left_out_own_limit"]:.1f}} and {{boards["left_out_causal"]:.2f}}: believe these, and yours first.

# %% [markdown] slideshow={"slide_type": "slide"} kind="demo"
# ## Live: which detector wins? Ask who counts
#
# `notebooks/07_ensembles.ipynb`
#
# Heading: **◆ The metric liar**
#
# ```python
# np.sort(scores)[-201]
# ```
#
# One of the two is `rng.random`. Change 201 to 401.

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:45] One more thing to unlearn, live.
# Open lesson seven, run its first code cell, then go to the heading "The metric liar" and run the cells below it.
# There are two detectors.
# One is honest: its scores rise in the events.
# The other draws random numbers, and we can see it in the code.
# Ask the room who wins, then run the plain F1: the honest one.
# Both call equally often, which is only fair.
# Now run point adjustment, which counts an event as wholly found when one row of it was, and ask again: can you tell them apart?
# Then let both call twice as often, in the cell on the slide, and see whether the metric minds.
# If anything hangs, the next slide shows the numbers.

# %% slideshow={"slide_type": "skip"}
from sklearn.metrics import f1_score

rng = np.random.default_rng(7)
truth = np.isin(np.arange(10_000), np.add.outer([1000, 5000, 8000], np.arange(400)))
honest, lucky = [scores > np.sort(scores)[-201] for scores in (rng.normal(size=len(truth)) + 1.5 * truth,
                                                               rng.random(len(truth)))]
adjusted = [metrics.point_adjusted_precision_recall(truth, alarm).f1 for alarm in (honest, lucky)]
f1 = pd.DataFrame({"row by row": [f1_score(truth, honest), f1_score(truth, lucky)], "point-adjusted": adjusted},
                  index=["honest", "random"])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Point adjustment: random numbers reach F1 {{f1.loc["random", "point-adjusted"]:.2f}}

# %%
figure, ax = plt.subplots()
for number, (name, colour, hatch) in enumerate([("honest", "normal", ""), ("random", "anomaly", "//")]):
    drawn = ax.bar(np.arange(2) + 0.32 * (number - 0.5), f1.loc[name], 0.3, color=plots.COLOURS[colour], hatch=hatch,
                   edgecolor="white", label=f"{name} scores")
    ax.bar_label(drawn, fmt="%.2f")
ax.set_xticks(range(2), f1.columns)
ax.set(ylabel="F1", ylim=(0, 1.1))
legend_above(ax)
plots.describe(ax, "F1 of honest and random scores with equally many alarms. Row by row the random ones have next to "
                   "nothing; after point adjustment both are above 0.9.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] Row by row the honest detector has an F1 of {{f1.loc["honest", "row by row"]:.2f}}, the random one {{f1.loc["random", "row by row"]:.2f}}.
# After point adjustment: {{f1.loc["honest", "point-adjusted"]:.2f}}, and {{f1.loc["random", "point-adjusted"]:.2f}} for random numbers.
# One lucky row in an event of four hundred is worth four hundred.
# Published tables have been full of such figures.
# The rule is simple: score a random detector with the same metric, first.
# And then ask for what somebody pays for: hours ahead, and calls for nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Six lines, and the same idea reads handwriting

# %% tags=["show"]
from pyod.models.knn import KNN
from sklearn.datasets import load_digits
digits = load_digits()
sevens = digits.data[digits.target == 7]
scores = KNN(n_neighbors=10).fit(sevens).decision_scores_
order = scores.argsort()

# %%
figure, axes = plt.subplots(nrows=2, ncols=8, figsize=(10, 2.3))
for row, (some, word) in enumerate([(order[:8], "usual"), (order[::-1][:8], "strange")]):
    for ax, place in zip(axes[row], some):
        ax.imshow(sevens[place].reshape(8, 8), cmap="gray_r")
        ax.set(xticks=[], yticks=[], frame_on=False)
    axes[row, 0].set_ylabel(word)
plots.describe(figure, "Two rows of eight handwritten sevens: the most usual ones, alike and plain; the strangest, "
                       "with crossbars, slants and odd shapes.")
plt.show()

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:50] Does all this end with machines? No.
# These are handwritten sevens from scikit-learn, eight by eight pixels: a vector of sixty-four numbers.
# The distance is the one of the cold store, to the tenth nearest neighbour.
# Six lines, and no label says which sevens are good.
# Above, the most usual; below, the strangest: crossbars, slants, and some that I could not read either.
# So for any new kind of data you ask three questions.
# What is the vector? What is the distance? What is normal?

# %% slideshow={"slide_type": "skip"}
from scipy.signal import spectrogram

from mupy_helpers.simulate.spoken_words import RATE, simulate_spoken_word

spoken = np.vstack([simulate_spoken_word("ai", 40, seed=1), simulate_spoken_word("ia", 3, seed=2)])
pictures = np.log(spectrogram(spoken, RATE, nperseg=256, noverlap=128)[2][:, 1:, :28] + 1e-8)
coarse = pictures.reshape(43, 16, 8, 14, 2).mean(axis=(2, 4)).reshape(43, -1)
strangeness = KNN(n_neighbors=10).fit(coarse - coarse.mean(axis=1, keepdims=True)).decision_scores_

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same distance hears a word said backwards

# %%
figure, (one, other, scored) = plt.subplots(ncols=3, figsize=(10, 4), width_ratios=[2, 2, 3])
for ax, place, title in [(one, 0, "usual: “ai”"), (other, 40, "strange: “ia”")]:
    ax.imshow(pictures[place], origin="lower", aspect="auto", extent=(0, 0.5, 0, RATE / 2000), cmap="gray_r")
    ax.set(title=title, xlabel="seconds")
one.set_ylabel("kHz")
other.set_yticks([])
scored.plot(strangeness, ".", markersize=9, color=plots.COLOURS["normal"])
scored.plot(range(40, 43), strangeness[40:], "X", markersize=12, color=plots.COLOURS["anomaly"])
scored.set(xlabel="speaker", ylabel="distance", ylim=(0, None))
plots.describe(figure, "Two spectrograms, in which bands of sound part in the usual word and meet in the strange one; "
                       "right, distances of 43 speakers: the three who say the word backwards stand above all.")
plt.show()

# %% [markdown]
# <span class="small">Words by a formant synthesiser, {{len(spoken)}} speakers; a vector of {{coarse.shape[1]}} loudnesses</span>

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] Speech, then.
# Synthetic, I admit, so that it runs on your laptop: forty speakers say "ai", each with a voice of his or her own, and three say it backwards.
# The vector: how loud each band of sound is, slice after slice; those are the two grey pictures.
# The distance: the same tenth neighbour.
# Normal: what the other speakers say.
# The three crosses stand clear of the rest, and nobody told the method what a vowel is.
# The method stays; what changes is the vector, and choosing it is the work.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to do on Monday
#
# 1. Plot one healthy week.
# 2. Price a miss, and a false alarm.
# 3. Put “never call” and a limit on a board.
# 4. One residual, one memory, healthy days.
# 5. Then something larger, beside a random detector.

# %% [markdown] slideshow={"slide_type": "notes"}
# [1:00] What do you do on Monday?
# Take one machine, or one table, and plot one week that you believe to be healthy.
# Name its holes, its rhythm, its glitches; that takes a morning, and it is worth the rest of the week.
# Ask somebody what a miss costs, and what a call for nothing costs.
# Put two rows on a board: never call, and the limit that you have now.
# Then one residual, compared with what it should be, one memory, and a threshold from healthy days.
# Often you are done.
# Only then take something larger, with its spread over seeds, and score a random detector beside it.
# If it does not beat the second row, it does not go into production.

# %% [markdown] slideshow={"slide_type": "slide"} kind="statement"
# ## Every sensor was recording. Now somebody listens.
#
# `python3 course.py lab`
#
# Lessons, data, exercises with hints: all on your own laptop.

# %% [markdown] slideshow={"slide_type": "notes"}
# [0:40] For five days every sensor was recording, and nobody listened.
# {{hours["EWMA of the current's residual"]:.0f}} hours before the trip, a straight line and a memory would have called.
# That is enough for a technician, a spare part, and a saved harvest.
# Everything you saw is in the course: one command opens it, the lessons run offline, and each exercise tells you what you have misunderstood, and not only that you have.
# Thank you. I am happy to take questions.
