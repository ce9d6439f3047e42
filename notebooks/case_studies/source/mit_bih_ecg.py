# ---
# jupyter:
#   mupy:
#     title: Five hundred beats and no label
#     question: A real electrocardiogram, five minutes long, with odd beats in it and nobody's labels. Which beats stand out, and how would we know that we are right?
#     able:
#       - find the events in a raw trace before scoring them, and say where none can be found
#       - keep a drifting baseline from becoming the anomaly
#       - judge a score without labels, with a description, your own eyes, and a witness that the score never saw
#     need: lesson 06, above all its simulated heartbeats
#     data:
#       - "MIT-BIH record 208, five minutes, as in scipy.datasets (Open Data Commons Attribution 1.0, PhysioNet), fetched once: `python3 course.py data`"
#     published: ecg
# ---

# %% [markdown]
# ## A real one
#
# Lesson 06 found odd beats in a simulated electrocardiogram (ECG), where the odd beats were odd because we had made them so.
# This one is from a person: five minutes of record 208 of the MIT-BIH Arrhythmia Database, minutes 19:35 to 24:35, one lead, 360 samples a second, as SciPy ships it for examples.
# (We look for what is unusual in a signal. Nothing here is a diagnosis, and nothing here should be used for one.)

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots

plots.use_style()
table = datasets.fetch_ecg()
ecg, rate = table["ecg"].to_numpy(), table.attrs["sampling_rate_hz"]
seconds = np.arange(len(ecg)) / rate
print(f"{len(ecg):,} samples, {seconds[-1]:.0f} s, {ecg.min():.1f} to {ecg.max():.1f} mV")

# %% [markdown]
# SciPy's documentation describes what is in it, and shows three places: a normal rhythm around second 10; "after second 16" the first premature contractions, of another shape, with an example from 46.5 to 50; and large artifacts, such as from 207 to 215.

# %%
places = {"normal": (8, 12), "two of another shape": (46.5, 50), "an artifact": (206, 216)}
figure, axes = plt.subplots(ncols=3, figsize=(11, 3), sharey=True)
for ax, (what, (start, end)) in zip(axes, places.items()):
    there = (seconds >= start) & (seconds <= end)
    ax.plot(seconds[there], ecg[there], color=plots.COLOURS["normal"], linewidth=0.8)
    ax.set(title=what, xlabel="seconds")
axes[0].set_ylabel("ECG (mV)")
plots.describe(figure, "Three strips. Left: narrow even spikes. Middle: spikes on a sloping baseline, two of them wide and "
                       "followed by a trough. Right: a slow wave of 3 mV on which no spike can be seen for five seconds.")
plt.show()

# %% [markdown]
# ## What is published, and what is not
#
# The database holds cardiologists' labels for the beats of this record; the excerpt comes **without** them.
# Published figures are for whole records with their labels, so none can be compared with ours, and there is no protocol to follow.
# What we have is the description, and it can be checked.
#
# ## Finding the beats
#
# A score for each beat needs the beats first; in lesson 06 we took the peaks as given.
# The naive rule: a beat is the highest sample within a quarter of a second to both sides, if it is above a fixed level.

# %%
around = pd.Series(ecg).rolling(181, center=True, min_periods=1)
is_highest = ecg == around.max().to_numpy()
for level in (0.5, 0.8, 1.1):
    print(f"above {level} mV: {(is_highest & (ecg > level)).sum()} beats")

# %% [markdown]
# Any level finds another number, because the baseline wanders by more than a beat is high.
# What does not wander is how far a beat **rises** above the lowest sample around it.

# %%
from scipy.signal import find_peaks



def rising(level):
    return find_peaks(ecg, prominence=level, distance=90, wlen=216)[0]  # valleys at most 0.3 s away


for level in (0.5, 0.8, 1.1):
    print(f"rising {level} mV: {len(rising(level))} beats")

# %% [markdown]
# SciPy's `find_peaks` measures the rise, called **prominence**, from the higher of the two valleys beside a peak.
# The same three levels now find nearly the same number; we take 0.7.
# Where does it find nothing?

# %%
peaks = rising(0.7)
interval = np.diff(peaks) / rate
for place in np.flatnonzero(interval > 1.5):
    print(f"no beat from {peaks[place] / rate:.1f} to {peaks[place + 1] / rate:.1f} s ({interval[place]:.1f} s)")

# %% [markdown]
# Three artifacts, the last of them the documented one: what the heart did there we cannot see.
# **These seconds get no score, and that is not the same as a low one**: whoever uses this must be told that nobody was looking.

# %% [markdown]
# ## The vector, and a trap
#
# A beat is a window from a quarter of a second before the peak to 0.4 s behind it: 234 numbers.
# Normal is the median beat of the first ten seconds; the six seconds after are held back for a threshold, and from second 16 on we score.
# The distance is the root of the mean square.
# (No beat sees later ones; its score is ready 0.4 s after its peak.)

# %%
peaks = peaks[(peaks >= 90) & (peaks < len(ecg) - 144)]
raw = ecg[peaks[:, None] + np.arange(-90, 144)]
from_peak, time = np.arange(-90, 144) / rate, peaks / rate
fit, held_back, new = time < 10, (time >= 10) & (time < 16), time >= 16
print(f"{fit.sum()} beats to fit, {held_back.sum()} held back, {new.sum()} to score")


def from_median(beats):
    return np.sqrt(((beats - np.median(beats[fit], axis=0)) ** 2).mean(axis=1))


# %%
raw_score = from_median(raw)
print("oddest beats, second:", np.sort(time[np.argsort(raw_score)[-8:]]).round(1))
print("called above twice the highest held-back beat:", (raw_score[new] > 2 * raw_score[held_back].max()).sum())

# %% [markdown]
# The highest held-back score is the threshold of lesson 06; we ask for twice as much, because it rests on thirteen beats (a new beat of the same kind exceeds them all with chance 1/14, some 33 times in 468).
#
# Nothing is called.
# The documentation promised odd beats all along, and the oddest of ours lie in twenty seconds of bad contact.
# This distance measures where the **baseline** stands: it drifted within the first 16 seconds already, and the threshold learned the drift.
# So each beat is levelled: its own median is taken off.

# %%
beats = raw - np.median(raw, axis=1, keepdims=True)
score = from_median(beats)
threshold = 2 * score[held_back].max()
is_called = new & (score > threshold)
print(f"highest score before second 16: {score[~new].max():.2f}, threshold {threshold:.2f}")
print(f"called: {is_called.sum()} of {new.sum()}; the first at {time[is_called][0]:.1f} s")
there = (time > 46.5) & (time < 50)
print("from 46.5 to 50 s:", pd.Series(np.where(is_called, "called", "-")[there], index=time[there].round(1)).to_dict())

# %% [markdown]
# The first beat behind second 16 is called, none before it comes near, and of the six beats of the documented strip two are called.
# The description agrees.

# %%
for factor in (1, 1.5, 2, 2.5):
    print(f"{factor} times the highest held-back score: {(score[new] > factor * score[held_back].max()).sum()} called")

# %% [markdown]
# Another factor, another number of calls; nothing here says which is right.

# %%
figure, ax = plt.subplots()
ax.plot(time, score, ".", color=plots.COLOURS["score"], label="distance from the median beat")
ax.axhline(threshold, color=plots.COLOURS["threshold"], linestyle="--", label="threshold")
ax.axvspan(0, 10, color=plots.COLOURS["healthy"], alpha=0.2, label="fitted on")
ax.set(title="Two bands: the scores part without being told to", xlabel="seconds", ylabel="score (mV)", ylim=(0, 0.95))
ax.legend(loc="upper right", ncols=3)
plots.describe(ax, "Score of each beat over five minutes: most near 0.1 mV, a second band from 0.4 to 0.65 after second "
                   "16, with some beats between. The threshold at 0.43 cuts the lower edge of the upper band.")
plt.show()

# %% [markdown]
# ## Look at them
#
# Twenty oddest, twenty most usual: the cheapest check there is.

# %%
def gallery(chosen, colour, axes):
    for ax, beat in zip(axes.flat, chosen):
        ax.plot(from_peak, beats[beat], color=plots.COLOURS[colour], linewidth=0.9)
        ax.set_title(f"{time[beat]:.0f} s", fontsize=9)
        ax.set(xticks=[], ylim=(-1.6, 3))


# %%
order = np.argsort(score)
figure, axes = plt.subplots(nrows=4, ncols=10, figsize=(12, 6), sharey=True)
gallery(order[-20:], "anomaly", axes[:2])
gallery(order[:20], "normal", axes[2:])
figure.suptitle("Most of the oddest are wide and alike; a few are noise")
plots.describe(figure, "Forty beats. The upper twenty, the oddest, are mostly one wide shape with a deep trough behind it; "
                       "three or four are jagged noise. The lower twenty, the most usual, are all the same narrow spike.")
plt.show()

# %% [markdown]
# Odd is two things here, and the score cannot tell them apart: a beat of another **shape**, over and over the same; and **noise**, every time another.
#
# ## The shapes
#
# To look, not to score, we group all beats by shape (k-means, so this sees the whole recording).

# %%
from sklearn.cluster import KMeans

groups = KMeans(3, n_init=10, random_state=0).fit_predict(beats)
names = dict(zip(np.argsort(np.bincount(groups))[::-1], ["narrow", "wide", "between"]))
shape = pd.Series(groups).map(names)
fate = np.where(is_called, "called", np.where(new, "not called", "before second 16"))
pd.crosstab(shape, fate).rename_axis(index=None, columns=None)

# %%
figure, axes = plt.subplots(ncols=3, figsize=(11, 3), sharey=True)
for ax, (kind, colour) in zip(axes, {"narrow": "normal", "wide": "anomaly", "between": "fault"}.items()):
    ax.plot(from_peak, beats[shape == kind].T, color=plots.COLOURS[colour], linewidth=0.3, alpha=0.5)
    ax.set(title=f"{kind}: {(shape == kind).sum()}", xlabel="seconds from the peak", ylim=(-1.6, 3))
axes[0].set_ylabel("ECG, levelled (mV)")
plots.describe(figure, "All beats by group. Narrow: a spike and a small wave. Wide: a broad hump with a trough behind. "
                       "Between: a tall spike with a foot in front and a shallow trough behind.")
plt.show()

# %% [markdown]
# Nearly all wide beats have the same hump and the same trough.
# (Two groups would make one of *wide* and *between*, four would split *narrow*: three is our choice.)
# The third group has the spike of the one and the trough of the other, and our threshold runs through the middle of it.
# A **fusion beat** is one where a normal and a premature one meet; whether these are such is for cardiologists to say.

# %% [markdown]
# ## A witness that the score never saw
#
# A premature beat comes early, and a pause follows; our score has seen shapes only, no clock.
# So we ask the clock: the interval **before** a beat and **after** it, each divided by the usual one (the median of the eight before).

# %%
def against_usual(time):
    interval = pd.Series(time).diff()
    usual = interval.shift(1).rolling(8, min_periods=3).median()
    return pd.DataFrame({"before": interval / usual, "after": interval.shift(-1) / usual})


clock = against_usual(time)
clock.groupby(shape).median().assign(beats=shape.value_counts()).round(2)

# %% [markdown]
# The wide beats come a little early, and the pause after them is a little long; the others come on time.
# The difference is small; could it be chance?
# If shape and clock had nothing to do with each other, the called beats would be any beats.

# %%
pause = (clock["after"] / clock["before"])[new].dropna()
called = is_called[pause.index]
rng = np.random.default_rng(7)
lots = [np.median(rng.choice(pause, called.sum(), replace=False)) for _ in range(2000)]
print(f"after / before, median: called {pause[called].median():.2f}, not called {pause[~called].median():.2f}")
print(f"as many beats drawn by lot, 2,000 times: {min(lots):.2f} to {max(lots):.2f}")

# %% [markdown]
# No lot of 2,000 comes near: the witness agrees with the shapes.
# It says that called beats **as a group** come early, with a pause behind; it does not say so of a single beat, and of the group *between*, which comes on time, it says nothing at all.
# Nor is it quite deaf to shape: we read the clock at the peak, and a wide beat peaks later after its beginning than a narrow one, which hides a part of its earliness.

# %% [markdown]
# ## Beside the simulated heart
#
# In lesson 06 the clock alone ranked every odd beat first.

# %%
from sklearn.metrics import roc_auc_score

simulated = datasets.load_heartbeats_labels()
hearts = {"simulated": (against_usual(simulated.index.total_seconds()), (simulated == "ectopic").to_numpy()),
          "record 208": (clock, (shape == "wide").to_numpy())}
for where, (times, odd) in hearts.items():
    known = times["before"].notna()
    print(f"{where}: AUC of coming early {roc_auc_score(odd[known], -times['before'][known]):.2f}")

# %%
figure, axes = plt.subplots(ncols=2, figsize=(10.5, 4), sharex=True, sharey=True)
for ax, (where, (times, odd)) in zip(axes, hearts.items()):
    ax.plot(*times[~odd].to_numpy().T, ".", color=plots.COLOURS["normal"], label="others", alpha=0.5)
    ax.plot(*times[odd].to_numpy().T, "x", color=plots.COLOURS["anomaly"], label="odd (left), wide (right)")
    ax.set(title=f"{where}: odd beats {'apart' if where == 'simulated' else 'in the crowd'}", xlim=(0.3, 1.9),
           ylim=(0.3, 1.9), xlabel="interval before / usual", ylabel="interval after / usual")
axes[0].legend()
plots.describe(figure, "Interval after against interval before. Simulated: odd beats far in the corner of early and long "
                       "pause. Record 208: odd beats only slightly earlier, a cloud that overlaps the others.")
plt.show()

# %% [markdown]
# (On the left, the two small clouds are the neighbours of odd beats: after a pause, or before an early one.)
#
# Our simulation was kind: its odd beats come as early as no other beat does.
# On this heart the clock ranks the wide ones worse (a group, not a label: so we cannot ask how well shape does, which made it).
# A method that is tested on simulated data is tested on what its author thought of.

# %% [markdown]
# ## What made the difference

# %%
def from_pca(beats, k=1):
    mean = beats[fit].mean(axis=0)
    directions = np.linalg.svd(beats[fit] - mean, full_matrices=False)[2][:k]
    off = beats - mean
    return np.sqrt(((off - off @ directions.T @ directions) ** 2).mean(axis=1))


# %%
def row(scores):
    call = new & (scores > 2 * scores[held_back].max())
    return {"called": call.sum(), **{f"{kind}, called": call[shape == kind].sum() for kind in ("wide", "narrow")}}


pd.DataFrame({"raw, median beat": row(raw_score), "raw, PCA with 1 component": row(from_pca(raw)),
              "levelled, median beat": row(score), "levelled, PCA with 1": row(from_pca(beats)),
              "levelled, PCA with 4": row(from_pca(beats, 4))}).T

# %% [markdown]
# Levelling is what counts (and the groups are made of levelled beats, which flatters it).
# PCA with one component does a part of it on raw beats: as in lesson 06 its component is nearly the shift up and down.
# Once the beats are level, the choice of the method hardly matters.

# %% [markdown]
# ## What to distrust
#
# - **The columns of that table are not a truth.** "Wide" is a group that k-means made of the same numbers that are scored. The clock is the only outsider.
# - **The description led us.** We knew from SciPy's words which seconds are normal. On another recording somebody has to look first.
# - **Noise is called, too**, and beats lost in noise are not.
# - **One heart.** A median beat belongs to one person, one lead and one day.
# - **The labels exist**, at PhysioNet, and we have not counted.
#
# **What we saw.** Without labels there are still four things to do: check what was described; look at the oddest and at the most usual; ask a witness that the score never saw; and count what was not scored.
#
# **What this cannot do.** Tell an odd beat from a noisy one, or say what any of it means.

# %% [markdown]
# ## Going further
#
# Score the noise: how far is a beat from **every** other beat? A shape that comes back has near neighbours, and noise has none (lesson 04).

# %% [markdown]
# ## References
#
# - G. B. Moody, R. G. Mark, "The impact of the MIT-BIH arrhythmia database", *IEEE Engineering in Medicine and Biology* 20, 2001; the beats of each record are counted in the database's directory at physionet.org.
# - A. L. Goldberger et al., "PhysioBank, PhysioToolkit, and PhysioNet", *Circulation* 101, 2000.
# - SciPy's documentation of `scipy.datasets.electrocardiogram`: the description that we check.
# - J. Pan, W. J. Tompkins, "A real-time QRS detection algorithm", *IEEE Transactions on Biomedical Engineering* 32, 1985: how beats are usually found.
# - P. de Chazal, M. O'Dwyer, R. B. Reilly, "Automatic classification of heartbeats using ECG morphology and heartbeat interval features", *IEEE Transactions on Biomedical Engineering* 51, 2004: shapes and clock together, with labels, and with people kept apart.
