"""Readings in, scores and alarms out: arrivals, scorer and alarms in one object that survives a restart (lesson 08)."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mupy_helpers.streaming.alarms import AlarmFilter
from mupy_helpers.streaming.arrivals import Arrivals
from mupy_helpers.streaming.scorer import StreamScorer


@dataclass(frozen=True)
class Scored:
    """One reading and what was made of it.

    Parameters
    ----------
    time : Timestamp
    values : ndarray of float, shape (d,)
    score : float
    is_alarm : bool
    news : list of Alarm
        Begins and ends to tell now.
    """

    time: pd.Timestamp
    values: np.ndarray
    score: float
    is_alarm: bool
    news: list


class Monitor:
    """Watches one unit: puts its readings in order, scores them, and tells each alarm once with its reason.

    The reason names the channel that adds most to the score, where the detector can say (`explain`, or a detector of
    a single channel); else the channel that is farthest from its usual value, in its usual deviations.

    Parameters
    ----------
    scorer : StreamScorer or what scores like one
    arrivals : Arrivals
        Readings from before the end of the fit are late where the detector goes on from there.
    alarms : AlarmFilter
    """

    def __init__(self, scorer, arrivals, alarms):
        if not hasattr(scorer, "score_one"):
            raise TypeError(f"scorer must be a StreamScorer or an OnlineScorer, not a {type(scorer).__name__}")
        for given, kind, name in ((arrivals, Arrivals, "arrivals"), (alarms, AlarmFilter, "alarms")):
            if not isinstance(given, kind):
                raise TypeError(f"{name} must be of the kind {kind.__name__}, not {type(given).__name__}")
        columns = scorer.columns
        if columns is not None and columns != arrivals.columns:
            raise ValueError(f"the detector was fitted on {columns}, but arrivals has the columns {arrivals.columns}: "
                             "give the same ones in the same order")
        self.scorer, self.arrivals, self.alarms = scorer, arrivals, alarms
        arrivals.begin_after(scorer.last_time)
        # Of the rows without an alarm (Welford): how many, their mean, and their summed squared deviations.
        self._calm, self._mean = 0, np.zeros(len(arrivals.columns))
        self._squares = np.zeros(len(arrivals.columns))

    def feed(self, time, values):
        """Take a reading as it comes.

        Parameters
        ----------
        time : timestamp-like
        values : dict by channel, or sequence in the order of the columns

        Returns
        -------
        list of Scored
            For the readings released by this one, in the order of time: none, one or several.
        """
        return [self._take(*reading) for reading in self.arrivals.push(time, values)]

    def flush(self):
        """Score the readings that still wait, at the end of a stream.

        Returns
        -------
        list of Scored
        """
        return [self._take(*reading) for reading in self.arrivals.flush()]

    def _take(self, time, values):
        score = self.scorer.score_one(values, time)
        is_alarm, news = self.alarms.update(score, time)
        news = [self._explained(alarm, values) if alarm.kind == "begin" else alarm for alarm in news]
        if not is_alarm:
            self._calm += 1
            step = values - self._mean
            self._mean = self._mean + step / self._calm
            self._squares = self._squares + step * (values - self._mean)
        return Scored(time, values, score, is_alarm, news)

    def _explained(self, alarm, values):
        shares, share = self.scorer.explain_last(), None
        if shares is not None:
            channel = int(np.argmax(shares))
            # What belongs to no channel, and negative scores, leave no share to speak of.
            share = float(shares[channel] / alarm.score) if alarm.score > 0 and 0 <= shares[channel] else None
        elif self._calm > 1 and self._squares.any():
            size = np.sqrt(self._squares / (self._calm - 1))
            distance = np.abs(values - self._mean)
            channel = int(np.argmax(np.divide(distance, size, out=np.where(distance > 0, np.inf, 0), where=size > 0)))
        else:
            return alarm
        usual = float(self._mean[channel]) if self._calm else None
        return replace(alarm, channel=str(self.arrivals.columns[channel]), value=float(values[channel]), usual=usual,
                       share=share)

    def save(self, path, extra=None):
        """Write everything that a restart needs into one file without code.

        Parameters
        ----------
        path : str or Path
            Must end in .npz; a file of that name is replaced in one step, so that a crash leaves the old or the new.
        extra : dict, optional
            What else belongs to this moment, such as `MQTTSource.state()`; `load` puts it into `extra`.

        Returns
        -------
        Path
        """
        from mupy_helpers.streaming.files import packed_scorer, write

        return write(path, "Monitor", {
            "scorer": packed_scorer(self.scorer), "arrivals": self.arrivals.state(), "alarms": self.alarms.state(),
            "calm": self._calm, "mean": self._mean, "squares": self._squares, "extra": extra})

    @classmethod
    def load(cls, path, detector=None):
        """Read a monitor from a file that `save` has written, and go on where it was.

        Parameters
        ----------
        path : str or Path
        detector : PyOD detector, optional
            The fitted one, where the file holds none.

        Returns
        -------
        Monitor
            With the attribute `extra`.

        Raises
        ------
        ValueError
            When the file is none of ours or damaged.
        """
        from mupy_helpers.streaming.files import read, scorer_from

        def made(content):
            new = cls(scorer_from(content["scorer"], detector), Arrivals.resumed(content["arrivals"]),
                      AlarmFilter.resumed(content["alarms"]))
            new._calm, new._mean, new._squares = content["calm"], content["mean"], content["squares"]
            new.extra = content["extra"]
            return new

        return read(path, "Monitor", made)


def watch(detector, columns, on, *, off=None, k=1, n=1, merge="0s", lateness="0s", missing="skip", max_hold=10,
          max_gap=None):
    """Make a monitor of a fitted detector in one line.

    Parameters
    ----------
    detector : one of ours or of PyOD's
    columns : list of str
    on, off, k, n, merge
        As in `AlarmFilter`.
    lateness, missing, max_hold, max_gap
        As in `Arrivals`.

    Returns
    -------
    Monitor
    """
    scorer = detector if hasattr(detector, "score_one") else StreamScorer(detector)
    return Monitor(scorer, Arrivals(columns, lateness, missing, max_hold, max_gap), AlarmFilter(on, off, k, n, merge))
