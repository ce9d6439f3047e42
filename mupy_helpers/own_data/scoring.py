"""The default recipe for any table: causal scores, a threshold without labels, and alarms with their channel.

The first part of the recording is believed to be healthy. Its first 70 % fit the detectors, the rest of it is held back
and sets all scales and the threshold, as in `mupy_helpers.recipes`. Each channel has two scores: how far it is from
what level and season of the past let expect, and how far it is outside the range of its past (the recipe of
benchmarks/nab.py). Four channels or more have a third one together: how far the row is off their usual pattern (T² and
SPE). Each score is divided by its own limit on the held-back rows, and the largest counts.

These three suit a table that nobody has labelled: they learn from healthy rows alone, never look ahead, and each names
a channel or says that it was all together. What this table is like decides whether a season and a pattern are used.
"""

import re
import warnings
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from mupy_helpers import thresholds
from mupy_helpers.detectors import T2SPE, MovingMedianDecomposition, TrailingRange
from mupy_helpers.metrics import events_from_labels
from mupy_helpers.own_data.inspecting import SEASONS, checked_table, in_words, period_of, snapped
from mupy_helpers.own_data.reading import TableError, quoted
from mupy_helpers.recipes import HELD_BACK

LEAST_ROWS = 60  # of the healthy part
PATTERN = "all channels together"
WIDTHS = (1, 9, 25)  # rows of the medians whose range is watched, and the square root, as in benchmarks/nab.py
LEAST_RANGE = 0.3  # an excess of a tenth of the range: held-back rows that never leave it set no smaller limit
RISK = 1e-4
MERGE = 25  # alarms no more than so many steps apart are one: as far as the widest median reaches
FEW = 10  # different readings of a switch or a counter, not of a measurement
NEARLY = 0.9  # healthy rows above this share of their highest score are said together
CALM = 0.99  # the share of the held-back rows below the limit of a score


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores, threshold and alarms of a recording.

    Parameters
    ----------
    scores : Series of float, shape (n,)
        Higher is more anomalous. NaN in the rows on which the detectors were fitted.
    parts : DataFrame of float, shape (n, k)
        The scaled score of each channel, and that of all together where there is one; `scores` is their maximum.
    threshold, off : float
        An alarm begins above the one and ends at the other.
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
    period, window : int
        Rows of the season (0 for none) and of the level.
    proposals : list of str
        The detectors that are used, each with its reason.
    notes : list of str
    """

    scores: pd.Series
    parts: pd.DataFrame
    threshold: float
    off: float
    how: str
    is_alarm: pd.Series
    events: pd.DataFrame
    share: float
    healthy_until: pd.Timestamp
    period: int
    window: int
    proposals: list
    notes: list


def _joined(detector, values, n_fit):
    """Return the scores of a detector fitted on the first rows, for all rows; 0 where it finds nothing to fit."""
    try:
        detector.fit(values[:n_fit])
    except ValueError:  # no spread in these rows: this score can say nothing about the channel
        return np.zeros(len(values))
    return np.concatenate([detector.decision_scores_, detector.decision_function(values[n_fit:])])


def _channel_scores(values, n_fit, window, period):
    """Return the two scores of a channel without missing values."""
    level = MovingMedianDecomposition(window, period=period or None, n_seasons=3)
    outside = np.zeros(len(values))
    for width in WIDTHS:
        medians = pd.Series(values).rolling(width, min_periods=1).median().to_numpy()
        outside += np.sqrt(_joined(TrailingRange(window=4 * n_fit, warm_up=n_fit // 2), medians, n_fit))
    return _joined(level, values, n_fit), outside


def _scaled(scores, held, least=0.0):
    """Divide scores by the limit that few held-back rows are above, or no row before where these are all 0."""
    limit = max(float(np.quantile(scores[held], CALM)), least) or float(scores[:held.stop].max())
    return scores / limit if limit > 0 else np.zeros(len(scores))


def _threshold(held):
    """Return the threshold and where it comes from."""
    if held.max() <= 1:
        return 1.0, f"No score of the {len(held):,} held-back rows is above their limit of 1: that is the threshold."
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tail = thresholds.peaks_over_threshold(held, risk=RISK)
        except ValueError:
            tail = None
    if tail is not None and not caught and np.isfinite(tail.threshold) and tail.threshold <= 10 * held.max():
        upper = f"{tail.upper:.3g}" if np.isfinite(tail.upper) else "infinity"
        return max(tail.threshold, float(held.max())), (
            f"Peaks over threshold: the tail of the {len(held):,} held-back scores, carried on to a risk of {RISK:g} a "
            f"row (95 % band from {tail.lower:.3g} to {upper}), and never below the largest of them.")
    highest = thresholds.quantile(held, 1 / len(held))
    return 1.2 * max(highest, float(held.max())), (
        f"The largest of the {len(held):,} held-back scores and a fifth more: their tail cannot be extrapolated.")


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
    if isinstance(healthy, Real):
        if not 0 < healthy < 1:
            raise TableError(f"healthy must be a share between 0 and 1, or a moment, not {healthy}")
        rows, where = round(healthy * len(index)), f"a share of {healthy:g}"
    else:
        try:
            moment = pd.Timestamp(healthy)
        except ValueError as error:
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


def _proposals(fitting, period, window, step, seasonal, no_season, directions):
    """Say which detectors are used, and why they suit these channels."""
    total, few = fitting.shape[1], int((fitting.nunique() <= FEW).sum())
    season = f"no season is taken off, because {no_season}"
    if period:
        where = "" if total == 1 else f" in {seasonal} of the {total} channels"
        season = f"a season of {period} rows ({in_words(period * step)}) returns{where}, and is taken off there"
    sentences = [f"Far from what the past lets expect: the median of the last {window} rows; {season}.",
                 "Outside the range of the past, each channel by itself: it asks for no shape"
                 + (f", so it suits also the {few} with at most {FEW} different readings." if few else ".")]
    if directions is None:
        sentences.append("T² and SPE are not proposed: a pattern takes at least four channels that vary, and "
                         "something left over beside it.")
    else:
        together = ("the channels move together, so a broken relation can show" if directions <= total / 2 else
                    "the channels move together little, so expect little of it")
        sentences.append(f"Off the usual pattern of all {total} channels (T² and SPE): {directions} directions hold "
                         f"90 % of their variance; {together}.")
    return sentences


def _pushed_up(calm):
    """Say which healthy rows score so high that they push the threshold up."""
    top = calm[calm > NEARLY * calm.max()]
    moments = ", ".join(str(each) for each in top.index[:3]) + (f" and {len(top) - 3} more" if len(top) > 3 else "")
    some, they = ("One row", "it pushes") if len(top) == 1 else (f"{len(top)} rows", "they push")
    return (f"{some} of the first part score{'s' if len(top) == 1 else ''} {calm.max():.3g} or nearly so ({moments}), "
            f"and {they} the threshold up: look there, and choose another healthy part if that was not healthy.")


def score(df, healthy=0.3, progress=None):
    """Score a recording causally, set a threshold without labels, and raise alarms.

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
    n_healthy = _healthy_rows(df.index, healthy)
    n_fit = round((1 - HELD_BACK) * n_healthy)
    held, notes = slice(n_fit, n_healthy), []

    fitting = df.iloc[:n_fit]
    spread = fitting.max() - fitting.min()  # NaN where all is missing
    usable = [name for name in df if spread[name] > 0 and fitting[name].notna().sum() >= n_fit // 2]
    dropped = [name for name in df if name not in usable]
    if dropped:
        notes.append(f"Not scored, because constant or mostly missing in the rows to fit on: {quoted(dropped)}.")
    if not usable:
        raise TableError("no channel varies in the first part of the recording: there is no usual behaviour to learn")

    periods = {name: period_of(fitting[name].to_numpy()) for name in usable}
    period = max(periods.values(), key=lambda each: each[1])[0]
    steps = df.index[:n_fit].to_series().diff().iloc[1:]
    period = snapped(period, steps.median())
    no_season = "none stands out"
    if period and (steps > 1.5 * steps.median()).any():
        period, no_season = 0, "the first part has gaps, which put a season counted in rows out of step"
    if period and n_fit < SEASONS * period:
        period, no_season = 0, f"the rows to fit on hold fewer than {SEASONS} of them"
    window = period or min(max(25, n_fit // 20), 500)
    window = max(window, 8) if not period else period * -(-8 // period)

    # A missing reading counts as the last one before; what is missing at the very beginning as the usual one.
    filled = df[usable].ffill().fillna(fitting[usable].median())
    missing = df[usable].isna().to_numpy()
    parts, seasonal, directions = {}, 0, None
    for done, name in enumerate(usable, 1):
        values = filled[name].to_numpy()
        # The season of one channel is not that of another: each has its own, or none.
        own = period if periods[name][0] and abs(periods[name][0] - period) <= 0.1 * period else 0
        seasonal += own > 0
        level, outside = _channel_scores(values, n_fit, window, own)
        both = np.maximum(_scaled(level, held), _scaled(outside, held, least=LEAST_RANGE))
        parts[name] = np.where(missing[:, done - 1], 0.0, both)
        if progress is not None:
            progress(done, len(usable))
    if len(usable) >= 4:
        centred = (filled - fitting[usable].median()) / spread[usable]
        detector = T2SPE(n_components=0.9)
        pattern = np.sqrt(_joined(detector, centred.to_numpy(), n_fit))
        directions = detector.n_components_ if pattern.any() else None
        parts[PATTERN if PATTERN not in parts else PATTERN + " (pattern)"] = _scaled(pattern, held)
    parts = pd.DataFrame(parts, index=df.index)
    parts.iloc[:n_fit] = np.nan
    scores = parts.max(axis=1)

    calm = scores.iloc[held].to_numpy()
    on, how = _threshold(calm)
    if on > 5:
        notes.append(_pushed_up(scores.iloc[held]))
    off = (on + float(np.median(calm))) / 2
    later = scores.iloc[n_healthy:]
    is_alarm = thresholds.hysteresis(later, on, off).reindex(df.index, fill_value=False)
    events = _events(is_alarm, scores, parts, MERGE * df.index[:n_healthy].to_series().diff().median())
    rows = later.index.searchsorted(events["end"], side="right") - later.index.searchsorted(events["start"])
    share = float(rows.sum() / len(later))
    if share > 0.2:
        notes.append(f"{share:.0%} of the later rows are in an alarm: the first part may not show what is usual later; "
                     "choose another healthy part before believing them.")
    proposals = _proposals(fitting[usable], period, window, steps.median(), seasonal, no_season, directions)
    return Scored(scores, parts, on, off, how, is_alarm, events, share, df.index[n_healthy], int(period), int(window),
                  proposals, notes)


def _events(is_alarm, scores, parts, merge):
    events = events_from_labels(is_alarm, merge=merge)
    highest = [scores.loc[event.start:event.end].idxmax() for event in events.itertuples()]
    events["began"] = pd.Series([parts.loc[start].idxmax() for start in events["start"]], dtype=object)
    events["channel"] = pd.Series([parts.loc[moment].idxmax() for moment in highest], dtype=object)
    events["score"] = pd.Series([scores.loc[moment] for moment in highest], dtype=float)
    return events
