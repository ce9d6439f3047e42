"""The default recipe on any table: causal scores, a limit without labels, and alarms with their channel.

The first part of the recording is believed to be healthy. Its first 70 % of rows fit the recipe of
`mupy_helpers.own_data.recipe`, the rest of it is held back and sets the limits, as in `mupy_helpers.recipes`. Here is
what stands around the recipe: what of the table it gets, what it says of itself, and alarms that name a channel.
"""

import re
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from mupy_helpers.checks import check_callable
from mupy_helpers.metrics import events_from_labels
from mupy_helpers.own_data.inspecting import checked_table
from mupy_helpers.own_data.reading import TableError, quoted
from mupy_helpers.own_data.recipe import LEAST_ROWS, TOGETHER, score_parts
from mupy_helpers.recipes import HELD_BACK

THRESHOLD = 1.0  # the scores are in terms of their own limits
MERGE = 25  # alarms no more than so many steps apart are one: as far as the widest median reaches
FEW = 10  # different readings of a switch or a counter, not of a measurement
FARTHEST = 1e6  # ranges of the healthy rows: what is farther counts as that far, or its square would be no number


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores, threshold and alarms of a recording.

    Parameters
    ----------
    scores : Series of float, shape (n,)
        Higher is more anomalous. NaN in the rows on which the recipe was fitted.
    parts : DataFrame of float, shape (n, k)
        The score of each channel, and that of all together where there is one; `scores` is their maximum.
    threshold : float
        An alarm is a score above it.
    how : str
        Where the threshold comes from, in a sentence.
    is_alarm : Series of bool, shape (n,)
        None before the healthy part ends.
    events : DataFrame with the columns start, end, began, channel and score
        The alarms: `began` is the channel that was highest in its first row, `channel` the one with its highest score.
    share : float
        Of the rows behind the healthy part: how many lie in one of the events.
    healthy_until : Timestamp
        The first row behind the healthy part.
    proposals : list of str
        The parts of the recipe that are used, each with its reason.
    notes : list of str
    """

    scores: pd.Series
    parts: pd.DataFrame
    threshold: float
    how: str
    is_alarm: pd.Series
    events: pd.DataFrame
    share: float
    healthy_until: pd.Timestamp
    proposals: list
    notes: list


def _healthy_rows(index, healthy):
    """Return the number of rows in the healthy part: of a share, a moment, or one of them written as text."""
    if isinstance(healthy, str):
        try:
            healthy = float(healthy)
        except ValueError:
            # The year first: anything else could be read with day and month exchanged.
            if not re.match(r"\d{4}-\d\d-\d\d", healthy.strip()):
                raise TableError("healthy must be a share such as 0.3 or a moment such as 2024-01-31, not "
                                 f"{healthy!r}") from None
    if isinstance(healthy, Real) and not isinstance(healthy, np.timedelta64):
        healthy = float(healthy)
        if not 0 < healthy < 1:
            raise TableError(f"healthy must be a share between 0 and 1, or a moment, not {healthy}")
        rows, where = round(healthy * len(index)), f"a share of {healthy:g}"
    else:
        try:
            moment = pd.Timestamp(healthy)
        except (TypeError, ValueError, OverflowError) as error:
            raise TableError(f"healthy must be a share such as 0.3 or a moment such as 2024-01-31, not {healthy!r}"
                             ) from error
        if moment.tz is not None:
            moment = moment.tz_convert("UTC").tz_localize(None)  # as `read_table` does with the time
        if not index[0] < moment <= index[-1]:
            raise TableError(f"the healthy part was to end at {moment}, and the recording runs from {index[0]} to "
                             f"{index[-1]}: choose --healthy (healthy= in Python)")
        rows, where = int(index.searchsorted(moment)), f"up to {moment}"
    if rows < LEAST_ROWS or rows >= len(index):
        raise TableError(f"{len(index)} rows, of which {rows} are believed to be healthy ({where}), cannot be scored: "
                         f"at least {LEAST_ROWS} healthy rows and one more are needed")
    return rows


def _proposals(fitting):
    """Say which parts of the recipe are used, and why they suit these channels."""
    total, few = fitting.shape[1], int((fitting.nunique() <= FEW).sum())
    sentences = ["News: outside the range of the past, each channel by itself. It asks for no shape"
                 + (f", so it suits also the {few} with at most {FEW} different readings." if few else "."),
                 "Unrest: value, step and spread of the last rows of each channel, against those of healthy ones. It "
                 "ranks the rows without news, and raises no alarm."]
    if total < 4:
        return [*sentences, "All together is not proposed: a pattern takes at least four channels that vary."]
    strongest = np.linalg.eigvalsh(np.corrcoef(fitting.to_numpy().T))[::-1].cumsum()
    directions = int((strongest < 0.9 * total).sum()) + 1
    together = ("the channels move together, so a broken relation can show" if directions <= total / 2 else
                "the channels move together little, so expect little of it")
    return [*sentences, f"All {total} channels together: the distance of their last rows from healthy ones. {directions} "
                        f"direction{'s hold' if directions > 1 else ' holds'} 90 % of their variance; {together}."]


def _above(calm):
    """Say which held-back rows are above the limit already."""
    top = calm[calm > THRESHOLD]
    moments = ", ".join(str(each) for each in top.index[:3]) + (f" and {len(top) - 3} more" if len(top) > 3 else "")
    return (f"{'One row' if len(top) == 1 else f'{len(top)} rows'} of the first part would be an alarm already, with a "
            f"score up to {top.max():.3g} ({moments}): look there, and choose another healthy part if that was not "
            "healthy.")


def score(df, healthy=0.3, progress=None):
    """Score a recording causally by the default recipe, and raise alarms.

    Everything that is learned comes from the healthy part; a later row is scored from the rows up to it.

    Parameters
    ----------
    df : DataFrame of float with a time index, shape (n, d)
    healthy : float or timestamp-like
        The part at the beginning that is believed to be healthy: a share of the rows, or the moment where it ends.
        As text, the year comes first.
    progress : callable, optional
        Called with the number of channels done and of all.

    Returns
    -------
    Scored

    Raises
    ------
    TypeError, TableError
        Also when the healthy part has fewer than 60 rows, or nothing varies in it.
    """
    checked_table(df)
    check_callable(progress, "progress")
    n_healthy = _healthy_rows(df.index, healthy)
    n_fit, notes = round((1 - HELD_BACK) * n_healthy), []

    fitting = df.iloc[:n_fit]
    spread = fitting.max() - fitting.min()  # NaN where all is missing
    usable = [name for name in df if spread[name] > 0 and fitting[name].notna().sum() >= n_fit // 2]
    dropped = [name for name in df if name not in usable]
    if dropped:
        notes.append(f"Not scored, because constant or mostly missing in the rows to fit on: {quoted(dropped)}.")
    if not usable:
        raise TableError("no channel varies in the first part of the recording: there is no usual behaviour to learn")

    # A missing reading counts as the last one before; what is missing at the very beginning as the usual one.
    usual = fitting[usable].median()
    table = ((df[usable].ffill().fillna(usual) - usual) / spread[usable]).clip(-FARTHEST, FARTHEST)
    parts = score_parts(table.set_axis(range(len(usable)), axis=1), n_healthy, progress)
    together = TOGETHER if TOGETHER not in usable else TOGETHER + " (pattern)"
    parts.columns = [*usable, *[together] * (parts.shape[1] - len(usable))]
    parts[usable] = parts[usable].where(df[usable].notna(), 0.0)
    parts.iloc[:n_fit] = np.nan
    scores = parts.max(axis=1)

    calm, later = scores.iloc[n_fit:n_healthy], scores.iloc[n_healthy:]
    if (calm > THRESHOLD).any():
        notes.append(_above(calm))
    is_alarm = (later > THRESHOLD).reindex(df.index, fill_value=False)
    events = _events(is_alarm, scores, parts, MERGE * df.index[:n_healthy].to_series().diff().median())
    rows = later.index.searchsorted(events["end"], side="right") - later.index.searchsorted(events["start"])
    share = float(rows.sum() / len(later))
    if share > 0.2:
        notes.append(f"{100 * share:.0f} % of the later rows are in an alarm: the first part may not show what is usual "
                     "later; choose another healthy part before believing them.")
    above = f"{(calm > THRESHOLD).mean():.2%}".replace("%", " %")
    how = (f"Each score is divided by its limit, so the limit is 1; the {len(calm):,} held-back rows set it, with a "
           f"least one for news, and {above} of them are above it themselves.")
    return Scored(scores, parts, THRESHOLD, how, is_alarm, events, share, df.index[n_healthy],
                  _proposals(table.iloc[:n_fit]), notes)


def _events(is_alarm, scores, parts, merge):
    events = events_from_labels(is_alarm, merge=merge)
    highest = [scores.loc[event.start:event.end].idxmax() for event in events.itertuples()]
    events["began"] = pd.Series([parts.loc[start].idxmax() for start in events["start"]], dtype=object)
    events["channel"] = pd.Series([parts.loc[moment].idxmax() for moment in highest], dtype=object)
    events["score"] = pd.Series([scores.loc[moment] for moment in highest], dtype=float)
    return events
