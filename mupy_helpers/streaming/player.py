"""Play recorded or simulated readings at any speed (lesson 08)."""

import math
import time as clock

import pandas as pd

from mupy_helpers.checks import check_callable, checked_index, checked_number


def play(rows, publish, speed=None, stop=None):
    """Hand on one row after the other, as fast as they came or faster.

    Parameters
    ----------
    rows : DataFrame with a time index, shape (n, d)
        For example `simulate_cold_store(...).data`.
    publish : callable
        Takes the time and a dict of the values by channel, such as `MQTTSink.publish` or `Monitor.feed`.
    speed : float, optional
        Recorded seconds in a second: 1 is as they came, 3600 an hour in a second. By default without a pause.
    stop : callable, optional
        Asked before each row; True ends the play.

    Returns
    -------
    int
        The rows handed on.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(rows, pd.DataFrame) or checked_index(rows.index, "rows") is None:
        raise TypeError("rows must be a DataFrame with a time index")
    if not callable(publish):
        raise TypeError(f"publish must be a function of time and values, not {publish!r}")
    check_callable(stop, "stop")
    if not all(pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind) for kind in rows.dtypes):
        raise TypeError("rows must hold numbers only: leave columns of text or times out")
    speed = None if speed is None else checked_number(speed, "speed", above=0)
    columns = [str(column) for column in rows.columns]
    began, played = clock.monotonic(), 0
    for time, values in zip(rows.index, rows.to_numpy(dtype=float, na_value=math.nan), strict=True):
        if speed is not None:
            pause = (time - rows.index[0]).total_seconds() / speed - (clock.monotonic() - began)
            clock.sleep(max(pause, 0))
        if stop is not None and stop():
            break
        publish(time, dict(zip(columns, values.tolist(), strict=True)))
        played += 1
    return played
