"""An electrocardiogram of ten minutes with labelled ectopic beats: each beat is a sum of Gaussian waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from mupy_helpers.checks import check_callable, checked_count

RATE_HZ, MINUTES, SEED = 360, 10, 3
# So long at first there are only normal beats, for a detector to learn from.
NORMAL_MINUTES = 3
ECTOPIC_SHARE = 0.12

# The waves of a beat: time from the R peak (s), height (mV), width (s). The times of P and T stretch with the
# square root of the time since the beat before (Bazett): a heart does not know when its next beat will come.
NORMAL_WAVES = ((-0.17, 0.14, 0.025), (-0.028, -0.12, 0.009), (0.0, 1.15, 0.010), (0.030, -0.24, 0.010),
                (0.26, 0.30, 0.050))
# No P wave, a wide and tall main wave, and a T wave that points the other way.
ECTOPIC_WAVES = ((-0.055, -0.18, 0.022), (0.0, 1.45, 0.034), (0.085, -0.55, 0.034), (0.30, -0.38, 0.065))


def simulate_heartbeats(seed=SEED, progress=None):
    """Simulate an electrocardiogram with premature ventricular beats.

    Parameters
    ----------
    seed : int, default 3
        Seed of the rhythm, the shapes and the noise.
    progress : callable, optional
        Called now and then with the share that is done, 0 to 1.

    Returns
    -------
    dict of DataFrame
        ``"data"``: index ``time`` since the start (360 a second), column ``ecg`` in mV, to 0.005, float32.
        ``"labels"``: one row a beat, index ``time`` of its R peak, ``beat``: ``"normal"`` or ``"ectopic"``.

    References
    ----------
    A beat as a sum of Gaussian waves: McSharry, P. E., Clifford, G. D., Tarassenko, L. and Smith, L. A. (2003),
    "A dynamical model for generating synthetic electrocardiogram signals", IEEE Transactions on Biomedical
    Engineering 50(3), 289-294. We add the waves in time, and do not integrate their equations.
    """
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    check_callable(progress, "progress")
    n = MINUTES * 60 * RATE_HZ
    peaks, lengths, ectopic = _rhythm(rng, MINUTES * 60)
    samples = np.round(peaks * RATE_HZ).astype("int64")
    ecg = np.zeros(n)
    before = lengths[0]
    for number, (sample, length) in enumerate(zip(samples, lengths, strict=True)):
        if progress is not None and number % 100 == 0:
            progress(number / len(samples))
        stretch = np.sqrt(before / 0.8)
        before = length
        rows = np.arange(max(sample - RATE_HZ // 2, 0), min(sample + RATE_HZ, n))
        t = rows / RATE_HZ - sample / RATE_HZ
        waves = ECTOPIC_WAVES if ectopic[number] else NORMAL_WAVES
        heights = 1 + 0.06 * rng.standard_normal(len(waves))
        widths = 1 + 0.04 * rng.standard_normal(len(waves))
        for (centre, height, width), taller, wider in zip(waves, heights, widths, strict=True):
            if abs(centre) > 0.1:
                centre, width = centre * stretch, width * stretch
            ecg[rows] += taller * height * np.exp(-0.5 * ((t - centre) / (wider * width)) ** 2)
    ecg = ecg * _breath(n) + _baseline(rng, n) + _muscle(rng, n)
    time = pd.to_timedelta(np.round(np.arange(n) * (1e9 / RATE_HZ)).astype("int64"), unit="ns")
    index = pd.TimedeltaIndex(time, name="time")
    beat = np.where(ectopic, "ectopic", "normal")
    return {
        "data": pd.DataFrame({"ecg": (np.round(ecg * 200) / 200 + 0.0).astype("float32")}, index=index),
        "labels": pd.DataFrame({"beat": beat}, index=index[samples]),
    }


def _rhythm(rng, seconds):
    """Return the times of the beats (s), the time to the next one (s), and whether each is ectopic.

    An ectopic beat comes early, and the pause after it makes up for that.
    """
    peaks, lengths, ectopic = [], [], []
    now, slow, since = 0.6, 0.0, 0
    while now < seconds - 0.6:
        slow = 0.97 * slow + 0.24 * rng.standard_normal()
        breath = 0.03 * np.sin(2 * np.pi * now / 4.1)
        length = 0.80 + breath + 0.02 * slow + 0.012 * rng.standard_normal()
        early = rng.random() < ECTOPIC_SHARE and since > 2 and now > NORMAL_MINUTES * 60
        if early and now + 2 * length < seconds - 0.6:
            coupling = rng.uniform(0.56, 0.72)
            peaks += [now, now + coupling * length]
            lengths += [coupling * length, (2 - coupling) * length]
            ectopic += [False, True]
            now, since = now + 2 * length, 0
        else:
            peaks.append(now)
            lengths.append(length)
            ectopic.append(False)
            now, since = now + length, since + 1
    return np.array(peaks), np.array(lengths), np.array(ectopic)


def _breath(n):
    """Return the slow change of the height with breathing."""
    return 1 + 0.05 * np.sin(2 * np.pi * np.arange(n) / (4.1 * RATE_HZ))


def _baseline(rng, n):
    """Return the wander of the baseline in mV: breathing, and slow movement of the electrodes."""
    slow = lfilter([1.0], [1.0, -np.exp(-1 / (6 * RATE_HZ))], rng.standard_normal(n)) / np.sqrt(3 * RATE_HZ)
    smooth = lfilter([1 - np.exp(-1 / RATE_HZ)], [1.0, -np.exp(-1 / RATE_HZ)], slow)
    return 0.06 * np.sin(2 * np.pi * np.arange(n) / (4.1 * RATE_HZ) + 1.0) + 0.2 * smooth


def _muscle(rng, n):
    """Return the noise in mV: of the amplifier, and of muscles, which comes and goes."""
    strength = lfilter([1.0], [1.0, -np.exp(-1 / (8 * RATE_HZ))], rng.standard_normal(n)) / np.sqrt(4 * RATE_HZ)
    return (0.012 + 0.025 * np.maximum(strength, 0.0)) * rng.standard_normal(n)
