# ---
# jupyter:
#   mupy:
#     title: Ensembles, and the final scoreboard
#     question: If three detectors disagree, whom do we believe?
#     able:
#       - bring scores of different detectors on one scale, by training scores alone
#       - put them together by mean, maximum, vote and weights, and say where each fails
#       - measure by an ablation what each part of an ensemble brings, and see when the best single part wins
#       - tell a metric that lies from one that does not, by giving it random scores
#       - put a detector of your own on a leaderboard, and read a wide interval
#     need: lessons 03 and 04; lesson 06 for the LSTM autoencoder
#     data:
#       - the cold store, and twelve more of its kind, simulated (CC BY 4.0)
#       - eleven short recordings of the leaderboard, simulated by rule (CC BY 4.0)
# ---

# %% [markdown]
# ## ◆ Whose seven is large?
#
# Three detectors of the lessons before look at the seven channels of the machine.
# All are fitted on the first seven tenths of the days before 18 October; the last three tenths are **held back**: healthy rows that no detector has been fitted on.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pyod.models.knn import KNN

from mupy_helpers import datasets, plots, recipes
from mupy_helpers.detectors import T2SPE, VARResidual
from mupy_helpers.exercises import check, hint, solution

# %%
plots.use_style()
df = datasets.load_cold_store()
events = datasets.load_cold_store_events()
leak = events[events["kind"] == "slow_leak"].iloc[0]

# %%
rows = recipes.machine_features(df, "2015-10-18", every=8)
n_fit = round(0.7 * len(rows[:"2015-10-17"]))
detectors = {"T² + SPE": T2SPE(n_components=0.9), "VAR residual": VARResidual(lags=2),
             "k-NN distance": KNN(n_neighbors=10)}
raw = {name: detector.fit(rows[:n_fit]).decision_function(rows[n_fit:]) for name, detector in detectors.items()}
raw = pd.DataFrame(raw, index=rows.index[n_fit:])
held_back, later = raw[:"2015-10-17"], raw["2015-10-18":leak["trip"]]
print(f"{len(held_back)} rows held back, {len(later)} rows from 18 October to the trip")

# %%
figure, axes = plt.subplots(nrows=3, sharex=True, figsize=(10, 6))
figure.suptitle("VAR passes seven on any day, k-NN distance not even in the leak", weight="bold", x=0, ha="left")
for ax, name in zip(axes, later):
    ax.plot(later[name].clip(upper=60).resample("30min").max(), color=plots.COLOURS["score"])
    ax.axhline(7, color=plots.COLOURS["threshold"], linestyle="--")
    ax.axvspan(leak["start"], leak["trip"], color=plots.COLOURS["fault"], alpha=0.22)
    ax.set_ylabel(name)
axes[-1].set_xlabel("score (cut at 60); dashed: seven; shaded: the leak until the trip")
plots.describe(figure, "Scores of T² + SPE, VAR residual and k-NN distance from 18 to 23 October, with a dashed line at seven: "
                       "VAR crosses it many times, T² + SPE only just before the trip, k-NN distance never.")
plt.show()
pd.DataFrame({"median": held_back.median(), "largest": held_back.max(), "share above 7": (held_back > 7).mean()}).round(2)

# %% [markdown]
# These are healthy rows, and the numbers have nothing in common.
# T² + SPE hardly ever reaches 1, k-NN distance hardly 2; VAR passes 7 in nearly a quarter of the rows.
# If we added the three as they are, VAR would decide alone, because it speaks in larger numbers.

# %% [markdown]
# ## ◆ One scale for all
#
# Every scale asks the same: **how unusual is this score among scores of healthy rows?**
# The yardstick comes from training scores alone, as in lesson 03; ours are the rows held back.
#
# - **rank**: the share of the training scores that are lower; 1 is "as high as it gets", and far can not be told from very far;
# - **z** and **robust z**: distance from the mean in standard deviations, or from the median in scaled MADs;
# - **probability**: the z-score through the Gaussian curve, erf(z / √2), and 0 below the mean.

# %%
from scipy.special import erf

from mupy_helpers.ensembles import ScoreScale

train_scores, new_scores = held_back["VAR residual"].to_numpy(), later["VAR residual"].to_numpy()
by_hand = {"rank": (train_scores < new_scores[:, None]).mean(axis=1),
           "z": (new_scores - train_scores.mean()) / train_scores.std()}
by_hand["probability"] = erf(by_hand["z"] / np.sqrt(2)).clip(min=0)
for scale, values in by_hand.items():
    print(f"{scale:>11} agrees:", np.allclose(values, ScoreScale(scale).fit(train_scores).transform(new_scores)))

# %% [markdown]
# ### Exercise 07.1
#
# The robust z is still missing.
# Write `robust_z(train_scores, scores)`: the signed distance of each of `scores` from the median, in MADs times 1.4826.
# Which of the two arguments do median and MAD come from?

# %%
def robust_z(train_scores, scores):
    ...

# %%
check("07.1")
# hint("07.1")
# solution("07.1")

# %%
scaled = pd.DataFrame({name: ScoreScale("robust_z").fit(held_back[name]).transform(later[name]) for name in later},
                      index=later.index)
scaled.resample("1D").mean().round(1)

# %% [markdown]
# Now the three can be read side by side, day by day.
# On the 23rd none is in doubt.
# On the 22nd they disagree: to VAR the day is far out, to the others hardly unusual.
# But on the healthy 18th VAR has 4.2 already: its scores have a long tail, of which median and MAD know nothing.
# The unit is common now, the shape is not.

# %% [markdown]
# ## ◆ Mean, maximum, vote, weights
#
# One leak decides nothing, so we ask ten recordings, two for each of five kinds of event: five healthy days, of which we hold the last three tenths back for the scale, then five days with three events.
# How well do the scores rank the rows of the events above the others?
# Every threshold has a **precision** (which share of the alarms is right) and a **recall** (which share of the labelled rows is found); the precision-recall curve draws one against the other for all thresholds.
# The **volume under the surface** (VUS-PR) is the area under it, averaged over labels with more and more blurred edges, so that a near miss counts for something.
# Perfect scores get 1, random ones somewhat more than the share of labelled rows; we always show them.

# %%
from mupy_helpers.leaderboard import KINDS, simulated_recording
from mupy_helpers.metrics import volume_under_surface

N_FIT, N_HEALTHY = 504, 720


def robust_scores(detector, rows):
    scores = detector.fit(rows[:N_FIT]).decision_function(rows[N_FIT:])
    held, after = np.split(np.asarray(scores), [N_HEALTHY - N_FIT])
    return ScoreScale("robust_z").fit(held).transform(after)


def volume(recording, scores):
    return volume_under_surface(recording.labels[N_HEALTHY:], np.asarray(scores), window=48).pr


# %%
trio = {"T² + SPE": T2SPE(n_components=1), "VAR residual": VARResidual(lags=4), "k-NN distance": KNN(n_neighbors=10)}
recordings = [simulated_recording(kind, seed) for kind in KINDS for seed in (1, 2)]

# %%
columns = [pd.DataFrame({name: robust_scores(detector, one.rows) for name, detector in trio.items()})
           for one in recordings]
alone = pd.DataFrame([{name: volume(one, scores[name]) for name in scores}
                      for one, scores in zip(recordings, columns)])
rng = np.random.default_rng(7)
alone["random"] = [volume(one, rng.random(len(scores))) for one, scores in zip(recordings, columns)]
by_kind = alone.groupby([one.name.split()[0] for one in recordings], sort=False).mean()
by_kind.round(2)

# %% [markdown]
# VAR is surprised by a spike and by little else: what lasts is foretold by the row before, and there it is no better than chance.
# The other two see all kinds, the drift only just: more than half is what chance gets there.
# Nobody is best everywhere.

# %%
from mupy_helpers.ensembles import combine_scores

rules = {"mean": lambda scores: combine_scores(scores, "mean"), "max": lambda scores: combine_scores(scores, "max"),
         "median": lambda scores: combine_scores(scores, "median"),
         "vote, score above 3": lambda scores: combine_scores(scores > 3, "vote")}
print("by hand:", np.allclose(columns[0].mean(axis=1), rules["mean"](columns[0])),
      np.allclose(columns[0].max(axis=1), rules["max"](columns[0])))

# %%
rng = np.random.default_rng(7)
broken = [scores.assign(broken=np.where(rng.random(len(scores)) < 0.2, 100, 0)) for scores in columns]
copied = [scores.assign(**{f"copy {i}": scores["VAR residual"] for i in range(6)}) for scores in columns]

# %%
table = pd.DataFrame({what: {how: np.mean([volume(one, rule(scores)) for one, scores in zip(recordings, some)])
                             for how, rule in rules.items()}
                      for what, some in [("the three", columns), ("and a broken one", broken),
                                         ("and six copies of VAR", copied)]})
print(alone.mean().round(2).to_string())
table.round(2)

# %% [markdown]
# Mean, maximum and median of the three are as good as the best of them, and nobody had to know beforehand which that would be.
# The vote gives away how far above its limit each one is.
#
# Then a **broken** detector joins and shouts 100 at one row in five, at random.
# The maximum believes who shouts loudest and falls to chance; the mean loses much of what it had; the median hardly anything.
#
# Six **copies** of VAR add weight and no knowledge: the median becomes VAR, the weakest of the three, and the mean is pulled towards it.
# The maximum does not mind, because a copy never says more than the first.
# So an ensemble is **insurance**, and each rule insures against something else.

# %% [markdown]
# ## Weights, and votes
#
# Back on the cold store: how alike are our three?
# Look at the correlation of the scores on healthy rows before you count heads.

# %%
print(held_back.corr("spearman").round(2).to_string())
weighted = [combine_scores(scores, "mean", weights=[2, 1, 2]) for scores in columns]
print(f"VAR counted half: {np.mean([volume(one, scores) for one, scores in zip(recordings, weighted)]):.3f}, "
      f"all alike: {table.loc['mean', 'the three']:.3f}")

# %% [markdown]
# Weights say whom we trust more.
# But where should they come from?
# We halved VAR because we had seen the table above, so the last line is worth nothing.
# With labels from **other** recordings one could fit weights, and that is lesson 05; without labels, equal weights are hard to beat.

# %%
healthy_limit = held_back.quantile(0.99)


def early_volume(scores):
    return volume_under_surface(later.index >= leak["start"], np.asarray(scores), window=60).pr


# %% [markdown]
# ### Exercise 07.2
#
# Let `majority` be a Series of True and False for the rows of `later`: True where **at least two** of the three detectors are above their own limit in `healthy_limit`.

# %%
majority = ...

# %%
check("07.2")
# hint("07.2")
# solution("07.2")

# %% [markdown]
# ## Going further: many eyes from one detector
#
# **Feature bagging** makes an ensemble of one method: each member sees a random half or more of the channels, and their scores are averaged.
# A channel of pure noise then spoils some members and not all.

# %%
from pyod.models.lof import LOF

train, new = rows[:n_fit].to_numpy(), rows.loc[later.index].to_numpy()
rng = np.random.default_rng(7)
bags = [rng.choice(7, size=rng.integers(4, 7), replace=False) for _ in range(10)]
members = [LOF(n_neighbors=20).fit(train[:, bag]).decision_function(new[:, bag]) for bag in bags]

# %%
from pyod.models.lscp import LSCP

lscp = LSCP([LOF(n_neighbors=k) for k in (10, 20, 40)], local_region_size=30, n_bins=3, random_state=7).fit(train)

# %%
pd.Series({
    "LOF, all channels": early_volume(LOF(n_neighbors=20).fit(train).decision_function(new)),
    "feature bagging, worst member": min(early_volume(scores) for scores in members),
    "feature bagging, best member": max(early_volume(scores) for scores in members),
    "feature bagging, mean of ten": early_volume(np.mean(members, axis=0)),
    "LSCP, three LOFs": early_volume(lscp.decision_function(new)),
    "random scores": early_volume(rng.random(len(new))),
}, name="VUS-PR").round(2).to_frame()

# %% [markdown]
# Half of these rows are labelled, so random scores get about half, and LOF is not far above.
# One member is better than LOF on all channels, one is worse, and their mean is where LOF was: no channel of ours is noise, so there is little to insure.
# (LOF scores are ratios already, one is usual, so the members need no scale.)
# **LSCP** (locally selective combination in parallel ensembles) goes the other way: for each row it looks which detectors agree with the crowd among the row's neighbours, and lets only those speak.
#
# PyOD has feature bagging too, and **SUOD**, which trains many different detectors fast: it projects wide tables to narrow ones, replaces slow detectors by quick regressions at prediction time, and spreads the fits over the cores.
# Both need packages that PyOD does not bring along (SUOD is one of its own), so we leave it at the ten lines above.

# %% [markdown]
# ## Linear and non-linear together
#
# The course's ensemble puts three ideas together: **T² + SPE** (lesson 04: does the row fit the pattern of the PCA?), **VAR** (lesson 03: was it foreseeable from the rows before?), and the **LSTM autoencoder** (lesson 06: does an hour look like a healthy hour?).
# An **ablation** takes parts away, one after another, and measures what is lost.
# The network draws lots, so we do it with five seeds.
# (The first fit takes ten to twenty seconds, most of it compilation; the other four a second each.)

# %%
scores_of = {0: recipes.members_scores(df, "2015-10-18", recipes.members(0))}

# %%
from itertools import combinations

scores_of |= {seed: recipes.members_scores(df, "2015-10-18", recipes.members(seed)) for seed in range(1, 5)}
parts = [list(some) for size in (1, 2, 3) for some in combinations(scores_of[0].columns, size)]
before_trip = slice("2015-10-18", leak["trip"])

# %%
from mupy_helpers.scoreboard import Scoreboard

board = Scoreboard(events)


def measure_part(part, seed):
    row = board.measure(recipes.combined_alarm(scores_of[seed][part], "2015-10-18"))
    scores = scores_of[seed].loc[before_trip, part]
    rank = early_volume(combine_scores(scores.reindex(later.index), "mean"))
    return [row["hours before the trip"], float(row["false alarms"].split()[0]), rank]


# %%
ablation = pd.DataFrame(
    [[" + ".join(part), seed, *measure_part(part, seed)] for part in parts for seed in range(5)],
    columns=["parts", "seed", "hours before the trip", "false alarms", "VUS-PR"])
by_parts = ablation.groupby("parts", sort=False)[["hours before the trip", "false alarms", "VUS-PR"]]
chance = early_volume(np.random.default_rng(7).random(len(later)))
print(f"mean ± standard deviation over five seeds; random scores get a VUS-PR of {chance:.2f}")
by_parts.mean().map("{:.2f}".format) + " ± " + by_parts.std().map("{:.2f}".format)

# %% [markdown]
# VAR carries the warning: wherever it takes part, the alarm comes 21.3 hours before the trip, with the same two false alarms.
# T² + SPE alone is three hours early and the network alone hardly more than one; both rank the rows no better than chance.
# Added to VAR they change no hour and make the ranking a little worse.
# **On this store the best single part wins**, and it is linear.
# What the seeds show: the network alone is steady here, but with T² + SPE its hours spread by seven, because in one seed of five the sum reaches its threshold on the day before.
# Whether the parts bring anything elsewhere, the fleet says at the end of the lesson.

# %% [markdown]
# ## ◆ The metric liar
#
# Which detector is better depends on who counts.
# We make labels with three long events, one **honest** detector whose scores rise in the events, and one that draws its scores from a hat.

# %%
rng = np.random.default_rng(7)
truth = np.zeros(10_000, dtype=bool)
for start in (1000, 5000, 8000):
    truth[start:start + 400] = True
honest_scores = rng.normal(size=len(truth)) + 1.5 * truth
random_scores = rng.random(len(truth))

# %% [markdown]
# The honest one alarms above 1, which catches most rows of the events and some others.
# The random one alarms in two rows of a hundred.
# We count by **F1**, the harmonic mean of precision and recall: it is high only where both are.

# %%
from sklearn.metrics import f1_score

honest, lucky = honest_scores > 1, random_scores > 0.98
print(f"F1 row by row: honest {f1_score(truth, honest):.2f}, random {f1_score(truth, lucky):.2f}")

# %% [markdown]
# Many papers count differently, with a good reason: nobody needs every row of an event, one alarm is enough.
# So **point adjustment** counts all rows of an event as found as soon as one of them was.

# %%
from mupy_helpers import metrics

adjusted = lucky.copy()
for start in (1000, 5000, 8000):
    if lucky[start:start + 400].any():
        adjusted[start:start + 400] = True
print("by hand and by the library:", np.array_equal(adjusted, metrics.point_adjust(truth, lucky)))
for name, alarm in [("honest", honest), ("random", lucky)]:
    print(f"{name}: F1 after point adjustment {metrics.point_adjusted_precision_recall(truth, alarm).f1:.2f}")

# %% [markdown]
# Random scores win, and by a lot!
# One lucky row in four hundred is worth four hundred, and a false row costs one.
# The longer the events, the easier it is.
# Published tables have been full of such numbers.

# %% [markdown]
# ### ◆ Exercise 07.3
#
# Now lie on purpose.
# Let `liar_threshold` be a threshold for `random_scores` that brings their point-adjusted F1 above 0.95.

# %%
liar_threshold = ...

# %%
check("07.3")
# hint("07.3")
# solution("07.3")

# %% [markdown]
# ## Metrics that do not fall for it
#
# One event, as the metric sees it:

# %%
near = slice(4600, 5800)
figure, axes = plt.subplots(nrows=3, sharex=True, figsize=(10, 3.6))
figure.suptitle("A few lucky rows become a whole event", weight="bold", x=0, ha="left")
for ax, name, alarm in zip(axes, ["honest", "random", "random, adjusted"], [honest, lucky, adjusted]):
    ax.fill_between(np.arange(len(truth))[near], alarm[near], step="mid", color=plots.COLOURS["score"])
    ax.axvspan(5000, 5400, color=plots.COLOURS["fault"], alpha=0.22)
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
    ax.set_yticks([])
axes[-1].set_xlabel("row; shaded: the event")
plots.describe(figure, "Alarms around the second event. The honest ones crowd inside it, the random ones are a few thin "
                       "lines anywhere, and after point adjustment these fill the whole event.")
plt.show()

# %% [markdown]
# We show the same two to three other metrics.
#
# - **affiliation**: how near are the alarms to the events, in time, against an alarm at random;
# - **range-based precision and recall**: what share of each alarm lay in events, and of each event under alarms;
# - **VUS-PR**, which needs no threshold at all.

# %%
def judged(alarm, scores):
    return {"point-adjusted F1": metrics.point_adjusted_precision_recall(truth, alarm).f1,
            "affiliation F1": metrics.affiliation_precision_recall(truth, alarm).f1,
            "range precision": metrics.range_precision(truth, alarm),
            "range recall": metrics.range_recall(truth, alarm, cardinality="one"),
            "VUS-PR": metrics.volume_under_surface(truth, scores).pr}


verdicts = pd.DataFrame({"honest": judged(honest, honest_scores), "random": judged(lucky, random_scores)}).T
verdicts.round(2)

# %% [markdown]
# Point adjustment puts the random one first.
# Affiliation ranks them rightly, but look at its floor: chance gets 0.64, so it has to be read against that and not against zero.
# (As our alarms come in many single rows, range precision is low for both; the random one catches one row in a hundred of the events.)
# And VUS-PR gives the random scores what they are worth, about the share of labelled rows.
# Whatever you use: **score a random detector with the same metric first.**

# %%
alarm_rows = np.array([0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1], dtype=bool)
event_rows = np.array([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1], dtype=bool)

# %% [markdown]
# ### Exercise 07.4
#
# Range recall by hand: `event_rows` has two events, `alarm_rows` says where the alarm was up.
# Let `recall` be the mean over the **events** of the share of their rows under the alarm.

# %%
recall = ...

# %%
check("07.4")
# hint("07.4")
# solution("07.4")

# %% [markdown]
# ## The real ensemble, event by event
#
# The same metrics, on the cold store from 18 October to the trip: our ensemble beside an alarm that is up in as many rows, drawn at random.

# %%
ensemble_alarm = recipes.combined_alarm(scores_of[0], "2015-10-18")[before_trip]
leaking, ensemble_alarm = ensemble_alarm.index >= leak["start"], ensemble_alarm.to_numpy()
lots = np.random.default_rng(7).random(len(leaking))
blind = lots >= np.sort(lots)[-ensemble_alarm.sum()]
ranked = combine_scores(scores_of[0][before_trip], "mean")


# %%
def real(alarm, scores):
    return {"rows in alarm": int(alarm.sum()),
            "point-adjusted F1": metrics.point_adjusted_precision_recall(leaking, alarm).f1,
            "range precision": metrics.range_precision(leaking, alarm),
            "range recall": metrics.range_recall(leaking, alarm, cardinality="one"),
            "VUS-PR": volume_under_surface(leaking, np.asarray(scores), window=60).pr}


# %%
pd.DataFrame({"ensemble": real(ensemble_alarm, ranked), "blind": real(blind, lots)}).T.round(2)

# %% [markdown]
# Point adjustment finds the two equally good: with one long event it can not do otherwise.
# Two thirds of the ensemble's alarms lie in the leak on average, and they cover 17 % of its rows up to the trip; for the blind one it is about half, and 9 %.
# The ranking is a little above chance, no more.
# Is 17 % bad?
# The leak takes days to grow, and the alarm comes in its last third, 21 hours before the trip: enough for a technician.
# Coverage, ranking and lead time are three questions; on the scoreboard we ask the one that is paid for.

# %% [markdown]
# ## What the newest research had forgotten
#
# A network that compares **shapes** may no longer notice a **level**.
# In 2026 Zhang and others gave the scores of three well-known representation learners back what they had lost: the distance from the median in MADs, and the shift of a local mean.
# On the univariate series of a large benchmark (TSB-AD-U) the mean VUS-PR went from .097 to .390 (DCdetector), from .193 to .473 (TS2Vec) and from .509 to .584 (PaAno).
# Median and MAD are lesson 03.
#
# We try it on five of our recordings, each with one kind of event.
# `forgetful` sees each row less the mean of its last 48 rows (one day), over their standard deviation: shape without amplitude, which is what many learned representations amount to.
# (Ten small networks: ten to fifteen seconds.)

# %%
from mupy_helpers.detectors import LSTMAutoencoder
from mupy_helpers.ensembles import AmplitudeDeviation

learned, first = {}, dict(zip(KINDS, recordings[::2]))

# %%
for kind, recording in first.items():
    day = recording.rows.rolling(48, min_periods=24)
    shape_only = ((recording.rows - day.mean()) / day.std()).bfill()
    network = LSTMAutoencoder(window=24, n_units=8, epochs=10, step=2)
    learned[kind] = pd.DataFrame({"LSTM autoencoder": robust_scores(network, recording.rows),
                                  "forgetful": robust_scores(network, shape_only),
                                  "amplitude": robust_scores(AmplitudeDeviation(window=24), recording.rows)})

# %%
single = pd.DataFrame({kind: {name: volume(first[kind], scores[name]) for name in scores}
                       for kind, scores in learned.items()}).T
single["random"] = [volume(one, np.random.default_rng(7).random(N_HEALTHY)) for one in first.values()]
single.loc["mean"] = single.mean()
single.round(2)

# %% [markdown]
# Without amplitude the network sees the changed frequency better, and nothing else: on the other four kinds it is no better than chance, also on the level shift, 0.30 instead of 0.76.
# The amplitude alone, which is median and MAD and two means, sees just that level shift, and some of the spikes.

# %% [markdown]
# ### Exercise 07.5
#
# Give it back.
# Let `mended` be a dictionary from each kind in `learned` to the VUS-PR of the **larger** of the two scores "forgetful" and "amplitude", row by row; `volume(first[kind], scores)` measures.

# %%
mended = ...

# %%
check("07.5")
# hint("07.5")
# solution("07.5")

# %%
gain = pd.DataFrame({kind: {name: volume(first[kind], combine_scores(scores[[name, "amplitude"]], "max"))
                            for name in ["forgetful", "LSTM autoencoder"]} for kind, scores in learned.items()}).T
gain.loc["mean"] = gain.mean()
single[list(gain)].join(gain.add_suffix(" + amplitude")).sort_index(axis=1).round(2)

# %% [markdown]
# The forgetful network gets back the level shift and the spike, and pays with some of the changed frequency; the rest hardly moves.
# Our plain one gains on the spike only, because it never forgot: its rows are scaled once, by the training rows, and a level shift still looks like one.
# So the lesson is not "always add a MAD", but: **know what your preprocessing throws away.**
# (One recording of each kind and one seed: small differences are no evidence, the large one agrees with the paper.)

# %% [markdown]
# ## Going further: generators and discriminators, in one page
#
# A **generator** turns noise into points, a **discriminator** says "real" or "made"; they train against each other.
# What the discriminator takes for made could be called an anomaly.
# One pair is a gamble, so we train eight small ones at once and average the scores of the discriminators.
# (Five to ten seconds.)

# %%
import jax
import jax.numpy as jnp
from jax import random


def layers(key, sizes):
    keys = random.split(key, len(sizes) - 1)
    return [(random.normal(k, (a, b)) / np.sqrt(a), jnp.zeros(b)) for k, a, b in zip(keys, sizes, sizes[1:])]


def forward(network, x):
    *inner, (last, bias) = network
    for weights, shift in inner:
        x = jnp.tanh(x @ weights + shift)
    return x @ last + bias


# %%
def loss_generator(generator, discriminator, noise):
    return jax.nn.softplus(-forward(discriminator, forward(generator, noise))).mean()


def loss_discriminator(discriminator, generator, real, noise):
    made = forward(discriminator, forward(generator, noise))
    return jax.nn.softplus(-forward(discriminator, real)).mean() + jax.nn.softplus(made).mean()


# %%
def train_pair(key, real, steps=2500, rate=0.3):
    def step(pair, key):
        generator, discriminator = pair
        noise = random.normal(key, (len(real), 2))
        down = jax.grad(loss_discriminator)(discriminator, generator, real, noise)
        discriminator = jax.tree.map(lambda p, slope: p - rate * slope, discriminator, down)
        down = jax.grad(loss_generator)(generator, discriminator, noise)
        return (jax.tree.map(lambda p, slope: p - rate * slope, generator, down), discriminator), None

    first, second, third = random.split(key, 3)
    pair = layers(first, (2, 16, 2)), layers(second, (2, 32, 1))
    return jax.lax.scan(step, pair, random.split(third, steps))[0][1]


# %%
rng = np.random.default_rng(7)


def ring(n):
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.08, (n, 2))


usual, points = ring(300), np.vstack([ring(400), rng.uniform(-1.6, 1.6, (40, 2))])
is_odd = np.arange(440) >= 400

# %%
from sklearn.metrics import average_precision_score

discriminators = jax.jit(jax.vmap(lambda key: train_pair(key, jnp.array(usual))))(random.split(random.key(7), 8))
made = -np.array(jax.vmap(lambda network: forward(network, jnp.array(points))[:, 0])(discriminators), dtype=float)

# %%
each = [average_precision_score(is_odd, scores) for scores in made]
averaged = combine_scores(np.column_stack([ScoreScale("z").fit(scores).transform(scores) for scores in made]))
neighbours = KNN().fit(usual).decision_function(points)
print(f"average precision: single pairs {min(each):.1f} to {max(each):.1f}, "
      f"eight together {average_precision_score(is_odd, averaged):.1f}, k-NN {average_precision_score(is_odd, neighbours):.1f}")

# %% [markdown]
# A single pair is a gamble, the average of eight is better than any of them, and the nearest neighbours do as well without any training.
# A generator that is any good leaves its discriminator nothing to see: the two aim at a tie, not at a detector.
# We would reach for it last.

# %% [markdown]
# ## ◆ Your own detector on a leaderboard
#
# Anybody's detector can be judged, if it has two methods: `fit(X)` on a healthy past, and `decision_function(X)`.
# Here is one that fits in a few lines.

# %%
class FarFromMedian:
    def fit(self, X):
        self.median = X.median()
        self.mad = (X - self.median).abs().median()

    def decision_function(self, X):
        return ((X - self.median).abs() / self.mad).max(axis=1)


# %% [markdown]
# `evaluate` puts it beside the baselines on eleven recordings: two each of spike, level shift, frozen sensor, changed frequency and drift, and the cold store's leak.
# There are three simple ones: random scores, **last value** (how far is a row from the one before?) and **rolling z** (how far from the mean of the last day, in its standard deviations?).
# There are known ones: k-NN distance and Isolation Forest.
# And there is **the board's ensemble**, which is not the one above: T² + SPE, VAR residual and a small dense autoencoder over half a day, mean of robust z-scores; each of its parts has a row of its own.
# (Ten to twenty seconds, most of them for the autoencoder.)

# %%
from mupy_helpers.leaderboard import evaluate

leaderboard = evaluate(FarFromMedian(), suite="mini", name="far from median")
leaderboard

# %% [markdown]
# **VUS-PR** is the mean over eleven recordings; "low" and "high" enclose the middle 95 % of the means when the recordings are drawn anew, with replacement (a **bootstrap**).
# "Events found" is the share of the events with a row above a threshold that 1 % of the healthy rows are above; "looks ahead" says whether scores change when later rows are cut off.
#
# Do our few lines beat "last value"?
# Their interval reaches from 0.33 to 0.55, and the other's is nearly the same: we call it a tie.
# Random scores get 0.31: the floor is not zero.
# The board's ensemble is first, but its interval meets that of its own dense part.
# Where does it win?

# %%
leaderboard.by_recording()[["board's ensemble", "dense autoencoder", "T² + SPE", "k-NN distance"]].round(2)

# %% [markdown]
# On spikes, where the dense part is lost and the two linear ones are not; on the other nine recordings the dense part alone is as good or better.
# That is insurance at work: a little paid nearly everywhere, much saved where the best part fails.
#
# And ten of the recordings were simulated by those who built the ensemble: a heat, and no championship.

# %% [markdown]
# ### ◆ Exercise 07.6
#
# Write a detector of your own: let `MyDetector` be a class with `fit` and `decision_function`, called without arguments.
# `check` tries it on a recording with a level shift, where it has to rank better than chance, and it must not look ahead.
# Then put it on the board with `evaluate(MyDetector(), name="mine")`.

# %%
MyDetector = ...

# %%
check("07.6")
# hint("07.6")
# solution("07.6")

# %% [markdown]
# ## ◆ The final scoreboard
#
# The rows of the course, computed anew by one function each (`mupy_helpers.recipes`), fitted before 18 October.
# One is missing: lesson 05's boosting. It learned from other stores and their service book, which takes longer; every row here knows its own store's past and nothing else.
# (It was twenty hours early there, without a false alarm.)
# The network takes ten to twenty seconds where the ablation was left out.

# %%
from mupy_helpers.scoreboard import Scoreboard

board = Scoreboard(events)
for name, rule in recipes.RULES.items():
    board.add(name, rule(df, "2015-10-18"), fitted_on="nothing" if name in ("never call", "room > 10 °C") else "before 18 Oct")
for name, make in recipes.makers().items():
    board.add(name, recipes.distance_alarm(df, "2015-10-18", make), fitted_on="before 18 Oct")

# %%
parts_of = recipes.members_scores(df, "2015-10-18", recipes.members(0))
ENSEMBLES = {"LSTM autoencoder": ["LSTM autoencoder"], "VAR alone": ["VAR"], "ensemble: T² + SPE, VAR, LSTM": list(parts_of)}
for name, some in ENSEMBLES.items():
    board.add(name, recipes.combined_alarm(parts_of[some], "2015-10-18"), "before 18 Oct")
board

# %% [markdown]
# T² + SPE had three hours in the ablation and has 19.4 here.
# It is the same detector; there it was fitted on fewer days, and its limit came from the last five of them alone.

# %% [markdown]
# ### On twelve stores that it was not tuned on
#
# One leak chooses no method, so the same rules go to one of lesson 03's fleets: twelve stores, of which six leak, each from another hour of the day on.
# (For speed the rules of lesson 04 take every sixteenth row here and judge the training days in two halves; each part takes five to twenty seconds.)

# %%
from mupy_helpers.scoreboard import measure_fleet, read_fleets
from mupy_helpers.simulate import simulate_cold_store
from mupy_helpers.simulate.faults import SlowLeak

starts_at = pd.date_range("2015-11-10 20:00", periods=6, freq="18h")  # each leak at another hour
leaks = [SlowLeak(start, start + pd.Timedelta("7D"), unit) for unit, start in enumerate(starts_at)]
fleet = simulate_cold_store("2015-10-01", days=51, n_units=12, faults=leaks, seed=11)

# %%
def on_fleet(rule):
    return measure_fleet(rule, fleet, scored_from="2015-10-18")


# %%
results = {name: on_fleet(lambda store: rule(store, "2015-10-18")) for name, rule in recipes.RULES.items()}
for name, make in recipes.makers().items():
    results[name] = on_fleet(lambda store: recipes.distance_alarm(store, "2015-10-18", make, every=16, groups=2))

# %%
stores = [store.droplevel("unit") for _, store in fleet.data.groupby(level="unit")]
members_of = [recipes.members_scores(store, "2015-10-18", recipes.members(0)) for store in stores]

# %%
for name, some in ENSEMBLES.items():
    waiting = iter(members_of)
    results[name] = on_fleet(lambda store: recipes.combined_alarm(next(waiting)[some], "2015-10-18"))
summary = read_fleets(results)
summary["median hours"] = {name: table["hours before the trip"].median() for name, table in results.items()}
summary.round({"median hours": 1})

# %% [markdown]
# What did each idea buy?
#
# - **A limit on the room** comes after the trip or calls at everything, whatever the yardstick. On the famous store each of the four rows costs more than never calling.
# - **The right feature** bought the first warning: counting starts needs no statistics, calls five of six leaks in time, and for nothing once in three weeks.
# - **A residual and a memory** bought the sixth leak, and some hours, for more calls for nothing; looking downwards only, which physics suggests, takes nearly half of those away. CUSUM is earlier on most and calls three times as often for nothing as that.
# - **Distances** bought the same day on the famous store, without a formula; here they call one to five of six in time, with about as many calls for nothing as the two-sided chart. Isolation Forest calls five, and on the famous store it came after the trip: one leak would have chosen wrongly.
# - **The network** called two: what grows slowly it goes on reproducing.
# - **The ensemble** calls for nothing a little less often than VAR alone, and misses one leak more.
#
# Six leaks are six: one more or less is no difference.
# What holds is wider: limits on the room fail, charts of the current call every leak, and nothing that looks at all channels alike does.
#
# On the leaderboard, with five kinds of event and nobody to say which, the ensemble is first.
# Where somebody knows the machine, a count of its starts beats it.
# **Knowledge first, then statistics, then size.**

# %% [markdown]
# ## The fleet in one picture

# %%
shown = ["starts in six hours", "EWMA of the current's residual", "EWMA, downwards only", "k-NN distance", "T² + SPE",
         "LSTM autoencoder", "VAR alone", "ensemble: T² + SPE, VAR, LSTM"]
figure, ax = plt.subplots(figsize=(9, 4.5))
for name in shown:
    x, y = summary.loc[name, ["false alarms per week", "median hours"]]
    ax.plot(x, y, "o", color=plots.COLOURS["normal"])
    ax.annotate(name, (x, y), xytext=(7, 1 if name.startswith("ens") else -8), textcoords="offset points")
ax.axhline(12, color=plots.COLOURS["threshold"], linestyle="--")
ax.set(title="Up and to the left is where one wants to be", xlabel="false alarms per week",
       ylabel="median hours before the trip", xlim=(-0.1, 1.9), ylim=(-3, 39))
plots.describe(ax, "Eight methods by false alarms per week and median hours before the trip on six leaks. Starts and the "
                   "one-sided EWMA are at the upper left; VAR and the ensemble are far to the right; T² + SPE lies near "
                   "zero hours, the LSTM autoencoder and the k-NN distance below the dashed line at twelve.")
plt.show()

# %% [markdown]
# The dashed line is the time that a technician needs.
# Above it, every step to the left is somebody who was not called out for nothing.

# %% [markdown]
# **What we saw.** Scores can be put together once they are on one scale, and the scale comes from training scores.
# The median insures against a broken part, the mean less, the maximum not at all; copies add weight and no knowledge, and only the maximum does not mind.
# An ablation shows what each part brings, and it may be nothing.
# A metric has to be shown random scores before it is believed.
#
# **New on the scoreboard.** The LSTM autoencoder on seven channels, and the ensemble; all rows computed anew, on thirteen stores.
#
# **What this cannot do.** Everything here was computed at leisure, from a finished recording.
# In a real store rows come one by one, late or not at all, and the alarm has to come by itself. That is lesson 08.

# %% [markdown]
# ## References
#
# - H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, "Interpreting and unifying outlier scores", *SDM*, 2011.
# - C. C. Aggarwal, S. Sathe, "Theoretical foundations and algorithms for outlier ensembles", *SIGKDD Explorations* 17, 2015.
# - A. Lazarevic, V. Kumar, "Feature bagging for outlier detection", *KDD*, 2005.
# - Y. Zhao, Z. Nasrullah, M. K. Hryniewicki, Z. Li, "LSCP: locally selective combination in parallel outlier ensembles", *SDM*, 2019.
# - Y. Zhao et al., "SUOD: accelerating large-scale unsupervised heterogeneous outlier detection", *MLSys*, 2021.
# - H. Xu et al., "Unsupervised anomaly detection via variational auto-encoder for seasonal KPIs in web applications", *WWW*, 2018: point adjustment.
# - S. Kim, K. Choi, H.-S. Choi, B. Lee, S. Yoon, "Towards a rigorous evaluation of time-series anomaly detection", *AAAI*, 2022: what is wrong with it.
# - N. Tatbul, T. J. Lee, S. Zdonik, M. Alam, J. Gottschlich, "Precision and recall for time series", *NeurIPS*, 2018.
# - A. Huet, J. M. Navarro, D. Rossi, "Local evaluation of time series anomaly detection algorithms", *KDD*, 2022: affiliation.
# - J. Paparrizos et al., "Volume under the surface: a new accuracy evaluation measure for time-series anomaly detection", *PVLDB* 15, 2022.
# - Q. Liu, J. Paparrizos, "The elephant in the room: towards a reliable time-series anomaly detection benchmark", *NeurIPS*, 2024: TSB-AD.
# - Zhang et al., "PAI: Preserving Amplitude Information in Representation-Based Time-Series Anomaly Detection", 2026.
# - I. Goodfellow et al., "Generative adversarial nets", *NeurIPS*, 2014.
# - B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap*, Chapman and Hall, 1993.
