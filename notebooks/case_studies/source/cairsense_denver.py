# ---
# jupyter:
#   mupy:
#     title: Three copies of a sensor judge each other
#     question: Three copies of a cheap air sensor hang side by side. Which of them is bad, and can they tell without a reference and without a label?
#     able:
#       - check a workbook against what is known of it before believing a number in it
#       - find a bad unit by correlations and by residuals against the other two
#       - estimate each unit's correlation with the truth from the three of them alone, and say when that breaks down
#     need: lessons 01 to 03
#     data:
#       - "the course's twin of EPA CAIRSENSE Denver, simulated (CC BY 4.0), in place of the published workbook, which you may put here by hand"
#       - "figures of the published workbook (licence not stated), typed where it says *published*"
#     stored_without: air_quality_denver
# ---

# %% [markdown]
# ## A street of boxes in Denver
#
# From 2015 to 2016 the US Environmental Protection Agency hung cheap air sensors beside the instruments of a station in Denver: **three copies** of each model, for seven months (Feinberg and others, 2018).
# Its workbook, `CAIRSENSE_DataFiles.xlsx`, has 13 sheets; eleven of them hold three units, a reference and the weather.
#
# It cannot be downloaded from here.
# This page runs on the workbook where it finds it, and else on the course's **twin**, simulated so that its correlations are the published ones.
# It says which.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from mupy_helpers import datasets, plots

plots.use_style()
is_whole = datasets.is_available("air_quality_denver")
print("air of Denver:", "the published workbook" if is_whole else "the twin, simulated")


# %%
def replicates(sheet):
    """Return the three units of a sheet: its columns of numbers that are neither reference nor weather."""
    units = [name for name in sheet.select_dtypes("number")
             if not any(part in str(name).upper() for part in ("SOC", "TEMP", "RHAMB"))]
    if len(units) != 3:
        raise ValueError(f"three units were expected, and the sheet has {units}: pick them by hand")
    return sheet[units].set_axis(["unit 1", "unit 2", "unit 3"], axis=1)


# %%
if is_whole:
    sheets = {name: datasets.fetch_air_quality_denver(name).resample("10min").mean(numeric_only=True)
              for name in ("Aeroqual", "TZOA")}
    ozone, dust = replicates(sheets["Aeroqual"]), replicates(sheets["TZOA"])
    reference, temperature = (sheets["Aeroqual"].filter(regex=f"(?i){part}").iloc[:, 0] for part in ("SoC", "TEMP"))
else:
    air = datasets.load_air_quality()
    ozone, dust = air[["ozone_1", "ozone_2", "ozone_3"]], air[["particles_1", "particles_2", "particles_3"]]
    ozone, dust = replicates(ozone), replicates(dust)
    reference, temperature = air["ozone_reference"], air["temperature"]
print(f"{len(ozone):,} rows of ten minutes, {ozone.index[0]:%d %b %Y} to {ozone.index[-1]:%d %b %Y}")

# %% [markdown]
# To run it on the workbook, ask the agency for the file, put it into the folder `cairsense` of the folder that `MUPY_DATA` names, and run the page again (a sheet takes about a minute).
# The loader then checks what is known of it: the 13 sheets, 212,047 rows of ozone from 8 September 2015 to 22 February 2016, 139,913 rows of dust, the columns of reference and weather.
# Where our words and your figures disagree, believe the figures.
#
# ## Look first
#
# Before any statistic: can the numbers be what their labels say?
# The workbook labels its temperature °C, and so does the twin.

# %%
by_month = temperature.groupby(temperature.index.to_period("M")).median()
pd.DataFrame({"median as labelled (°C)": by_month, "if it is °F (°C)": (by_month - 32) / 1.8}).round(0).astype(int).T

# %% [markdown]
# A September of 62 °C has not been seen in Denver; one of 17 °C is seen every year.
# Of the published workbook we know values between 67 and 85, so they are Fahrenheit too; of which rows, our notes do not say.
# Whoever corrects a sensor for temperature by its label corrects it wrongly, and nothing crashes.

# %%
pd.DataFrame({"ozone, here": ozone.isna().mean(), "ozone, published": [0.064, 0.167, 0.075],
              "dust, here": dust.isna().mean()}).map("{:.1%}".format).replace("nan%", "")

# %% [markdown]
# A sixth of the second ozone unit is missing, so every comparison below uses only rows in which all its sides were read.
# Now the dust; hatched is where a unit gave nothing.

# %%
last, unit = dust.dropna().index[-1].normalize(), "" if is_whole else " (µg/m³)"
week = dust[last - pd.Timedelta("42D"):last - pd.Timedelta("35D")]
figure, axes = plt.subplots(nrows=3, sharex=True, sharey=True, figsize=(10, 6))
for ax, (name, colour) in zip(axes, {"unit 1": "anomaly", "unit 2": "normal", "unit 3": "second"}.items()):
    plots.plot_series(week[name].dropna(), ax=ax, ylabel=name + unit, color=plots.COLOURS[colour], linewidth=0.8)
axes[0].set_title("Dust for a week: two units rise together, one does not")
plots.describe(figure, "Three dust units in one week. Units 2 and 3 rise and fall together over hours, between "
                       "about 4 and 20. Unit 1 jumps between levels near 20 and follows neither.")
plt.show()

# %% [markdown]
# No label says that unit 1 is bad, and no reference is needed: the others agree, and it does not.
# (In the twin the dust units start in November, hence the large share missing.)
#
# ## What is published
#
# The study compares each unit with the station's instrument: correlations of hourly means with the reference ran from .01 to .86 for particle sensors, and the ozone sensor's response fell from a slope of about 1.2 to .6 between the laboratory audits before and after.
# Its protocol is offline, and needs the reference.
#
# Of the workbook itself we hold these correlations over the whole recording.
# The study does not print them, and our notes do not say whether they are of minutes or of longer means.

# %%
pairs = ["1-2", "1-3", "2-3"]
published = pd.DataFrame({"ozone": [0.59, 0.88, 0.67], "dust": [0.08, 0.05, 0.84]}, index=pairs)


def pairwise(units):
    r = units.corr().to_numpy()
    return pd.Series([r[0, 1], r[0, 2], r[1, 2]], index=pairs)


published.add_suffix(", published").join(pd.DataFrame({"ozone, here": pairwise(ozone), "dust, here": pairwise(dust)})
                                         .round(2))

# %% [markdown]
# The twin was made to have these correlations, so that it has them is no finding.
# What we may ask it is what follows from them.
#
# ## The naive try: who agrees least?
#
# Each unit gets two marks: its mean correlation with the other two, and the spread of its **residual**, the unit less the mean of the other two (of two, that is the median as well).
# A constant difference is no quarrel here, so the residual's own median is taken off, and shown apart.

# %%
def residual(units):
    return pd.DataFrame({name: units[name] - units.drop(columns=name).mean(axis=1, skipna=False) for name in units})


def marks(units):
    gap, r = residual(units.dropna()), units.corr().fillna(0)  # a constant has no correlation: it counts as none
    return pd.DataFrame({"correlation": r.mask(np.eye(3) == 1).mean(),
                         "residual spread": 1.4826 * (gap - gap.median()).abs().median(), "offset": gap.median()})


pd.concat({"ozone": marks(ozone), "dust": marks(dust)}).round(3)

# %% [markdown]
# Both marks name dust unit 1 and ozone unit 2.
# But they name **somebody** in every three: the least of three is not yet bad.
# And the innocent are punished too: the residual of dust units 2 and 3 holds half of unit 1's nonsense, because it is one of the two that they are compared with.
#
# ## Our run: what do the three share?
#
# Suppose each unit is the truth, scaled and shifted, plus an error of its own, and the errors have nothing to do with each other.
# Then the correlation of two units is the product of their correlations with the truth.
# Three units give three products, and three unknowns can be solved: `r1² = r12 · r13 / r23`, and so on around.
# This is called **triple collocation** (Stoffelen, 1998; in this form McColl and others, 2014).
# It needs no reference, and no label.

# %%
def with_truth(r):
    squares = [r["1-2"] * r["1-3"] / r["2-3"], r["1-2"] * r["2-3"] / r["1-3"], r["1-3"] * r["2-3"] / r["1-2"]]
    return pd.Series(np.sqrt(squares), index=["unit 1", "unit 2", "unit 3"])


pd.DataFrame({
    "published: from the three": with_truth(published["ozone"]),
    "published: with the reference": [0.83, 0.71, 0.92],
    "here: from the three": with_truth(pairwise(ozone)),
    "here: with the reference": ozone.corrwith(reference),
}).round(2)

# %% [markdown]
# The two columns on the left are **about the real sensors**: from three published numbers, without the reference, we get the order of the units and their quality within a tenth of what the reference says.
# The right ones repeat it on the twin's rows, which were made to have these correlations.
#
# It errs in a direction that one can understand.
# If the errors of units 1 and 3 were their own, these two would correlate by .83 times .92, which is .76; they do by .88.
# So they share something that the reference does not: heat and damp, perhaps, or the reference has an error of its own.
# **What the units share counts as truth.**

# %%
with_truth(published["dust"]).to_frame("published dust: from the three").round(2).T

# %% [markdown]
# For dust the formula breaks down, and it says so: a correlation above 1 does not exist.
# It divides by the .05 of a unit that shares nothing with the others: with .06 the 1.16 would be 1.06, with .04 it would be 1.30, and with a negative correlation there would be no root.
# Unit 1 comes out near zero each time, which is the finding; about the other two it tells nothing.
#
# ## How soon could one know?
#
# A correlation over five months is an autopsy.
# We cut the recording into spans of some hours, and ask at the end of each, with nothing before or after: who has the lowest correlation, who the widest residual?

# %%
def named(units, suspect, hours):
    table = [marks(span) for _, span in units.dropna().resample(f"{hours}h") if len(span) >= 3 * hours]
    return {"spans": len(table), "by correlation": np.mean([each["correlation"].idxmin() == suspect for each in table]),
            "by residual": np.mean([each["residual spread"].idxmax() == suspect for each in table])}


pd.DataFrame({(kind, f"{hours} h"): named(units, unit, hours)
              for kind, units, unit in (("dust, unit 1", dust, "unit 1"), ("ozone, unit 2", ozone, "unit 2"))
              for hours in (12, 24, 48, 168)}).T.round(2)

# %% [markdown]
# In the twin two days are enough for the residual to name the broken dust unit every time, and for the correlation nearly so; drawing lots would name it in a third of the spans.
# But ozone unit 2, which is not broken and only the least good of three, is named almost as surely.
# **To be named is not to be bad**: a table like this one shows that a unit differs, not by how much.
# Nor is one mark always quicker: in twelve hours it is the residual for this dust unit, the correlation for this ozone unit.
#
# ## How much of an agreement is only the sun?
#
# Ozone rises with the sun every day.
# Two boxes that see the sun agree, even if one hangs in another town.
# So we also correlate each unit with the others **of the day before**.

# %%
def a_day_apart(units):
    yesterday = units.shift(freq="1D")
    return [units[f"unit {one}"].corr(yesterday[f"unit {other}"]) for one, other in ((1, 2), (1, 3), (2, 3))]


pd.DataFrame({"ozone": pairwise(ozone), "ozone, a day apart": a_day_apart(ozone),
              "dust": pairwise(dust), "dust, a day apart": a_day_apart(dust)}).round(2)

# %% [markdown]
# In the twin about half of the correlation of two ozone units is there with yesterday's readings too.
# So a correlation of .4 between two ozone sensors is weak evidence: whatever follows the day would give as much.
#
# ## What made the difference, and what nobody sees
#
# Which mark sees which fault?
# We break the best ozone unit by hand in the last four weeks, and ask how far its weekly marks move, in standard deviations of the weeks before.
# One of the faults is the published one, a response that falls to half.

# %%
is_late = ozone.index >= ozone.index[-1] - pd.Timedelta("28D")
best = ozone["unit 3"]
faults = {"nothing": best, "reads half": best * 0.5, "0.02 ppm too high": best + 0.02,
          "an hour late": best.shift(freq="1h").reindex(best.index), "stuck": best * 0 + best[is_late].dropna().iloc[0]}
broken = {name: ozone.assign(**{"unit 3": best.where(~is_late, values)}) for name, values in faults.items()}
broken["all three 0.02 too high"] = ozone + 0.02 * is_late[:, None]


# %%
def moved(units):
    onset = units.index[is_late][0]  # weeks are counted from here, or one of them would be half broken
    weekly = pd.DataFrame({start: marks(week).loc["unit 3"] for start, week in units.resample("7D", origin=onset)
                           if len(week.dropna()) > 500}).T
    late = weekly.index >= onset
    before = weekly[~late]
    return (weekly[late].mean() - before.mean()) / before.std()


pd.DataFrame({name: moved(units) for name, units in broken.items()}).T.round(1) + 0.0

# %% [markdown]
# - **A correlation is blind to gain and zero.** A unit that reads half, or too high, follows the others as well as before.
# - The offset sees both, the zero better than the gain. But units drift: these four weeks move it by 1.1 with no fault at all, other quiet four weeks by up to 2.1, so the half gain is seen, and not by much.
# - A stuck unit moves correlation and residual by seven and more.
# - An hour of a wrong clock moves nothing by more than two standard deviations, which quiet weeks do as well.
# - **What all three do alike, no mark sees.** A heat that lifts all of them is, for them, the air.
#
# So no one mark will do: watch all three marks, each against its own quiet weeks.
#
# ## What to distrust
#
# - **Two against one is a vote, not a proof.** Two bad units that fail alike outvote the good one.
# - **The shared error is invisible**: heat, damp, a common logger, a common clock. Triple collocation counts it as truth. Somebody has to carry a reference to the place now and then.
# - **The least of three is always somebody.** A limit is needed, from weeks in which all was well, as in the last table.
# - **The twin was made from these correlations.** Its noise is Gaussian and its broken unit is broken all the time; how soon a real unit would be named is not known from it.
# - **The published correlations are of one recording and one model of sensor**, with other rows missing in each unit, and typed here from notes, to two digits; to get the order of three right happens by luck one time in six.
#
# **What we saw.** Three copies of a sensor find their bad one without a label, and say how good each of them is, from three correlations; and their shared error passes unseen.
#
# **What this cannot do.** It cannot calibrate. Agreement fixes no unit and no zero: that is the reference's work.

# %% [markdown]
# ## References
#
# - S. Feinberg and others, "Long-term evaluation of air sensor technology under ambient conditions in Denver, Colorado", *Atmospheric Measurement Techniques* 11, 2018.
# - A. Stoffelen, "Toward the true near-surface wind speed: error modeling and calibration using triple collocation", *Journal of Geophysical Research: Oceans* 103, 1998.
# - K. A. McColl and others, "Extended triple collocation: estimating errors and correlation coefficients with respect to an unknown target", *Geophysical Research Letters* 41, 2014.
# - J. E. Gray, D. W. Allan, "A method for estimating the frequency stability of an individual oscillator", *Annual Symposium on Frequency Control*, 1974: the same idea for three clocks.
