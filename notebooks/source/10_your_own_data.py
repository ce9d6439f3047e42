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
# - **News**, each channel by itself (the NAB case study): is the reading, its median over 9 or 25 rows, or its step from the mean of the rows before outside the range of its past?
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
plots.plot_scores(df.loc[after.index, channel], after, scored.threshold, ylabel=channel,
                  events=scored.events.head(200), event_label="alarm",
                  title=f"{len(scored.events)} alarms in the rows after {scored.healthy_until:%d %b %Y}")
plt.show()
scored.events.round({"score": 1}).head(10)

# %% [markdown]
# Most of these alarms are one row long: a glitch, such as the outside temperature of 89.7 °C on the 19th.
# Such a row is news, and rightly so; that it means no harm to the store, the recipe can not know.
# Two alarms last: an hour at midnight of the 18th, and then six days from the 23rd, which is the leak.
#
# So read both columns: `began` says what set the alarm off, `channel` what was highest in it.

# %% [markdown]
# ## ◆ A threshold without labels
#
# Nobody told us what an anomaly is, so the limits come from the held-back rows alone.
# For news the limit is what one held-back row in twenty exceeds, and never less than a twenty-fifth of the range of the past; for all channels together it is twice what one in twenty exceeds.
# All these numbers were fixed beforehand, on published boards (below).

# %%
print(scored.how)
held = scored.scores[:scored.healthy_until].dropna().iloc[:-1]
step = df.index.to_series().diff().median()
print(f"held back: {len(held):,} rows, {(held.index[-1] - held.index[0]) / pd.Timedelta('1D'):.1f} days")
print(f"rows in 30 days: {pd.Timedelta('30D') / step:,.0f}; largest held-back score {held.max():.2f}")

# %% [markdown]
# Two days say little about a month: nine rows of 1,867 are above the limit, so there will be alarms on healthy days, too.
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
# We put the recipe on the course's scoreboard, with the healthy part of all other methods.
# A second row asks that two of three rows are above the threshold (**k of n**, lesson 08), so that no glitch can call.

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
# As a control, the recipe also gets the drive current as it is, of the same rows.

# %%
def made(end):
    scores = recipes.scored_current(readings, recipes.held_back_since(readings, end))["score"]
    return scores.dropna().to_frame("current, less expected")


raw = store.loc[made("2015-10-18").index, ["DRIVE CURRENT"]]
for name, table in (("raw current", raw), ("made channel", made("2015-10-18"))):
    alarms = score(table, "2015-10-18").is_alarm.reindex(readings.index, fill_value=False)
    board.add(f"any file, {name}", alarms, "before 18 Oct")
board

# %% [markdown]
# With all channels the recipe calls 22.3 hours **before** the trip, and look at the price: 15 false alarms in little more than a week.
# The call is luck, too: at that moment it is one glitch of the outside temperature.
# Without glitches it calls 3.4 hours before the trip, with three false alarms: earlier than the rule that everybody writes, too late for the technician.
#
# Given the made channel the same recipe calls a day **before** the trip, with two false alarms.
# So it does with the raw current, and that is worth a thought: **it was enough to know which channel to watch**.
# And be fair to the recipe: people chose that channel who knew that it was a leak.
#
# So a generic recipe is not blind; it is uninformed.
# All channels together do see the leak, by weighted means of a dozen rows; but among 23 channels one thing that is wrong weighs little, and before the 23rd they stay below the limit.
#
# How much of this hangs on where the healthy part ends?

# %%
def tried(table, end):
    result, one = score(table, end), Scoreboard(datasets.load_cold_store_events())
    one.add("it", result.is_alarm.reindex(readings.index, fill_value=False), "")
    return [result.threshold, *one.table().loc["it", ["hours before the trip", "false alarms"]]]


ends = pd.date_range("2015-10-16", "2015-10-20", name="healthy until")
columns = [["35 channels"] * 3 + ["made channel"] * 3, ["threshold", "hours before the trip", "false alarms"] * 2]
by_end = pd.DataFrame([tried(store, end) + tried(made(end), end) for end in ends], ends, columns)
by_end.round(1)

# %% [markdown]
# The call stays, for it is that one glitch, which is news after any past; the false alarms go from 7 to 15.
# **With the made channel we may end the healthy part on any of these days: it calls 24 hours ahead or more, with two false alarms at most.**
# Try a few ends on your file: if the alarms change with each, believe none of them.
#
# What is the recipe worth elsewhere?
# `benchmarks/default_recipe.py` scores the same lines, with the same constants, on three published boards.
# On SKAB, a pump with eight sensors, its alarms reach an F1 of 0.81 and an MCC of 0.62, without any label; on NAB's 58 series it scores 69.6, which is about where the benchmark's own detector is.
# On the 14 series of TSB-AD its mean volume under the surface is 0.39 as it comes, and 0.67 offline, averaged over 201 rows around.
# Believe that with care: about 250 variants were looked at on these boards before the recipe stood.
#
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
# | no alarm at all | is a fault in the healthy part? Put one in by hand, and see whether it is found |
#
# And make **one channel that knows something**: a difference of two sensors that should agree, a load less what its cause explains, a count of starts.
# Give it to the recipe alone: `score(df[["made"]].dropna())`.
# Among the 35 others of the cold store it calls as early, with its gaps filled; the others' false alarms come along.

# %% [markdown]
# **What we saw.** Any file becomes a table with a list of what was guessed; the checks of lesson 02 take one call; scores never look ahead; a limit without labels believes its healthy part.
# On the cold store the recipe for everything comes too late or by luck, and one channel that was chosen with knowledge brings it a day ahead, wherever the healthy part ends.
#
# **New on the scoreboard.** Four rows for any file: all channels, the same without glitches, one raw channel, one made.
#
# **What this cannot do.** It cannot know your machine. Nobody has measured its false alarms on your data: look at the first ten alarms, write down which were right, and you have labels, and lesson 05.

# %% [markdown]
# ## References
#
# - A. Siffer, P.-A. Fouque, A. Termier, C. Largouët, "Anomaly detection in streams with extreme value theory", *KDD*, 2017.
# - S. Coles, *An Introduction to Statistical Modeling of Extreme Values*, Springer, 2001.
# - C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average control chart", *Technometrics* 34, 1992.
# - A. Lavin, S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly benchmark", *ICMLA*, 2015.
# - H. Wickham, "Tidy data", *Journal of Statistical Software* 59, 2014: one row for each moment, one column for each channel.
