"""Two first-order filters: noise with a memory, and values that lag behind."""

from __future__ import annotations

import numpy as np


def autoregression(noise, memory):
    """Return a stationary first-order autoregression down the rows.

    Parameters
    ----------
    noise : numpy.ndarray
        White noise of standard deviation 1, time along the first axis.
    memory : float
        Correlation of one row with the next, 0 to below 1.

    Returns
    -------
    numpy.ndarray
        Of the same shape, with standard deviation 1.
    """
    noise = np.array(noise, dtype=float)
    noise[1:] *= np.sqrt(1 - memory**2)
    return _recursion(noise, 1.0, memory)


def follow(values, steps):
    """Return values that follow with a lag, from 0 on.

    Parameters
    ----------
    values : numpy.ndarray
        What is followed, time along the first axis.
    steps : float
        Time constant in rows.

    Returns
    -------
    numpy.ndarray
        Of the same shape.
    """
    memory = np.exp(-1 / steps)
    return _recursion(values, 1 - memory, memory)


def _recursion(values, gain, memory):
    from scipy.signal import lfilter  # here, because it takes longer to import than all the rest

    return lfilter([gain], [1.0, -memory], values, axis=0)
