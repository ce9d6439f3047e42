# ---
# jupyter:
#   mupy:
#     title: The odd one out was the owner
#     question: A server was attacked all morning, and one person logged in. Whom does a detector call odd, and what can be scored where nobody kept labels?
#     able:
#       - turn a log into vectors by counting message templates per connection, block or hour
#       - find out which labels there are before choosing a score
#       - explain why a message that was never seen may hardly count, and mend it
#     need: lessons 01, 04 and 09
#     data:
#       - "Loghub, 2,000 lines each of an OpenSSH and an HDFS log (free for research with citation), fetched once: `python3 course.py data`"
#     published: logs
# ---

# %% [markdown]
# ## A morning on a server
#
# Loghub (Zhu and others, 2023) collects logs of real systems, with each line sorted under a **template**: the message with its changing parts replaced by `<*>`.
# The logs are free for research, with citation; `python3 course.py data` fetches samples of 2,000 lines once, from their own home.
# The first is from an OpenSSH server in a laboratory.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots

plots.use_style()
ssh = datasets.fetch_logs("OpenSSH")
ssh["address"] = ssh["content"].str.extract(r"(\d+\.\d+\.\d+\.\d+)")[0]
print(f"{len(ssh):,} lines, {ssh.index[0]:%H:%M} to {ssh.index[-1]:%H:%M}, {ssh['event_id'].nunique()} templates, "
      f"{ssh['address'].nunique()} addresses, {ssh['pid'].nunique()} connections")

# %%
failed = ssh[ssh["event_template"].str.startswith("Failed password")]
accepted = ssh[ssh["event_template"].str.startswith("Accepted password")]
print("failed:", len(failed), "  accepted:", len(accepted))

# %%
per_five = failed.resample("5min").size()
ax = plots.plot_series(per_five, title="Failed passwords come all morning, in bursts", ylabel="failed in 5 minutes")
ax.axvline(accepted.index[0], color=plots.COLOURS["threshold"], linestyle=":", label="the one accepted password")
ax.set_xlabel("10 December, of a year that the log does not state")
ax.xaxis.get_offset_text().set_visible(False)
ax.legend(loc="upper left")
plots.describe(ax, "Failed passwords in five minutes, from 07:00 to 11:00: near zero, with small bursts "
                   "at 07:25 and 08:25, one of 66 at 09:10 and one of 146 at the end. "
                   "A dotted line at 09:32 marks the only accepted password.")
plt.show()

# %%
warning = ssh["event_template"].str.contains("POSSIBLE BREAK-IN ATTEMPT")
print(f"lines with the server's own warning: {warning.sum()}, from {ssh['address'][warning].nunique()} addresses")

# %% [markdown]
# The guessers come in bursts, the worst at the end; the one login falls into a quiet half hour.
# Of all who tried a password that morning one had the right one.
# And the server's own warning, in capitals, comes from four addresses of thirty: it says only that an address and its name do not fit together.

# %% [markdown]
# ## Vector, distance, normal
#
# - **The vector**: one for each connection (a process of its own on the server), the number of lines of each template.
# - **The distance**: Euclidean.
# - **Normal**: what most do here, and that is to guess passwords and fail.
#
# Which labels are there?
# Loghub lists OpenSSH among the logs without any, so no published score exists for it.
# Two truths can be read from the log itself: the server's own **warning** of a break-in attempt, and the one **login** (a connection and the process that closed it).

# %%
counts = pd.crosstab(ssh["pid"], ssh["event_id"])
address = ssh.groupby("pid")["address"].first()
is_warned = ssh[warning].groupby("pid").size().reindex(counts.index, fill_value=0) > 0
is_login = address == accepted["address"].iloc[0]
print(f"{counts.shape[0]} connections, {counts.shape[1]} templates, {len(counts.drop_duplicates())} different vectors")
print(f"warned: {is_warned.mean():.1%}, login: {is_login.mean():.1%}")

# %% [markdown]
# Over five hundred connections, and 28 different vectors: most guessers run the same few programs.
# The odd ones of the first truth are a sixth, those of the second two connections of one person.

# %% [markdown]
# ## The six lines
#
# Half of the connections to fit on, a quarter held back for the threshold, a quarter new; the odd ones are always among the new.

# %%
from pyod.models.knn import KNN
from sklearn.metrics import average_precision_score


def split(groups, is_odd, seed):
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    parts = np.split(names, [len(names) // 2, 3 * len(names) // 4])
    fit, held_back, new = (groups.isin(part) for part in parts)
    return fit & ~is_odd, held_back & ~is_odd, new | is_odd


# %%
def find_odd(vectors, is_odd, groups, seed, scale=False):
    fit, held_back, new = split(groups, is_odd, seed)
    unit = vectors[fit].std().replace(0, 1) if scale else 1
    detector = KNN().fit(vectors[fit] / unit)
    threshold = np.quantile(detector.decision_function(vectors[held_back] / unit), 0.95)
    scores = detector.decision_function(vectors[new] / unit)
    never_seen = (vectors.loc[new, vectors[fit].sum() == 0] > 0).sum(axis=1)
    return is_odd[new], scores, threshold, never_seen


# %% [markdown]
# The last line of it is a simple rule to stand beside: how many templates does a connection show that the fit has never seen?

# %%
from threadpoolctl import threadpool_limits


def judged(is_odd, scores, threshold, never_seen):
    called = scores > threshold
    return {"share of odd": is_odd.mean(), "average precision": average_precision_score(is_odd, scores),
            "found": called[is_odd].mean(), "false alarms": called[~is_odd].mean(),
            "rule: never seen": average_precision_score(is_odd, never_seen)}


@threadpool_limits.wrap(limits=1)  # many small fits: threads would wait for each other
def twenty(vectors, is_odd, groups, scale=False):
    return pd.DataFrame([judged(*find_odd(vectors, is_odd, groups, seed, scale)) for seed in range(20)])


# %%
def short(tables):
    return pd.DataFrame({name: table.mean().map("{:.2f}".format) + " ± " + table.std().map("{:.2f}".format)
                         for name, table in tables.items()}).T


each = pd.Series(counts.index, index=counts.index)
hidden = counts.drop(columns=ssh["event_id"][warning].unique())
by_warning = {"counts": twenty(hidden, is_warned, each), "counts, scaled": twenty(hidden, is_warned, each, scale=True)}
short(by_warning)

# %% [markdown]
# ## The first truth: a warning
#
# The template of the warning itself is hidden from the vectors, or the question would answer itself.
# Over twenty splits (mean ± standard deviation) neither the distance nor the rule ranks better than lots, which get the share of the odd.
# A connection with the warning does what the others do; the warning is about a name.
# **A label can be true and tell nothing that the vector holds.** No detector is to blame.

# %% [markdown]
# ## The second truth: a login

# %%
present = (counts > 0).astype(float)
by_login = {"counts, scaled": twenty(counts, is_login, each, scale=True), "counts": twenty(counts, is_login, each),
            "present or not": twenty(present, is_login, each)}
short(by_login)

# %% [markdown]
# Now lots get 0.02, and everything is better than that.
# But scaled, as one is used to, the distance is poor.
# The templates of a login occur in no connection of the fit, so their standard deviation there is zero; we divide by 1 instead, and the newest thing in the log counts as **one**.
# A rare template of the guessers has a tiny deviation, and counts for many.
#
# Unscaled is better, and whether a template occurs at all is better again: then a long quarrel weighs no more than a short one.
# (We tried them in this order, with the truth in sight.)
# The simple rule wins: what was never seen is what to look for.

# %%
by_address = {"counts": twenty(counts, is_login, address), "present or not": twenty(present, is_login, address)}
short(by_address)

# %% [markdown]
# Split by address, so that nobody is on both sides, the picture holds and the false alarms do not: they were set to one in twenty, and every new address brings habits of its own.
# More than half of the connections come from a single address; what is called normal depends on whether it is in the fit.

# %% [markdown]
# ## Who is odd, in words

# %%
fit, held_back, new = split(each, is_login, seed=0)
shown = is_login[new].to_frame("login").assign(score=KNN().fit(present[fit]).decision_function(present[new]).round(2))
shown["templates"] = ssh.groupby("pid")["event_id"].agg(lambda ids: " ".join(ids.unique()))
print(shown["templates"][is_login].to_string(), " score of the second:", shown["score"][is_login].iloc[1])
shown.nlargest(5, "score")

# %% [markdown]
# E1, E23 and E22 are a password accepted, a session opened and a session closed: the login.
# Beside it, with the same score, stands a guesser of admin's password who was thrown out after too many tries.
# The second half of the login, a process that wrote the one line *disconnected by user*, stands lower: who says so little is never far from others who say little.

# %% [markdown]
# ## Blocks without labels
#
# The second log is from a file system (HDFS) on a cluster.
# A file lies there in blocks, a line names its block, and a life of a block is a sequence of lines.
# The whole log has 11,175,629 lines on 575,061 blocks, and a label for every block: 16,838 are anomalous (Xu and others, 2009).

# %%
hdfs = datasets.fetch_logs("HDFS")
lines = hdfs.assign(block=hdfs["content"].str.findall(r"blk_-?\d+").map(set).map(sorted)).explode("block")
blocks = pd.crosstab(lines["block"], lines["event_id"])
alone = blocks.sum(axis=1) == 1
print(f"{len(hdfs):,} lines name {len(blocks):,} blocks; blocks with a single line: {alone.mean():.1%}")
scores = KNN().fit(blocks).decision_scores_
print("blocks with a score above zero:", (scores > 0).sum())

# %% [markdown]
# The sample draws its lines from all over the log, so nearly every block is seen once, where a whole life has some nineteen lines.
# A vector with a single one in it has hundreds of twins, and its distance to them is zero.
# What is left is a list of rare templates and accidents of the draw:

# %%
odd_blocks = blocks[scores > 0]
templates = hdfs.groupby("event_id")["event_template"].first().str.slice(0, 60)
seen = odd_blocks.apply(lambda row: " + ".join(row.index.repeat(row)), axis=1).to_frame("lines")
seen = seen.assign(score=scores[scores > 0].round(2)).sort_values("score", ascending=False)
print(seen.to_string(index=False))
hdfs["event_id"].value_counts()[["E2", "E5", "E12"]].to_frame("in the sample").assign(template=templates)

# %% [markdown]
# The three of the top are rare templates: a replica asked for, a transfer, and a second form of *received block*.
# The others are lines that happened to meet in one block.
#
# The sample carries no labels: the file with them belongs to the whole log.
# The level of a line is no substitute:

# %%
hdfs.groupby(["level", "event_template"]).size().loc[["WARN"]].to_frame("lines")

# %% [markdown]
# Every warning is of one kind, and there are as many of them as of blocks served without trouble.
# Nobody says that half of the servings of a day are anomalies.
# So **there is nothing to score here, and we do not**.
#
# What a sample of lines keeps is the mixture by hour.

# %%
hours = pd.crosstab(hdfs.index.floor("h"), hdfs["event_id"])
score = pd.Series(KNN().fit(np.sqrt(hours)).decision_scores_, index=hours.index)
oddest = hours.loc[score.idxmax()]
print("the oddest hour begins", score.idxmax())
pd.DataFrame({"template": templates, "this hour": oddest, "median hour": hours.median()}).nlargest(3, "this hour")

# %% [markdown]
# At ten in the morning of 10 November files were deleted in a heap, and in the median hour none are.
# That is what the sample can tell: an unusual hour, in words, for somebody who knows whether a clean-up was due.

# %% [markdown]
# ## What to distrust
#
# - **One login is one event.** All twenty splits share it; another user would leave other templates.
# - **Truth out of the log is half circular**: who searches for "Accepted password" needs no detector. The detector needs nobody to know these words.
# - **We saw one morning of 28 days**, and one line of some 5,600 of the other log.
# - **No published figure belongs beside ours.** On the whole HDFS log, a principal component model of template counts by block has precision 0.975 and recall 0.635 (the benchmark of He and others); it saw whole lives of blocks, and there were labels to judge it by.
#
# **What we saw.** Odd is not bad: on a server under attack the owner is the odd one. And before a score comes the question whether there is a truth at all.
#
# **What this cannot do.** Counting forgets the order of the lines. Sequence models (Du and others, 2017) are made for that; they need whole sequences.

# %% [markdown]
# ## References
#
# - J. Zhu, S. He, P. He, J. Liu, M. R. Lyu, "Loghub: a large collection of system log datasets for AI-driven log analytics", *IEEE ISSRE*, 2023; github.com/logpai/loghub.
# - W. Xu, L. Huang, A. Fox, D. Patterson, M. I. Jordan, "Detecting large-scale system problems by mining console logs", *ACM SOSP*, 2009.
# - S. He, J. Zhu, P. He, M. R. Lyu, "Experience report: system log analysis for anomaly detection", *IEEE ISSRE*, 2016; the figures are those of github.com/logpai/loglizer.
# - M. Du, F. Li, G. Zheng, V. Srikumar, "DeepLog: anomaly detection and diagnosis from system logs through deep learning", *ACM CCS*, 2017.
