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
# By day the sun drives a compressor, which cools the room and freezes the water of a thermal store; by night the sun is gone, and the melting ice keeps the room cold.
# The fluid that the compressor pumps round, to carry the heat out, is the **refrigerant**.
# In October 2015 it leaked away.
#
# The recording was never published.
# What is known of it, a table of summary figures and the dates of the story, our simulator comes close to (`data/README.md` says how, and how close); so here is what the room's thermometer would have shown.

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
# In health the room swings between about 1 °C at noon and 7 to 8 °C by night.
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
# Three alarms.
# The first begins on 23 October and lasts until the repair; the second is a flicker while the repaired store cools down.
# What the third was, we ask below.

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
# In a real log nobody would know when the leak began; we know, because we simulate it.
# How strongly it shows before the trip was our choice too.
# So hours on this file compare one method with another; they do not say how early a real leak can be seen.

# %%
around = room["2015-10-20":"2015-10-23"]
ax = plots.plot_series(around, title="The rule calls when it is over", ylabel="room (°C)")
plots.shade_events(ax, pd.DataFrame({"start": [leak["start"]], "end": [leak["trip"]]}), label="leak until trip")
ax.axhline(10, color=plots.COLOURS["threshold"], linestyle="--", label="10 °C")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.describe(ax, "Room from 20 to 23 October. The span from the leak's start to the trip is shaded; the room "
                   "stays below 10 °C in all of it and passes the line only afterwards.")
plt.show()

# %% [markdown]
# The rule calls almost an hour after the trip.
# By then the compressor is locked, and the alarm only says that the room is getting warm.
# The leak itself began two and a half days before.
# **Somewhere in the shaded days the 35 channels began to look wrong.**
# Finding that moment is the craft of this course.

# %% [markdown]
# ## ◆ What is an anomaly?
#
# An **anomaly** is an observation, or a group of them, so unlike what we expect that we suspect another mechanism behind it.
# Hawkins (1980) put it almost so, with one difference: to him an outlier is far from the **other observations**, to us it is unlike what we **expect**.
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
# A **global anomaly** (many books say point anomaly) is extreme among all the values.
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
# For bell-shaped data about seven readings in a thousand lie beyond it though nothing is wrong; for skewed data, such as real salaries, many more.

# %%
q1, q3 = salaries.quantile([0.25, 0.75])
iqr = q3 - q1
lower_fence, upper_fence = q1 - 1.5 * iqr, q3 + 1.5 * iqr
is_anomaly = (salaries < lower_fence) | (salaries > upper_fence)
print(f"fences {lower_fence} and {upper_fence}")
print(salaries[is_anomaly])

# %%
from matplotlib.cbook import boxplot_stats

print("the library's outliers:", boxplot_stats(salaries)[0]["fliers"])

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
plots.describe(ax, "Six years of daily temperature, one wave a year from 16 to 35 °C. A cross at "
                   "32 °C marks 16 January 2013, far above the winters, level with summers.")
plt.show()

# %% [markdown]
# More than a hundred days in the table are as warm, so no fence around all values can find this one without them.
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
# Now look at ten parcels in a row, on average. (That it is ten, we happen to know; in a mean of three the run would hardly stand out.)

# %%
ten = late.rolling(10).mean()
print(f"usual: {ten.median():.2f} days late, worst ten in a row: {ten.max():.2f}")

# %%
title = "Ten in a row, each a little late"
ax = plots.plot_series(late, title=title, ylabel="days late", linewidth=0.6, show_gaps=False)
ax.plot(ten.index, ten, color=plots.COLOURS["score"], linewidth=3, label="mean of the last ten")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.describe(ax, "Lateness of 300 parcels, from 2 days early to 2 days late. The mean of the last "
                   "ten stays near zero, but reaches one day late in June 2015.")
plt.show()

# %% [markdown]
# Parcels come early and late, and on average a little early.
# Then, in June 2015, ten in a row are about a day late: a **collective anomaly**, made of members that are each unsuspicious.
# In our cold store, too, the first day of the leak has not one strange reading of the room.

# %%
first_day = room["2015-10-20 20:00":"2015-10-21 20:00"]
print(f"the room on the first day of the leak: {first_day.min()} to {first_day.max()} °C")

# %% [markdown]
# A healthy day reads the same.
# Whether they are strange **together** is a question for the lessons to come.

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

# %%
print(late["2015-06-12":"2015-06-29"].round(1).to_string())

# %% [markdown]
# From 15 to 26 June each parcel is between 0.6 and 1.2 days late.
# Before and after them some parcels come early again.

# %% [markdown]
# ## What do we know when we start?
#
# | | we have | example | lesson |
# |---|---|---|---|
# | **unsupervised** | data, no labels; anomalies may be inside | the salaries | 03, 04, 07 |
# | **semi-supervised** | a stretch known to be normal | the cold store before 18 October: no known leak | 03, 04, 06, 07 |
# | **supervised** | past anomalies with labels | a fleet of stores whose failures were written down | 05 |
#
# (Elsewhere "semi-supervised" may mean a few labels; scikit-learn calls our middle row novelty detection.)
# For machines the middle row is often to be had: they mostly work, and somebody can name a good week.
# Labels of past failures are few, and the next failure may be of a kind that nobody has seen.

# %% [markdown]
# ## The ladder of methods
#
# A preview of the course, worth reading again after lesson 05.
# Each rung sees something that the one before misses, and misses something itself.
#
# | rung | asks | misses |
# |---|---|---|
# | threshold | is the value too large? | the context, and someone must set each limit |
# | aggregate | is the day's mean or spread unusual? | the order of the readings |
# | forecast | is it far from what the past foretold? | slow change, which the forecast follows |
# | distance | has this hour any neighbours? | time: yesterday and last year count alike |
# | supervised | does it look like past failures? | kinds of failure that nobody labelled |
#
# The second row is easily believed and worth seeing once.

# %%
day = room["2015-11-05"]
shuffled = pd.Series(np.random.default_rng(7).permutation(day), index=day.index)
both = pd.DataFrame({"day": day, "shuffled": shuffled})
both.agg(["mean", "std", "min", "max"]).round(2)

# %%
title = "The same readings in another order: no cold store does that"
ax = plots.plot_series(day, title=title, ylabel="room (°C)", label="5 November")
ax.plot(shuffled, linestyle="", marker=".", color=plots.COLOURS["anomaly"], label="shuffled")
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
plots.describe(ax, "The room on 5 November as a curve, and the same values shuffled, as scattered dots.")
plt.show()

# %% [markdown]
# Every summary agrees, of course, and no cold store ever behaved like the dots.
# An aggregate forgets the order, and in a time series much of the story is in the order.

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
print(f"accuracy: {(flagged == y).mean():.1%}")

# %% [markdown]
# This is the **confusion matrix**.
# The detector that knows something is the **less** accurate one: 99.3 % against 99.8 %.
# Read it by rows: of the frauds, half are flagged (**recall**).
# Read it by columns: of the flagged payments, about one in seven is a fraud (**precision**).
# Which of the two matters more is not a question of statistics but of money.

# %%
from sklearn.metrics import precision_score, recall_score

print(f"recall {recall_score(y, flagged):.2f}, precision {precision_score(y, flagged):.2f}")

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
ax.set(title="The cost is flat near its lowest point", xlabel="threshold", ylabel="total cost", ylim=0)
plots.describe(ax, "Total cost against threshold: high at low thresholds, lowest near 2.4, slowly rising after.")
plt.show()

# %% [markdown]
# Moving from our first threshold of 2.5 to 2.4 saves 120 of 7,320: almost nothing, because the curve is flat near its lowest point.
# That is good news, since we chose the threshold on the very payments that we judge it on; from lesson 03 on we choose on one stretch and judge on another.

# %% [markdown]
# ### Exercise 01.4
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
# ## Going further: without a threshold, two curves, one of them kind
#
# A detector can be judged over all thresholds at once.
# The **ROC curve** (receiver operating characteristic) draws recall against the share of normal payments flagged.
# The area under it (**AUC**) is the chance that a random fraud scores higher than a random normal payment.
# The **precision-recall curve** draws precision against recall; the area under that one is the **average precision** (AP).

# %%
from sklearn.metrics import PrecisionRecallDisplay, RocCurveDisplay, average_precision_score, roc_auc_score

figure, (left, right) = plt.subplots(ncols=2, figsize=(10, 4.2))
RocCurveDisplay.from_predictions(y, scores, ax=left, name="detector")
left.plot([0, 1], [0, 1], color=plots.COLOURS["missing"], linestyle=":")
PrecisionRecallDisplay.from_predictions(y, scores, ax=right, name="detector")
right.axhline(y.mean(), color=plots.COLOURS["missing"], linestyle=":")
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
# (The dotted lines are what guessing reaches.)
# An area of 0.96 looks superb, and would be about the same if every second payment were a fraud: it does not see how rare they are.
# One per cent of the normal payments is five times as many as there are frauds; precision sees that, and is 0.28 on average.
# **Precision at n** is the plainest of all: of the 100 payments we have time to look at, 33 were worth it.
# Where anomalies are rare, ask for precision, and be careful when somebody shows only a ROC curve.

# %% [markdown]
# ## ◆ Row zero of the scoreboard
#
# For a cold store precision in rows is not what we want to know.
# Nobody answers an alarm row by row; somebody drives out once.
# So the course's board measures three things of its own.
#
# - **Hours before the trip**: when an alarm was first raised after the leak began, counted back from the low-pressure trip. One that was up already does not count.
# - **False alarms per week** of healthy recording: gaps, the leak and the day after the repair are left out, and alarms less than an hour apart are one. A call for a glitch of a sensor is false too.
# - **Expected cost per year**: one leak a year, a lost load at 6,000 € unless the alarm came at least twelve hours before the trip, and 80 € for each needless call-out. The twelve hours are our guess at the time to get a technician and a spare part there; from the trip on we count the load as lost.
#
# These prices are ours, and `Costs` changes them to yours.
# Days before 18 October may be used to fit a method; the board counts from that day on, for every method alike.
# Row zero is fitted on nothing: somebody typed the limit.

# %%
from mupy_helpers.scoreboard import Costs, Scoreboard

board = Scoreboard(events)
board.add("never call", room > 1000)
board.add("room > 10 °C", room > 10)

# %% [markdown]
# Row zero is late: the minus sign says so.
# It also calls once for nothing.

# %%
print(events.loc[events["start"] > "2015-11-01", ["kind", "start", "end"]].to_string())

# %% [markdown]
# On 3 November a warm harvest came in, and the room passed 13 °C for a short while; nothing was broken.
# One call in 1.2 weeks makes 0.82 a week, or 43 a year, and costs 3,410 €.
# That is a rate from a single event: the true one may be anything from nearly none to four or five a week, so a difference of one call between two methods means nothing.
#
# Never calling costs 6,000 €.
# Row zero cannot be better than that: on this board it saves nothing, and every needless call comes on top.
# **6,000 € is the sum to beat.**
#
# Two things to know before you copy this rule.
# A reading that is missing compares as False, so the rule is silent when its thermometer dies.
# And an alarm that stays up calls again each day on this board, or the rule "always" would call only once.
#
# Your prices are not ours.

# %%
dear_load = Scoreboard(events, Costs(lost_load=20_000, call_out=150))
dear_load.add("never call", room > 1000)
dear_load.add("room > 10 °C", room > 10)

# %% [markdown]
# With a dearer load both rows are dearer, and their order is the same.
# With `Costs(hours_needed=-1)` it turns round: if your load can stand a warm hour, row zero saves it.
# So ask first what your load can stand.

# %% [markdown]
# ### ◆ Exercise 01.5
#
# "Then lower the limit!"
# Put limits from 5 to 14 °C on the board, in steps of half a degree.
# Let `early_limit` be the **highest** of them whose row shows twelve hours before the trip or more.
# What does being early cost?

# %%
early_limit = ...

# %%
check("01.5")
# hint("01.5")
# solution("01.5")

# %% [markdown]
# Where the rule is early, it calls once or twice on every healthy day: the call for the leak was one among many, and nobody would have believed it.
# Where it is quiet, it is late.
# Even chosen with hindsight, no limit on the room is both, because a limit does not know the hour.
# Look at noon on 22 October in the figure with the shaded span: such readings are nothing by night, and yet the room was warmer than at all healthy noons but three.

# %% [markdown]
# ## Going further: turn it yourself
#
# Below is the rule with every limit from 3 to 25 °C, and what each would have brought from 18 October on.
# Run the cell, then drag the threshold, or click on it and use the arrow keys.
# (Without a kernel there is no slider: the picture shows all limits at once.)

# %% tags=["nbval-ignore-output"]
# Not compared: the controls are new at each run.
from mupy_helpers import widgets

scored = df["room_temp"]["2015-10-18":]
widgets.threshold_explorer(scored, events[events["kind"] == "slow_leak"], range(3, 26), name="room (°C)")

# %% [markdown]
# **Precision** is the share of the alarm's rows that lie in the leak before the trip, **recall** the share of those rows under the alarm; the cost is that of this recording, not of a year.
# No limit warns in time, so the load is lost at each of them, and the cheapest are those that call nobody before that.
# Where one number is all we may turn, turning does not help.

# %% [markdown]
# ## Where people look for anomalies
#
# | field | an anomaly is | a real case |
# |---|---|---|
# | fraud | a payment its owner did not make | 492 of 284,807 card payments in the data set that a Belgian university published |
# | health | a heartbeat out of rhythm | record 208 of the MIT-BIH collection, full of early beats |
# | equipment | a machine on its way to failure | a water pump with 52 sensors that broke seven times in five months |
# | intrusion | a log-in that is an attack | a server in whose log every fourth line is a wrong password, typed by machines |
# | sensor networks | an instrument that drifts or lies | three dust counters side by side in Denver, one of which disagreed with its twins |
# | text | a slip of the pen | the web's *Referer* header, misspelt in 1996 and never mended |
#
# We meet most of them again, in lessons or case studies.

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
# The last row leads back to the first: a detector that is never told when it cried wolf stays as it is.

# %% [markdown]
# **What we saw.** An anomaly is relative to what we expect; it may be one value, a value in its context, or a run of harmless ones.
# Rarity makes accuracy worthless; money and hours are better judges.
#
# **New on the scoreboard.** Row zero, the rule everyone writes first: late, not free of false alarms, and no cheaper than no alarm at all.
#
# **What this cannot do.** We looked at one channel of 35, and the loader had quietly mended the file before we saw it.
# What would a careful look have found, before any method? That is [lesson 02](02_looking_at_time_series.ipynb).

# %% [markdown]
# ## References
#
# - D. M. Hawkins, *Identification of Outliers*, Chapman and Hall, 1980.
# - J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977.
# - V. Chandola, A. Banerjee, V. Kumar, "Anomaly detection: a survey", *ACM Computing Surveys* 41(3), 2009: the three kinds.
# - T. Saito, M. Rehmsmeier, "The precision-recall plot is more informative than the ROC plot when evaluating binary classifiers on imbalanced datasets", *PLoS ONE* 10(3), 2015.
# - C. Elkan, "The foundations of cost-sensitive learning", *IJCAI*, 2001: thresholds from costs.
# - A. Dal Pozzolo et al., "Calibrating probability with undersampling for unbalanced classification", *IEEE CIDM*, 2015: the card payments.
# - S. Paul, "Introduction to anomaly detection in Python", 2019: the salary table.
