# ---
# jupyter:
#   mupy:
#     title: Start here
#     question: Is everything in place, and which way through the course is yours?
#     able:
#       - tell whether this machine is ready, and mend it if it is not
#       - work an exercise with `check`, `hint` and `solution`
#       - choose your route through the lessons
#     need: Python and pandas at the level of "I have used a DataFrame"; mean, standard deviation, quantile
#     data:
#       - eight temperatures, typed in below
# ---

# %% [markdown]
# A farm's cold store lost its refrigerant in October 2015.
# Every sensor was recording, and still nobody noticed for five days.
# By then the room stood at 28 °C and the load was lost.
# The recording itself was never published; what the course works on is a simulation made after its published summary.
#
# This course asks one question of that week, and of every method it teaches: **how many hours earlier could the data have said so, and at what price in false alarms?**

# %% [markdown]
# ## ◆ Is this machine ready?
#
# Run the cell below: click into it and press Shift + Enter.

# %%
from mupy_helpers.doctor import report

is_ready = report()

# %% [markdown]
# Every line should begin with "ok".
# A line that does not says in words what to do.
# ("note" in place of "ok" means: it works, with a limit.)
# Three things go wrong most easily:
#
# - **`No module named 'mupy_helpers'`**, or a package is missing: the notebook runs in another Python than the course's own. Close it, and open it with `python3 course.py lab` from the course's folder.
# - **A version differs from the lock.** Run `python3 course.py setup`; it repairs what is there.
# - **A data file is damaged.** Get the folder `data/` from the repository again, as with `git checkout -- data`.
#
# Once the environment is made, nothing in the lessons needs the network, a GPU or an account.

# %% [markdown]
# ## ◆ How exercises work
#
# Each exercise has a starter cell with `...` in it and a cell that checks your answer.
# Eight readings of a cold room follow, in °C.

# %%
import matplotlib.pyplot as plt
import numpy as np

from mupy_helpers import plots
from mupy_helpers.exercises import check, hint, solution

plots.use_style()
readings = [2.1, 2.4, 1.9, 2.2, 2.0, 17.9, 2.3, 2.1]

# %% [markdown]
# Before any method, we look.

# %%
figure, ax = plt.subplots(figsize=(8, 2.6))
ax.plot(range(1, 9), readings, marker="o", linestyle="", color=plots.COLOURS["normal"])
ax.set(title="One reading is not like the others", xlabel="reading", ylabel="room (°C)", ylim=(0, 20))
plots.describe(ax, "Eight room temperatures as dots. Seven lie near 2 °C, the sixth is close to 18 °C.")
plt.show()

# %% [markdown]
# Seven dots lie near 2 °C and one does not.
# The eye needs no method for that; a thousand sensors need one.

# %% [markdown]
# ### ◆ Exercise 00.1
#
# Let `warmest` be the highest of the readings.
# Replace the `...`, run the cell, then run the one below it.
#
# Be wrong on purpose first: let it be the coldest reading, and see what `check` says.

# %%
warmest = ...

# %%
check("00.1")
# hint("00.1")
# solution("00.1")

# %% [markdown]
# Until you answer, `check` says that nothing was attempted yet; so you may run a whole lesson at once and nothing fails.
# A wrong answer is worth giving: `check` then says what was misunderstood.
# Take the `#` away from `hint("00.1")` and run the cell for a hint; each further run comes closer, three in all.
# (Put the `#` back when you have read it, or the next run spends another.)
# `solution("00.1")` shows the code.

# %% [markdown]
# ## ◆ The map
#
# | lesson | its question |
# |---|---|
# | [01 · What is an anomaly?](01_what_is_an_anomaly.ipynb) | Which readings should have worried somebody, and what is a false alarm worth? |
# | [02 · Looking at time series](02_looking_at_time_series.ipynb) | What does a careful look find before any method? |
# | [03 · Statistical detection](03_statistical_detection.ipynb) | How far from usual is too far? |
# | [04 · Distance and clustering](04_distance_and_clustering.ipynb) | Which hours have no neighbours? |
# | [05 · Supervised detection](05_supervised_detection.ipynb) | What changes when past failures are labelled? |
# | [06 · The LSTM autoencoder](06_lstm_autoencoder.ipynb) | Can a network learn the usual day, and does it beat the simple rule? |
# | [07 · Ensembles](07_ensembles.ipynb) | Who is right when the detectors disagree? |
# | [08 · Batch and live](08_batch_and_live.ipynb) | A sensor speaks at half past three in the morning: who is called, and why? |
# | [09 · Beyond sensors](09_beyond_sensors.ipynb) | Is the same idea at home in handwriting, speech and logs? |
# | [10 · Your own data](10_your_own_data.ipynb) | What does it say about your CSV? |
#
# Beside the lessons there are case studies on published data: [a room whose cooling fails](case_studies/nab_ambient_temperature.ipynb), [spoken digits](case_studies/free_spoken_digits.ipynb), [logs of servers](case_studies/server_logs.ipynb).

# %% [markdown]
# ## ◆ Three routes
#
# - **A workshop of three hours.** Follow the sections marked ◆ (the mark holds to the next heading of the same size), and those exercises that carry it; the rest is for the evening.
# - **Alone.** Read the lessons in order, about an hour for each. Every lesson stands on the ones before it. Sections called "Going further" can be skipped: nothing later needs them.
# - **A talk of half an hour.** Show the first figure of lesson 01, the line through the gap in lesson 02, and the scoreboard as it grows.
#
# One table runs through the course, the **scoreboard**: each detection method adds a row that says how many hours before the compressor gave up it would have called, and how often it would have called for nothing.

# %% [markdown]
# **What we saw.** The machine is ready, and a question has been asked.
# **What comes next.** [Lesson 01](01_what_is_an_anomaly.ipynb) opens the simulated recording of those five weeks and tries the rule that everybody writes first.
