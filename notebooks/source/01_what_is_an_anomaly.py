# ---
# jupyter:
#   mupy:
#     title: What is an anomaly?
#     question: Five weeks of a cold store, five of its days lost. Which readings should have worried somebody, and what is a false alarm worth?
#     able:
#       - tell an anomaly from noise, and say relative to what
#       - name the three kinds (global, contextual, collective) and find one of each in code
#       - say why 99.8 % accuracy can be worth nothing, and what to measure instead
#       - put a rule on the scoreboard and read its row
#     need: lesson 00; mean, standard deviation, quartiles; pandas indexing and `groupby`
#     data:
#       - the cold store, 36 days simulated after a published summary (CC BY 4.0)
#       - 100 salaries, 300 shipments, six years of Kolkata's days, all simulated (CC BY 4.0)
# ---

# %% [markdown]
# ## ◆ Five days that nobody noticed
#
# A farm keeps its harvest in a small cold store.
# By day the sun drives a compressor, which cools the room and freezes a store of brine; by night the sun is gone, and the melting brine keeps the room cold.
# The fluid that the compressor pumps round, to carry the heat out, is the **refrigerant**.
# In October 2015 it leaked away.
#
# The recording was never published.
# What is known of it, a table of summary figures and the dates of the story, our simulator reproduces (`data/README.md` says how); so here is what the room's thermometer would have shown.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots
from mupy_helpers.exercises import check, hint, solution

plots.use_style()
df = datasets.load_cold_store()
room = df["room_temp"]
print(f"{len(df):,} rows, {df.shape[1]} channels, {df.index[0]:%d %b} to {df.index[-1]:%d %b %Y}")

# %%
plots.plot_series(room, title="For five days nobody notices", ylabel="room (°C)")
plt.show()

# %% [markdown]
# In health the room swings between about 2 °C by day and 8 °C by night.
# From 23 October it climbs, within five days, to 28 °C; on the 28th somebody notices, and on the 29th the machine is repaired.
# The hatched stretch has no data at all, and the short dips below zero have a cause of their own: lesson 02 looks into both.
# The room is one of 35 **channels**: quantities that are measured side by side, each a column of the table.

# %% [markdown]
# ### The rule everyone writes first
#
# "Call me when the room is above 10 °C."
# Readings above the limit that lie less than an hour apart we join into one alarm: nobody wants two calls for one warm hour.

# %%
from mupy_helpers import metrics

is_alarm = room > 10
metrics.events_from_labels(is_alarm, merge="1h")

# %% [markdown]
# READ-ALARMS

# %% [markdown]
# When did the machine itself give up?
# Its low-pressure switch **trips** when too little refrigerant is left, and locks the compressor out.
# The helper package keeps the true story apart from the recording: what happened, and when.
# Such knowledge is called **labels**.

# %%
events = datasets.load_cold_store_events()
print(events["kind"].value_counts().to_string())

# %%
leak = events[events["kind"] == "slow_leak"].iloc[0]
print("the leak begins:", leak["start"])
print("the switch trips:", leak["trip"])

# %% [markdown]
# The rule calls twenty minutes after the trip.
# By then the compressor is locked, and the alarm only says that the room is getting warm.
# The leak itself began two and a half days before.
# **Somewhere in those days the 35 channels began to look wrong.**
# Finding that moment is the craft of this course.

# %% [markdown]
# ## ◆ What is an anomaly?
#
# An **anomaly** is an observation, or a group of them, so unlike what we expect that we suspect another mechanism behind it.
# The thought is Hawkins's (1980), who called it an outlier.
# Two words carry the weight.
#
# - **Expect.** There is no anomaly without a picture of the normal, and each method in this course is a different way to draw that picture.
# - **Mechanism.** Something else made this value: a leak, a thief, a typing error. What varies without a cause that matters to us is **noise**.
#
# A grocery shows the difference.

# %%
rng = np.random.default_rng(7)
days = pd.date_range("2026-03-02", periods=70, freq="D")
sold = pd.Series(rng.normal(400, 25, size=70).round(), index=days, name="loaves")
sold["2026-04-06":"2026-04-12"] += 220
sold["2026-04-29"] = 0

# %%
ax = plots.plot_series(sold, title="One unusual week is fine, one unusual day is not", ylabel="loaves a day")
ax.text(pd.Timestamp("2026-04-14"), 610, "discount week")
ax.text(pd.Timestamp("2026-05-01"), 15, "zero")
plots.describe(ax, "Daily sales near 400 loaves, one discount week near 620, one day at zero.")
plt.show()

# %% [markdown]
# The days wobble around 400 loaves: noise.
# Week and zero both stand out, because another mechanism made them: a discount, and a till that was not connected.
# Which of the two deserves a call?
# To the shop, the zero; the discount week is unusual and fine.
# To the baker who plans the flour, the week; the dead till is a nuisance.
# An anomaly is always relative to a question, and **only you know the question**.

# %% [markdown]
# ## ◆ Three kinds
#
# ### Global: far from everything
#
# A **global anomaly** is extreme among all the values.
# One hundred monthly salaries; somebody made a mistake.

# %%
salaries = datasets.load_salaries()["salary"]
print(salaries.head().tolist())
print("smallest", salaries.min(), "  largest", salaries.max(), "  mean", salaries.mean())

# %% [markdown]
# The smallest salary is 17 dollars a month.
# Minimum and maximum are the cheapest check there is, and it has just paid.
# How small is too small?
# Tukey (1977) put a fence around the middle half of the data: from the quartiles, one and a half **interquartile ranges** (IQR, the width of the middle half) outwards.

# %%
q1, q3 = salaries.quantile([0.25, 0.75])
iqr = q3 - q1
lower_fence, upper_fence = q1 - 1.5 * iqr, q3 + 1.5 * iqr
is_anomaly = (salaries < lower_fence) | (salaries > upper_fence)
print(f"fences {lower_fence} and {upper_fence}")
print(salaries[is_anomaly])

# %%
import seaborn as sns

figure, axes = plt.subplots(nrows=2, sharex=True, height_ratios=[3, 1], figsize=(10, 4.4))
fences = (lower_fence, upper_fence)
plots.plot_fences(salaries, fences, ax=axes[0], title="Two salaries lie outside the fences")
sns.boxplot(x=salaries, ax=axes[1], color=plots.COLOURS["second"])
axes[1].set(xlabel="dollars a month", yticks=[])
plt.show()

# %% [markdown]
# The fences stand at 238.75 and 3294.75, and exactly two people are outside: 23 and 17 dollars.
# (The cross stands for both: they are six dollars apart.)
# The boxplot in the lower half draws the same rule: its whiskers end at the last value inside, and what is beyond becomes a circle.

# %% [markdown]
# ### Exercise 01.1
#
# Does the fence depend on the mistakes that it should catch?
# Let `clean_fence` be the lower fence computed without the two wrong salaries, and compare it with `lower_fence`.

# %%
clean_fence = ...

# %%
check("01.1")
# hint("01.1")
# solution("01.1")

# %% [markdown]
# ### Contextual: strange for its time or place
#
# Six years of daily mean temperature in Kolkata.
# One January day reads 32 °C.

# %%
kolkata = datasets.load_kolkata()["temperature"]
warm_day = pd.Timestamp("2013-01-16")
print("that day:", kolkata[warm_day], "°C")
print("days at least as warm:", int((kolkata >= kolkata[warm_day]).sum()), "of", len(kolkata))

# %%
title = "32 °C is usual, but not in January"
ax = plots.plot_series(kolkata, title=title, ylabel="daily mean (°C)", linewidth=0.8)
ax.plot(warm_day, kolkata[warm_day], "X", markersize=12, color=plots.COLOURS["anomaly"])
plots.describe(ax, "Six years of daily temperature, one wave a year from 17 to 34 °C. A cross at "
                   "32 °C marks 16 January 2013, far above the winters, level with summers.")
plt.show()

# %% [markdown]
# More than a hundred days in the table are as warm, so no fence around all values can find this one.
# It is a **contextual anomaly**: usual as a value, strange for the month it stands in.
# The cure is to compare like with like: January with Januaries.

# %% [markdown]
# ### Exercise 01.2
#
# Give each day a score: how far it is from the median of all days in the same month of the year.
# The 16th of January 2013 comes first.
# Let `second_strangest` be the day (a timestamp) with the second largest score.

# %%
second_strangest = ...

# %%
check("01.2")
# hint("01.2")
# solution("01.2")

# %% [markdown]
# ### Collective: harmless alone, strange together
#
# Three hundred parcels, each with the days promised and the days it took.

# %%
shipments = datasets.load_shipments()
late = shipments["actual_days"] - shipments["promised_days"]
q1, q3 = late.quantile([0.25, 0.75])
outside = (late < q1 - 1.5 * (q3 - q1)) | (late > q3 + 1.5 * (q3 - q1))
print("parcels outside Tukey's fences:", int(outside.sum()))

# %% [markdown]
# Not one.
# Now look at ten parcels in a row, on average.

# %%
ten = late.rolling(10).mean()
print(f"usual: {ten.median():.2f} days late, worst ten in a row: {ten.max():.2f}")

# %%
title = "Ten in a row, each a little late"
ax = plots.plot_series(late, title=title, ylabel="days late", linewidth=0.6, show_gaps=False)
ax.plot(ten.index, ten, color=plots.COLOURS["score"], linewidth=3, label="mean of the last ten")
in_run = late["2015-06-15":"2015-06-26"]
ax.plot(in_run.index, in_run, "o", color=plots.COLOURS["anomaly"], label="the ten")
ax.legend(loc="lower left")
plots.describe(ax, "Lateness of 300 parcels, from 2 days early to 2 days late. The mean of the last "
                   "ten stays near zero, but reaches one day late in June 2015.")
plt.show()

# %% [markdown]
# Parcels come early and late, and on average a little early.
# In June 2015 ten in a row are between 0.6 and 1.2 days late: a **collective anomaly**, made of members that are each unsuspicious.
# The leak in our cold store begins like that.

# %%
first_day = room["2015-10-20 20:00":"2015-10-21 20:00"]
print(f"the room on the first day of the leak: {first_day.min()} to {first_day.max()} °C")

# %% [markdown]
# Not one of these readings would look wrong on a healthy day.

# %% [markdown]
# ### Exercise 01.3
#
# When did the bad run begin?
# Let `run_start` be the date of the **first** of the ten parcels in a row with the largest mean lateness, found by code.

# %%
run_start = ...

# %%
check("01.3")
# hint("01.3")
# solution("01.3")

# %% [markdown]
# ## ◆ What do we know when we start?
#
# | | we have | example | lesson |
# |---|---|---|---|
# | **unsupervised** | data, no labels; anomalies may be inside | the salaries | 03, 04, 07 |
# | **semi-supervised** | a stretch known to be normal | the cold store before 18 October: no known leak | 03, 04, 06, 07 |
# | **supervised** | past anomalies with labels | a fleet of stores whose failures were written down | 05 |
#
# In practice the middle row is the common one: machines mostly work, and somebody knows a good fortnight.
# Labels of past failures are few, and the next failure may be of a kind that nobody has seen.

# %% [markdown]
# ## The ladder of methods
#
# A preview of the course, worth reading again after lesson 05.
# Each rung of the ladder sees something that the one below misses, and misses something itself.
#
# | rung | asks | misses |
# |---|---|---|
# | threshold | is the value too large? | the context, and someone must set each limit |
# | aggregate | is the day's mean or spread unusual? | the order of the readings |
# | forecast | is it far from what the past foretold? | slow change, which the forecast follows |
# | distance | has this hour any neighbours? | time: yesterday and last year count alike |
# | supervised | does it look like past failures? | needs labels, and new kinds of failure |
#
# The second row is easily believed and worth seeing once.

# %%
day = room["2015-10-17"]
shuffled = pd.Series(rng.permutation(day), index=day.index)
both = pd.DataFrame({"day": day, "shuffled": shuffled})
both.agg(["mean", "std", "min", "max"]).round(2)

# %%
title = "The same readings in another order: no cold store does that"
ax = plots.plot_series(day, title=title, ylabel="room (°C)", label="17 October")
ax.plot(shuffled.index, shuffled, linestyle="", marker=".", markersize=4, label="shuffled")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.describe(ax, "The room on 17 October as a curve, and the same values shuffled, as scattered dots.")
plt.show()

# %% [markdown]
# Every summary agrees to the last digit, and no cold store ever behaved like the dots.
# An aggregate forgets the order, and in a time series the order is half of the information.

# %% [markdown]
# ## ◆ The accuracy trap
#
# How good is a detector?
# Take fifty thousand payments of which one in 500 is a fraud, and a detector that says "fine" to everything.

# %%
rng = np.random.default_rng(7)
y = np.zeros(50_000, dtype=int)
y[::500] = 1
always_fine = np.zeros_like(y)
print(f"{y.sum()} frauds; accuracy of 'always fine': {(always_fine == y).mean():.1%}")

# %% [markdown]
# It is 99.8 % accurate and finds nothing.
# When anomalies are rare, accuracy measures the rarity and not the detector.
#
# Now a detector that does know something: its scores are higher for frauds, with overlap.

# %%
scores = rng.normal(size=len(y)) + 2.5 * y
threshold = 2.5
flagged = scores > threshold
confusion = pd.crosstab(y == 1, flagged, rownames=["fraud"], colnames=["flagged"])
print(confusion)

# %% [markdown]
# This is the **confusion matrix**.
# Read it by rows: of the frauds, half are flagged (**recall**).
# Read it by columns: of the flagged payments, about one in seven is a fraud (**precision**).
# Which of the two matters more is not a question of statistics but of money.

# %%
cost = confusion.copy()
cost.loc[False] = [0, 4]  # no fraud: left alone, looked at
cost.loc[True] = [120, 4]  # fraud: left alone, looked at
print(cost)
print("total:", (confusion * cost).to_numpy().sum(), "  doing nothing:", 120 * y.sum())

# %% [markdown]
# The **cost matrix** says that a missed fraud costs 120 and looking at a flagged payment costs 4, whether or not it is one.
# Cell by cell, count times cost, summed: that is the **total cost** of this threshold, here about three fifths of what doing nothing costs.
# (Divided by the number of payments it is the **expected cost** of a payment.)
# Is there a better threshold?

# %%
thresholds = np.linspace(1, 4, 61)
is_fraud = y == 1
total = [4 * (scores > t).sum() + 120 * (is_fraud & (scores <= t)).sum() for t in thresholds]
best = thresholds[np.argmin(total)]
print(f"cheapest threshold {best:.2f}, total {min(total)}")

# %%
figure, ax = plt.subplots(figsize=(8, 3))
ax.plot(thresholds, total, color=plots.COLOURS["score"])
ax.axvline(best, color=plots.COLOURS["threshold"], linestyle="--")
ax.set(title="The cost is flat near its lowest point", xlabel="threshold", ylabel="total cost")
plots.describe(ax, "Total cost against threshold: high at low thresholds, lowest near 2.4, slowly rising after.")
plt.show()

# %% [markdown]
# Moving from 2.5 to 2.4 saves 120 of 7,320: almost nothing, because the curve is flat near its lowest point.
# That is good news, since we chose the threshold on the very payments that we judge it on; from lesson 03 on we choose on one stretch and judge on another.

# %% [markdown]
# ### ◆ Exercise 01.4
#
# Looking at a payment becomes dearer: 12 instead of 4.
# Let `dearer_best` be the cheapest of the same `thresholds` at that price.
# Guess first: higher or lower?

# %%
dearer_best = ...

# %%
check("01.4")
# hint("01.4")
# solution("01.4")

# %% [markdown]
# ### Without a threshold: two curves, one of them kind
#
# A detector can be judged over all thresholds at once.
# The **ROC curve** (receiver operating characteristic) draws recall against the share of normal payments flagged.
# The area under it (**AUC**) is the chance that a random fraud scores higher than a random normal payment.
# The **precision-recall curve** draws precision against recall; the area under that one is the **average precision** (AP).

# %%
from sklearn.metrics import PrecisionRecallDisplay, RocCurveDisplay, average_precision_score, roc_auc_score

figure, (left, right) = plt.subplots(ncols=2, figsize=(10, 4.2))
RocCurveDisplay.from_predictions(y, scores, ax=left, name="detector", plot_chance_level=True)
PrecisionRecallDisplay.from_predictions(y, scores, ax=right, name="detector", plot_chance_level=True)
right.legend(loc="upper right")
left.set(title="ROC: nearly perfect", xlabel="share of normal flagged", ylabel="recall")
right.set(title="The same scores: mostly false alarms", xlabel="recall", ylabel="precision")
plots.describe(figure, "Left: ROC curve hugging the upper left corner. Right: precision-recall curve "
                       "of the same scores, falling early and far from the corner.")
plt.show()

# %%
top = np.argsort(scores)[::-1][:100]
print(f"area under ROC        {roc_auc_score(y, scores):.3f}   (random: 0.5)")
print(f"average precision     {average_precision_score(y, scores):.3f}   (random: {y.mean():.3f})")
print(f"precision at 100      {y[top].mean():.2f}")

# %% [markdown]
# An area of 0.96 looks superb, and hides that normal payments are plenty: one per cent of them is still five times as many as there are frauds.
# Precision sees that, and falls to 0.28 on average.
# **Precision at n** is the plainest of all: of the 100 payments we have time to look at, 33 were worth it.
# Where anomalies are rare, ask for precision, and be careful when somebody shows only a ROC curve.

# %% [markdown]
# ## ◆ Row zero of the scoreboard
#
# For a cold store precision in rows is not what we want to know.
# Nobody answers an alarm row by row; somebody drives out once.
# So the course's board measures three things of its own.
#
# - **Hours before the trip**: when the alarm was first up after the leak began, counted back from the low-pressure trip.
# - **False alarms per week** of healthy recording: gaps, the leak and the day after the repair are left out, and alarms less than an hour apart are one.
# - **Expected cost per year**: one leak a year, a lost load at 6,000 € unless the alarm came at least twelve hours before the trip, and 80 € for each needless call-out.
#
# These prices are ours, and `Costs` changes them to yours.
# Days before 18 October may be used to fit a method; the board counts from that day on, for every method alike.
# Row zero is fitted on nothing: somebody typed the limit.

# %%
from mupy_helpers.scoreboard import Costs, Scoreboard

board = Scoreboard(events)
board.add("room > 10 °C", room > 10)

# %% [markdown]
# Row zero is late: the minus sign says so.
# It also raises one needless alarm in the counted weeks, on 3 November, when a warm harvest came in and the room passed 13 °C for a short while; nothing was broken.
# (The two of 1 and 16 October came before the counting starts: another harvest, and the morning after a cloudy day.)
# A lost load and a call-out every nine days: this is the sum to beat.

# %% [markdown]
# ### Exercise 01.5
#
# "Then lower the limit!"
# Let `limit` be a room temperature at which the rule calls **before** the trip; `check` reads the row for you.
# What does being early cost?

# %%
limit = ...

# %%
check("01.5")
# hint("01.5")
# solution("01.5")

# %% [markdown]
# ## Where people look for anomalies
#
# | field | an anomaly is | a real case |
# |---|---|---|
# | fraud | a payment its owner did not make | 492 of 284,807 card payments in the data set that a Belgian university published |
# | health | a heartbeat out of rhythm | record 208 of the MIT-BIH collection, full of early beats |
# | equipment | a machine on its way to failure | a water pump with 52 sensors that broke seven times in five months |
# | intrusion | a log-in that is an attack | a server in whose log every fourth line is a wrong password, typed by machines |
# | sensor networks | an instrument that drifts or lies | three dust counters side by side in Denver, of which one disagrees |
# | text | a slip of the pen | the web's *Referer* header, misspelt in 1996 and never mended |
#
# We meet all six again, in lessons or case studies.

# %% [markdown]
# ## The life of a detector
#
# A threshold on a slide is not yet an alarm on a telephone.
# Around every detector runs the same circle.
#
# | step | in the cold store | lesson |
# |---|---|---|
# | ingest | read the file, mend what is malformed, leave gaps open | 02 |
# | features | hours of compressor, slope of the room, the usual day | 02, 05 |
# | choice | rule, chart, distance, network; the simplest that does | 03 to 07 |
# | training | fit on the past, set the threshold on days known to be healthy | 03 to 07 |
# | prediction | a score for each new reading, an alarm for a person | 08 |
# | feedback | the technician says "nothing found", and the threshold learns | 05, 08 |
#
# Most systems die between the last row and the first: nobody tells the detector that it cried wolf.

# %% [markdown]
# **What we saw.** An anomaly is relative to what we expect; it may be one value, a value in its context, or a run of harmless ones.
# Rarity makes accuracy worthless; money and hours are better judges.
#
# **New on the scoreboard.** Row zero, the rule everyone writes first: after the trip, and not free of false alarms.
#
# **What this cannot do.** We took the file as it came, with its gaps and glitches, and never looked at the other 34 channels.
# What would a careful look have found, before any method? That is [lesson 02](02_looking_at_time_series.ipynb).

# %% [markdown]
# ## References
#
# - D. M. Hawkins, *Identification of Outliers*, Chapman and Hall, 1980.
# - J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977.
# - V. Chandola, A. Banerjee, V. Kumar, "Anomaly detection: a survey", *ACM Computing Surveys* 41(3), 2009: the three kinds.
# - T. Saito, M. Rehmsmeier, "The precision-recall plot is more informative than the ROC plot when evaluating binary classifiers on imbalanced datasets", *PLoS ONE* 10(3), 2015.
# - A. Dal Pozzolo et al., "Calibrating probability with undersampling for unbalanced classification", *IEEE CIDM*, 2015: the card payments.
# - S. Paul, "Introduction to anomaly detection in Python", 2019: the salary table.
