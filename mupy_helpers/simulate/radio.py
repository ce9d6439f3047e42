"""A bad radio line between a sensor and whoever listens: late, twice, or never (lesson 08)."""

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_index, checked_length, checked_number


def send_by_radio(readings, delay="20s", share_stuck=0.02, stuck="15min", share_twice=0.02, share_lost=0.01, seed=7):
    """Say when each reading arrives, if at all.

    Parameters
    ----------
    readings : DataFrame or Series with a time index, shape (n, ...)
    delay : timedelta-like
        Mean of the usual delays, which are exponential.
    share_stuck, share_twice, share_lost : float
        Shares of the readings that wait in a buffer, arrive a second time three minutes later, or never.
    stuck : timedelta-like
        The longest wait in the buffer; the waits are uniform.
    seed : int

    Returns
    -------
    DataFrame, one row an arrival, in the order in which they arrive
        time (of the reading), number (its row in `readings`), arrives.

    Raises
    ------
    TypeError, ValueError
        When the readings have no time index in order, a share is not one, or a delay is no length of time.
    """
    if not hasattr(readings, "index") or callable(readings.index) or checked_index(readings.index, "readings") is None:
        raise TypeError("readings must have a time index")
    for name, share in {"share_stuck": share_stuck, "share_twice": share_twice, "share_lost": share_lost}.items():
        if not 0 <= checked_number(share, name) <= 1:
            raise ValueError(f"{name} must be a share between 0 and 1, not {share}")
    delay, stuck = checked_length(delay, "delay", zero=True), checked_length(stuck, "stuck", zero=True)
    rng, n = np.random.default_rng(checked_count(seed, "seed", at_least=0)), len(readings)
    waits = rng.exponential(delay.total_seconds(), n)
    waits += np.where(rng.random(n) < share_stuck, rng.uniform(0, stuck.total_seconds(), n), 0)
    try:
        arrives = readings.index + pd.to_timedelta(waits, unit="s")
    except (OverflowError, ValueError) as error:
        raise ValueError("the readings and their delays must lie between the years 1678 and 2261") from error
    sent = pd.DataFrame({"time": readings.index, "number": np.arange(n), "arrives": arrives})
    again = sent[rng.random(n) < share_twice].assign(arrives=lambda twice: twice["arrives"] + pd.Timedelta("3min"))
    arrivals = pd.concat([sent[rng.random(n) >= share_lost], again])
    return arrivals.sort_values("arrives", kind="stable", ignore_index=True)
