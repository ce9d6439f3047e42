# ---
# jupyter:
#   mupy:
#     title: Your own data
#     question: What does it say about your CSV?
#     able:
#       - read any table of readings, and say what was wrong with it
#       - run the checks of lesson 02 on it in one call, and act on each complaint
#       - score it causally, and set a threshold without a single label
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
# This page is a lesson and a **template** in one: a notebook that runs from its first cell to its last on another file, when the four lines of the cell below are changed.
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
healthy = "2015-10-18"  # where the part believed healthy ends: a moment, or a share of the rows, such as 0.3
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

# %%
table = findings.channels
table[(table["missing"] > 0.01) | table["constant"] | (table["stuck"] > 0)][["missing", "constant", "stuck"]].round(3)

# %% [markdown]
# Each line is a question to whoever knows the machine, and none is an anomaly yet.
# The twelve gaps and the seven dead channels we know.
# Two humidities that repeat one reading for hours, on 25 October, are new to us: perhaps sensors at the end of their range, in a store that stood warm.
#
# The season of 912 rows is wrong, and it is worth seeing why: at 40 rows an hour a day has 960.
# Rows are missing, so 24 hours take fewer of them: **a period that is counted in rows is only as good as the recording is complete**.

# %% [markdown]
# ## ◆ A recipe for any file
#
# Which detectors suit a file that we do not know?
# Three that ask little and never look ahead:
#
# - **Far from what the past lets expect** (lesson 03): the moving median, and the season where there is one.
# - **Outside the range of the past** (the NAB case study): how far has the channel left the range in which it has been so far?
# - **Off the usual pattern** (lesson 04): T² and SPE over all channels, from four channels on.
#
# The **healthy part** is the beginning of the recording in which we believe that all was well.
# Its first seven tenths fit the detectors, the rest is held back for scale and threshold, as in lesson 07.
# Each score is divided by its own limit, which one in a hundred held-back rows exceeds, and the highest of all counts.

# %%
end = healthy if isinstance(healthy, str) else float(healthy)
scored = score(df, end)
print(f"{scored.parts.shape[1]} scores a row, from {scored.scores.first_valid_index()} on")
print(f"season: {scored.period} rows, level: the median of {scored.window} rows")
for note in scored.notes:
    print("-", note)

# %% [markdown]
# Twelve channels do not vary while the recipe learns, so it can say nothing about them.
# The season is not used because of the gaps.
# One healthy row scores high, and a third of the later rows are alarms, which the recipe itself finds hard to believe.
# (Here it is true: the store stood warm for days.)

# %% [markdown]
# ### The same by hand
#
# From the scores of the parts to an alarm it is a few lines: the largest part counts, an alarm begins above the threshold and ends only at the lower one, and there is none before the healthy part ends.

# %%
highest = scored.parts.max(axis=1)
on, by_hand = False, []
for moment, value in highest.items():
    on = value > (scored.off if on else scored.threshold) and moment >= scored.healthy_until
    by_hand.append(on)
print("by hand and by the library:", by_hand == scored.is_alarm.tolist())

# %%
after = scored.scores[scored.healthy_until:]
plots.plot_scores(df.loc[after.index, channel], after, scored.threshold, ylabel=channel,
                  title=f"{len(scored.events)} alarms in the rows after {scored.healthy_until:%d %b %Y}")
plt.show()
scored.events.round({"score": 1}).head(10)

# %% [markdown]
# Two alarms: one reading of the outside temperature on the evening of the 19th, and then, from the evening of 23 October to the repair, everything at once.
# The column `channel` says where to look first: it names the part with the highest score in the alarm.

# %% [markdown]
# ## ◆ A threshold without labels
#
# Nobody told us what an anomaly is, so the threshold comes from the held-back rows alone.
# The recipe extrapolates the tail of their scores (**peaks over threshold**, lesson 03) to a risk of one in ten thousand rows.

# %%
print(scored.how)
held = scored.scores[:scored.healthy_until].dropna().iloc[:-1]
step = df.index.to_series().diff().median()
print(f"held back: {len(held):,} rows, {(held.index[-1] - held.index[0]) / pd.Timedelta('1D'):.1f} days")
print(f"rows in 30 days: {pd.Timedelta('30D') / step:,.0f}; largest held-back score {held.max():.2f}")

# %% [markdown]
# Look at the band before you look at the number: with 95 % confidence the threshold is somewhere between 3 and 37.
# Two days say little about what happens once in ten.
#
# Three sentences go with every threshold that is set without labels.
#
# - It **believes** the healthy part: what was wrong in it counts as usual from then on.
# - It fixes how often **healthy** rows raise an alarm, and says nothing about how many faults are found.
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
# Let `blind` be the result of `score` on `store` when the healthy part ends on 25 October 2015.
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
# Let `rare` be the threshold that a healthy row passes once in 30 days, by `thresholds.peaks_over_threshold` on `calm`.
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
# We put the recipe on the course's scoreboard, with the healthy part of all other methods; a second row has the healthy part that `course.py report` takes when nobody says anything: the first three tenths.

# %%
from mupy_helpers import recipes
from mupy_helpers.scoreboard import Scoreboard

board = Scoreboard(datasets.load_cold_store_events())
readings = datasets.load_cold_store()
for name in ("room > 10 °C", "starts in six hours", "EWMA, downwards only"):
    board.add(name, recipes.RULES[name](readings, "2015-10-18"), "nothing" if "room" in name else "before 18 Oct")
board.add("any file, 35 channels", generic.is_alarm, "before 18 Oct")
board.add("any file, first 30 %", score(store, 0.3).is_alarm, "before 19 Oct")

# %% [markdown]
# Is it the detectors that are poor, or what they were given?
# The chart of lesson 03 watches a channel that is in no file: the drive current **less what frequency and outside air let expect**, with a memory.
# We hand this one channel to the recipe (for the rows in which the compressor runs), and change nothing else.

# %%
residual = recipes.scored_current(readings, "2015-10-18")["score"].dropna().to_frame("current, less expected")
one = score(residual, "2015-10-18")
board.add("any file, one made channel", one.is_alarm.reindex(readings.index, fill_value=False), "before 18 Oct")
board

# %% [markdown]
# An honest table.
# The recipe for any file calls 10.6 hours **after** the trip, later than the rule that everybody writes first, and 53 hours after the chart that was made for this machine.
# With the careless healthy part it calls a little earlier, still too late, and nine times for nothing.
#
# Given the right channel the same recipe calls a day **before** the trip.
# So a generic recipe is not blind; it is uninformed.
# It asks of each channel "were you ever there?", and before the trip no channel was far enough out to reach the threshold: the leak broke the relation between current and frequency first.
# What the report buys is the first hour with a file: dirt, gaps, dead sensors, and a list of moments to ask about.
# What it can not buy is the sentence "the current is too low **for this frequency**", and that one is worth the most.

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
# | gaps | a healthy part without gaps gets a season; never fill a gap with a line |
# | constant, or not scored | ask whether the sensor lives; leave it out |
# | may be stuck | a rule of its own: so many equal readings are an alarm |
# | the season is not what you expect | resample to even steps first: `df.resample("5min").mean()` |
# | one reading of the first part pushes the threshold up | look at it: a fault moves the healthy part, a glitch is taken out of it |
# | a large share of the later rows are alarms | the first part shows another machine: choose a later or longer one |
# | no alarm at all | is a fault in the healthy part? Put one in by hand, and see whether it is found |
#
# And make **one channel that knows something**: a difference of two sensors that should agree, a load less what its cause explains, a count of starts.

# %% [markdown]
# **What we saw.** Any file becomes a table with a list of what was guessed; the checks of lesson 02 take one call; scores never look ahead; a threshold without labels believes its healthy part.
# On the cold store the recipe for everything comes too late, and one channel with knowledge in it brings it a day ahead.
#
# **New on the scoreboard.** Three rows for any file: two too late, one a day early.
#
# **What this cannot do.** It cannot know your machine. Nobody has measured its false alarms on your data: look at the first ten alarms, write down which were right, and you have labels, and lesson 05.

# %% [markdown]
# ## References
#
# - A. Siffer, P.-A. Fouque, A. Termier, C. Largouët, "Anomaly detection in streams with extreme value theory", *KDD*, 2017.
# - S. Coles, *An Introduction to Statistical Modeling of Extreme Values*, Springer, 2001.
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly benchmark", *ICMLA*, 2015.
# - H. Wickham, "Tidy data", *Journal of Statistical Software* 59, 2014: one row for each moment, one column for each channel.
