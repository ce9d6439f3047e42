# ---
# jupyter:
#   mupy:
#     title: Your own data
#     question: What does it say about your CSV?
#     able:
#       - read any table of readings, and say what was wrong with it
#       - run the checks of lesson 02 on it in one call, and act on each complaint
#       - score it causally, with a limit that needs no label
#       - choose the healthy part, and say what follows from a wrong choice
#       - write a report that another person can read alone
#     need: lessons 02 and 03; lesson 07 for the scoreboard
#     data:
#       - the cold store, the raw file with its dirt, simulated (CC BY 4.0)
#       - or a CSV or Parquet file of your own
# ---

# %% [markdown]
# ## ◆ A file, and nothing else
#
# Until now we knew the machine, its channels, and the hour of the trip.
# On Monday there is a file, and nobody has labelled it.
# This page is a lesson and a **template** in one: a notebook that runs from its first cell to its last on another file, when `file` is set in the cell below.
#
# As it stands, it takes the cold store's raw file, and what we say about the outputs is about that file.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from mupy_helpers import datasets, plots, thresholds
from mupy_helpers.exercises import check, hint, solution
from mupy_helpers.own_data import inspect, read_table, score, write_report

plots.use_style()

# %% tags=["parameters"]
file = ""  # the path of a CSV or Parquet file; empty: the cold store's raw file
time_column = ""  # its name, where several columns could be the time
healthy = ""  # where the part believed healthy ends, such as "2024-03-01" or 0.3 of the rows; empty: 0.3, here 18 October
report = ""  # where the report goes, such as "report.html"; empty: only shown

# %%
path = file or datasets.path("cold_store")
df, notes = read_table(path, time_column or None)
channel = df.nunique().idxmax()
plots.plot_series(df[channel], title=f"{channel}: {len(plots.gaps(df.index))} gaps in the recording", ylabel=channel)
plt.show()

# %% [markdown]
# The first look is at the channel with the most different readings.
# On the cold store that is the voltage of the solar array: up by day, near zero by night, and a gap of ten days that no line crosses.

# %% [markdown]
# ## ◆ What was understood
#
# A file from another program is a guess: which column is the time, is the third of the fourth March or April, is a comma a decimal sign?
# `read_table` guesses, and says in `notes` whatever it mended, left out or assumed.
# **Read them all**: a wrong guess here makes everything below wrong.

# %%
print(f"{len(df):,} rows, {df.shape[1]} channels, time in {df.index.name!r}")
for note in notes:
    print("-", note)

# %% [markdown]
# It took lesson 02 a page to find these ten malformed readings and the six rows that were written twice.
# Where a guess is impossible, `read_table` stops with one sentence: two columns that could be the time, a workbook in place of a CSV, rows in which nothing varies.

# %%
import io

text = "Zeit;Raum;Außen\n03.04.2024 00:00;2,5;11,25\n03.04.2024 12:00;1,75;19\n04.04.2024 00:00;7,25;9,5\n"
print(text)

# %% [markdown]
# ### ◆ Exercise 10.1
#
# Above are four lines as a German spreadsheet writes them.
# Read them with pandas alone: let `sheet` be a DataFrame with the time as its index, in the order of the lines, and the two temperatures as numbers.
# `io.StringIO(text)` stands for the file.

# %%
sheet = ...

# %%
check("10.1")
# hint("10.1")
# solution("10.1")

# %% [markdown]
# ## ◆ The checks of lesson 02, in one call
#
# `inspect` looks at the recording as a whole, before anything is scored: its step, its gaps, what is missing, dead or stuck, and its period.

# %%
findings = inspect(df)
for note in findings.notes:
    print("-", note)

# %% [markdown]
# Each line is a question to whoever knows the machine, and none is an anomaly yet.
# The twelve gaps and the seven dead channels we know.
# Two humidities that repeat one reading for hours, on 25 October, are new to us: both sensors stand at the end of their range, 1 % outside and 99.9 % inside.
#
# The season of 912 rows is wrong, and it is worth seeing why: at 40 rows an hour a day has 960.
# Rows are missing, so a day takes fewer of them: **a period that is counted in rows is only as good as the recording is complete**.

# %% [markdown]
# ## ◆ A recipe for any file
#
# What suits a file that we do not know?
# Without labels nothing can be tuned, so all constants are fixed; nobody can check each alarm, so it must say which channel.
# The course's **default recipe** learns from healthy rows alone, never looks ahead, and fits on a slide:
#
# - **News**, each channel by itself (the NAB case study): is the reading, its median over 9 or 25 rows, or its step from the mean of the rows before outside the range of its past, and farther than just before?
#   So it marks where something begins; what stays out is no news any more.
# - **Unrest**, each channel by itself: value, step and spread of the last rows, against healthy ones; it ranks rows that have no news, and raises no alarm.
# - **All channels together**, from four on: the Mahalanobis distance (lesson 04) of their weighted means (the EWMA of lesson 03).
#
# `score` says what it takes for this file, and why.
#
# The **healthy part** is the beginning of the recording in which we believe that all was well.
# Its first seven tenths fit the recipe, the rest is held back for the limits, as in lesson 07.
# Each score is divided by its own limit, so an alarm is a score above 1, and the highest of all counts.

# %%
end = healthy or (0.3 if file else "2015-10-18")
scored = score(df, end)
for proposal in scored.proposals:
    print("+", proposal)
for note in scored.notes:
    print("-", note)

# %% [markdown]
# Ten channels are switches or nearly so, and the 23 that vary move together: each reason can be checked.
# Twelve channels do not vary while the recipe learns, so it can say nothing about them.
# Nine held-back rows are above the limit already, in the morning of the 16th: it began with an ice tank, and somebody opened the door.
# More than a third of the later rows are in an alarm, which the recipe itself finds hard to believe.
# (Here it is true: the store stood warm for days.)

# %%
after = scored.scores[scored.healthy_until:]
watched = scored.parts.loc[after.index].reindex(columns=df.columns).mean().idxmax()
plots.plot_scores(df.loc[after.index, watched], after, scored.threshold, ylabel=watched,
                  events=scored.events.head(200), event_label="alarm",
                  title=f"{len(scored.events)} alarms in the rows after {scored.healthy_until:%d %b %Y}")
plt.show()
scored.events.round({"score": 1}).head(20)

# %% [markdown]
# Above is the channel with the highest mean score: an ice tank that thaws during the leak, and stays warm for days.
#
# Three alarms last longer than half an hour: one at midnight of the 18th, then six days from the 23rd, which is the leak, and its end.
# Most of the others are one row long, and **a short alarm is not always a short event**.
# Some are glitches, such as the outside temperature of 89.7 °C on the 19th: a row later it is 23.7 °C again.
# Others stay: at noon of the 18th `TES TEMP 2` falls from 0.6 to −2.6 °C and stays below zero for seven hours, which is news only once.
# That neither does the store any harm, the recipe can not know.
#
# So look at the channel around each alarm, and read both columns: `began` says what set it off, `channel` what was highest in it.

# %% [markdown]
# ## ◆ A threshold without labels
#
# Nobody told us what an anomaly is, so the limits come from the held-back rows alone.
# For all channels together the limit is twice what one held-back row in twenty exceeds.
# For news it is what one in twenty exceeds, but at least what a reading gets that is outside by a twenty-fifth of the range.
# All these numbers were fixed beforehand, on published boards (below).

# %%
print(scored.how)
held = scored.scores[df.index < scored.healthy_until].dropna()
step = df.index.to_series().diff().median()
print(f"held back: {len(held):,} rows, {(held.index[-1] - held.index[0]) / pd.Timedelta('1D'):.1f} days")
print(f"rows in 30 days: {pd.Timedelta('30D') / step:,.0f}; largest held-back score {held.max():.2f}")

# %% [markdown]
# Healthy rows seldom have news, so on this file the least limit holds for all 23 channels: it is a convention, and the held-back rows only tell its price.
# And two days say little about a month: nine rows of 1,867 are above the limit, so there will be alarms on healthy days, too.
#
# Three sentences go with every threshold that is set without labels.
#
# - It **believes** the healthy part: what was wrong in it counts as usual from then on.
# - It is chosen by how seldom **healthy** rows pass it, and says nothing about how many faults are found. Each channel has its own chance of a false alarm, so more channels call more often.
# - It holds as long as the machine stays what it was. Another season, another load, another sensor: choose a new healthy part.

# %% [markdown]
# For the exercises we come back to the cold store, whatever the file above was: `store` is its table, `generic` what the recipe makes of it, and `calm` the scores of its held-back rows.

# %%
store, _ = read_table(datasets.path("cold_store"))
generic = score(store, "2015-10-18")
calm = generic.scores[:"2015-10-17"].dropna()

# %% [markdown]
# ### ◆ Exercise 10.2
#
# What if the healthy part is chosen wrongly, so that it takes in the days of the leak?
# Let `blind` be the result of `score` on `store` when the healthy part ends where 25 October 2015 begins.
# Then look at `blind.events`.

# %%
blind = ...

# %%
check("10.2")
# hint("10.2")
# solution("10.2")

# %% [markdown]
# ### Exercise 10.3
#
# Somebody can bear one call in 30 days, not more.
# A row comes every 90 seconds.
# Let `rare` be the threshold that a healthy row passes once in 30 days, by `thresholds.peaks_over_threshold` (lesson 03) on `calm`.
# Count each row that passes as a call.

# %%
rare = ...

# %%
check("10.3")
# hint("10.3")
# solution("10.3")

# %% [markdown]
# ## ◆ What is a recipe for everything worth?
#
# On the cold store we can say, because there the trip is known.
# We put the recipe on the course's scoreboard, with the healthy part of all other methods, and beside it three of lesson 03: the rule that everybody writes, a count of starts, and a chart of the drive current.
# A second row asks that two of three rows are above the threshold (**k of n**, lesson 08): no glitch can call then, and no jump that stays either.

# %%
from mupy_helpers import recipes
from mupy_helpers.scoreboard import Scoreboard

board = Scoreboard(datasets.load_cold_store_events())
readings = datasets.load_cold_store()
for name in ("room > 10 °C", "starts in six hours", "EWMA, downwards only"):
    board.add(name, recipes.RULES[name](readings, "2015-10-18"), "nothing" if "room" in name else "before 18 Oct")
twice = thresholds.k_of_n(generic.scores > generic.threshold, 2, 3) & (store.index >= generic.healthy_until)
for name, alarms in (("35 channels", generic.is_alarm), ("two of three rows", twice)):
    board.add(f"any file, {name}", alarms, "before 18 Oct")

# %% [markdown]
# Is it the detectors that are poor, or what they were given?
# The chart of lesson 03 watches a channel that is in no file: the drive current **less what frequency and outside air let expect**, with a memory.
# We hand this one channel to the recipe, for the rows in which the compressor runs; its line is fitted on the rows that fit the detectors, too.
# As controls, the recipe gets the drive current as it is: of all rows, and of those in which the compressor runs.

# %%
def made(end):
    scores = recipes.scored_current(readings, recipes.held_back_since(readings, end))["score"]
    return scores.dropna().to_frame("current, less expected")


raw = store[["DRIVE CURRENT"]]
running = raw.loc[made("2015-10-18").index]
for name, table in (("raw current", raw), ("raw, running", running), ("made channel", made("2015-10-18"))):
    alarms = score(table, "2015-10-18").is_alarm.reindex(readings.index, fill_value=False)
    board.add(f"any file, {name}", alarms, "before 18 Oct")
board

# %% [markdown]
# With all channels the recipe calls 22.3 hours **before** the trip, and look at the price: 15 false alarms in little more than a week, which makes it five times as dear as the rule that everybody writes.
# The call is luck, too: at that moment it is one glitch of the outside temperature.
# Asked for two of three rows it calls 3.4 hours before the trip, with three false alarms: earlier than that rule, too late for the technician.
#
# Given the made channel the same recipe calls a day **before** the trip, with two false alarms.
# So it does with the raw current of the rows in which the compressor runs; of all rows, the raw current is silent until six days **after** the trip.
# (A compressor that stands still draws nothing, so no current is too low.)
# The arithmetic did not help, then: **it was enough to know which channel to watch, and when**.
# And this is no luck: of the 16 channels that vary in these rows, each given alone, only the current, the drive power and that one glitch call more than two hours before the trip.
#
# Be fair to both sides.
# People chose channel and rows who knew that it was a leak.
# And they need no recipe: the chart of lesson 03, made for this channel and for this direction, calls 42.5 hours before the trip without a false alarm, and even a count of starts makes 19.8 hours without one.
#
# So a generic recipe is not blind; it is uninformed.
# All channels together do see the leak, by weighted means of a dozen rows; but among 23 channels one thing that is wrong weighs little, and before the 23rd they stay below the limit.
# The report buys the first hour with a file: dirt, gaps, dead sensors, and a list of moments to ask about.
# It can not buy the knowledge which channel to watch, when, and in which direction, and that is worth the most.

# %% [markdown]
# ## Does it hang on where the healthy part ends?
#
# We move the end from the 16th to the 20th, the day on which the leak begins.
# A later end leaves fewer days to be wrong in, so for all of them only alarms from the 20th on count.

# %%
ends = pd.date_range("2015-10-16", "2015-10-20", name="healthy until")


def tried(table, end):
    alarms = score(table, end).is_alarm[ends[-1]:].reindex(readings.index, fill_value=False)
    row = Scoreboard(datasets.load_cold_store_events()).add("it", alarms, "").table().loc["it"]
    return [row["hours before the trip"], int(row["false alarms"].split()[0])]


columns = [["35 channels"] * 2 + ["raw, running"] * 2 + ["made channel"] * 2, ["hours before", "false alarms"] * 3]
by_end = pd.DataFrame([tried(store, end) + tried(running, end) + tried(made(end), end) for end in ends], ends, columns)
by_end.round(1)

# %% [markdown]
# With all channels the call stays, for it is that one glitch, which is news after any past; six or seven false alarms stay, too.
# **With one channel, raw or made, we may end the healthy part on any of these days: it calls 24 hours ahead or more, and from the 20th on never falsely.**
# (Once it is 42.6 hours; nobody would have known to choose that end.)
# Try a few ends on your file: if the alarms change with each, believe none of them.

# %% [markdown]
# ## What is it worth elsewhere?
#
# `benchmarks/default_recipe.py` scores the same lines, with the same constants, on three published boards.
#
# | board | what counts | the recipe | chosen on the two others | beside it |
# |---|---|---|---|---|
# | SKAB, a pump with eight sensors | F1, all alarms above 1 | 0.81 | 0.79 | always alarm: 0.70 |
# | | MCC, the same alarms | 0.62 | 0.58 | always alarm: 0 |
# | NAB, 58 series | its score, alarms above 1 | 66.8 | 55.3 | never alarm: 0 |
# | | its score, best threshold | 69.6 | 59.6 | the board's own detector: about 70 |
# | TSB-AD, 14 series | volume under the surface | 0.39 | 0.39 | readings outside the range: 0.148 |
# | | the same, blurred by 201 rows | 0.67 | 0.66 | the same, blurred: 0.555 |
#
# Believe the recipe's column with care: about 250 variants were looked at on these boards before it stood.
# The column behind it is more honest: of the 16 variants that the benchmark still holds, we take the one that the two other boards like best.
# NAB shows what that is worth, eleven points.
#
# Two of the lines are not what you get: the best threshold is found with labels, as all on that board do, and blurring looks a hundred rows ahead.
#
# %% [markdown]
# ## ◆ The report
#
# `write_report` puts all of it into one HTML file without any address in it: figures with alt texts, tables, and what the report can not tell.
# It opens on a machine without a network, and can be sent by mail.

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    target = Path(report) if report else Path(folder) / "report.html"
    write_report(df, target, title=f"What is unusual in {Path(path).name}", notes=notes, healthy=end)
    page = target.read_text(encoding="utf-8")
print(page.count("<img"), "figures in one file; it begins:\n")
print(page.partition("<p>")[2].partition("</p>")[0].replace(". ", ".\n"))

# %% [markdown]
# The first lines say the result, for somebody who opens the file at night.
# Below the alarms stand the most unusual rows **without** one: if the healthy part hid a fault, the limits are too high, and what you look for may be there.
# Set `report = "report.html"` in the second cell to keep it.

# %% [markdown]
# ## ◆ Now your file
#
# From a shell, in the course's folder, either of the two:
#
# ```
# python3 course.py report FILE --healthy 2024-03-01 --out report.html
# papermill notebooks/10_your_own_data.ipynb mine.ipynb -p file FILE -p healthy 2024-03-01 -p report report.html
# ```
#
# The first writes the report alone; the second leaves this notebook, with your outputs, in `mine.ipynb` as well (`papermill` is in the course's environment, in `.venv/bin` or `.venv\Scripts`).
# Give whole paths; or open this notebook, change the second cell, and run all.
# Then work through what it says:
#
# | it says | what to do |
# |---|---|
# | several columns could be the time | name it: `--time COLUMN`, or `time_column` |
# | the times could be written day first or month first | look at the first time in the notes; write the file with year, month, day |
# | rows have the time of an earlier one | two units in one file, or a clock set back: split the file, or use UTC |
# | text among the numbers, or a number that stands for no reading | find out what the logger means by it |
# | gaps | rows count one after the other, across a gap too; never fill a gap with a line |
# | constant, or not scored | ask whether the sensor lives; leave it out |
# | may be stuck | a rule of its own: so many equal readings are an alarm |
# | the season is not what you expect | resample to even steps first: `df.resample("5min").mean()` |
# | the healthy part was to end outside the recording | set `healthy` to a moment in it |
# | rows of the first part would be alarms already | look at them: a fault moves the healthy part, a glitch is taken out of it |
# | an alarm begun by another channel than its highest | look at its first row: one glitch may have set it off |
# | a large share of the later rows are alarms | the first part shows another machine: choose a later or longer one |
# | an alarm of one row | look at the rows behind it: a glitch is over, a jump has stayed |
# | no alarm at all | is a fault in the healthy part? Put one in by hand, and see whether it is found |
#
# And make **one channel that knows something**: a difference of two sensors that should agree, a load less what its cause explains, a count of starts.
# Give it to the recipe alone: `score(df[["made"]].dropna())`.
# Among the 35 others of the cold store it calls as early, with its gaps filled; the others' false alarms come along.

# %% [markdown]
# **What we saw.** Any file becomes a table with a list of what was guessed; the checks of lesson 02 take one call; scores never look ahead; a limit without labels believes its healthy part.
# On the cold store the recipe for everything comes too late or by luck; one channel and its rows, chosen with knowledge, bring it a day ahead, wherever the healthy part ends; a chart made for that channel is earlier still.
#
# **New on the scoreboard.** Five rows for any file: all channels, the same with two of three rows, one raw channel, its rows chosen, one made.
#
# **What this cannot do.** It cannot know your machine. What goes wrong **within** the usual range of a channel has no news: a season that stops, a load that no longer follows its cause. Where four or more channels move together the relation may show; with fewer nothing calls. Nobody has measured its false alarms on your data: look at the first ten alarms, write down which were right, and you have labels, and lesson 05.

# %% [markdown]
# ## References
#
# - A. Siffer, P.-A. Fouque, A. Termier, C. Largouët, "Anomaly detection in streams with extreme value theory", *KDD*, 2017.
# - S. Coles, *An Introduction to Statistical Modeling of Extreme Values*, Springer, 2001.
# - C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average control chart", *Technometrics* 34, 1992.
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly benchmark", *ICMLA*, 2015.
# - I. D. Katser, V. O. Kozitsin, "Skoltech Anomaly Benchmark (SKAB)", *Kaggle*, 2020.
# - Q. Liu, J. Paparrizos, "The elephant in the room: towards a reliable time-series anomaly detection benchmark", *NeurIPS Datasets and Benchmarks*, 2024: TSB-AD.
# - H. Wickham, "Tidy data", *Journal of Statistical Software* 59, 2014: one row for each moment, one column for each channel.
