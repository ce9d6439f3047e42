"""Heart sounds through a stethoscope: two damped tones a beat, some hearts with a murmur, all with breath and noise.

An invention for learning about sounds: nothing here tells a healthy heart from a sick one.
"""

import numpy as np
import pandas as pd
from scipy.signal import butter, sosfilt

from mupy_helpers.checks import checked_count, checked_fraction

RATE = 2000  # samples per second
SECONDS = 5
# Amplitude of a murmur in units of the person's first sound: from hardly audible to plain, evenly by its logarithm.
FAINTEST, LOUDEST = 0.01, 0.3
DIASTOLIC = 0.25  # share of the murmurs
HISS = 0.004  # of the heart's largest amplitude
HAND = butter(2, [20, 60], "bandpass", fs=RATE, output="sos")


def simulate_heart_sounds(n_persons=60, n_recordings=4, share_with_murmur=0.2, seed=7):
    """Simulate recordings of heart sounds of several persons, some of whom have a murmur.

    A person has a heart rate, a timbre of both sounds and a chest of his or her own, and a murmur in every recording
    or in none. From one recording to the next the breath, the noise and the rate differ, and how loud the murmur is.

    Parameters
    ----------
    n_persons : int
    n_recordings : int
        Of each person.
    share_with_murmur : float
        Share of the persons with a murmur, 0 to 1, rounded to whole persons.
    seed : int

    Returns
    -------
    sounds : DataFrame of float32, shape (n_persons * n_recordings, 10000)
        Index ``recording``, the columns are seconds: 5 s at 2,000 samples a second. Without unit; the largest
        amplitude of a recording is between 0.3 and 1.
    labels : DataFrame
        Same index: ``person``, ``murmur`` (1 or 0), ``loudness`` (amplitude of the murmur over that of the first
        sound, before the chest; 0 without murmur), ``phase`` (``"systole"``, ``"diastole"`` or an empty string),
        ``rate`` (beats a minute).

    References
    ----------
    Length of the systole: Weissler, Harris and Schoenfeld, "Systolic time intervals in heart failure in man",
    Circulation 37, 1968. Bands of sounds and murmurs: Rangayyan and Lehner, "Phonocardiogram signal analysis: a
    review", CRC Critical Reviews in Biomedical Engineering 15, 1987.
    """
    n_persons = checked_count(n_persons, "n_persons", at_most=10_000)
    n_recordings = checked_count(n_recordings, "n_recordings", at_most=10_000 // n_persons)
    share_with_murmur = checked_fraction(share_with_murmur, "share_with_murmur")
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    with_murmur = set(rng.permutation(n_persons)[: round(share_with_murmur * n_persons)].tolist())
    sounds, labels = [], []
    for person in range(n_persons):
        heart = _heart(rng, person in with_murmur)
        for _ in range(n_recordings):
            rate = heart["rate"] * rng.uniform(0.93, 1.07)
            loudness = heart["loudness"] * rng.uniform(0.8, 1.25)
            sounds.append(_record(rng, heart, rate, loudness))
            labels.append((person, int(loudness > 0), loudness, heart["phase"], rate))
    index = pd.RangeIndex(len(sounds), name="recording")
    seconds = pd.Index(np.arange(RATE * SECONDS) / RATE, name="seconds")
    return (pd.DataFrame(np.array(sounds, dtype="float32"), index=index, columns=seconds),
            pd.DataFrame(labels, index=index, columns=["person", "murmur", "loudness", "phase", "rate"]))


def _heart(rng, has_murmur):
    """Return what one person keeps from recording to recording."""
    phase = "diastole" if rng.random() < DIASTOLIC else "systole"
    low = rng.uniform(90, 180)
    heart = {
        "rate": np.clip(rng.normal(72, 10), 52, 105),
        "tones": (rng.uniform(30, 65), rng.uniform(45, 95)),  # Hz, of the first and of the second sound
        "overtones": rng.uniform(0.1, 0.8), "second": rng.uniform(0.3, 1.1),  # amplitudes
        "chest": butter(1, np.exp(rng.uniform(np.log(70), np.log(400))), fs=RATE, output="sos"),
        "breath": np.exp(rng.uniform(np.log(0.005), np.log(0.06))),
        "lungs": butter(1, [100, rng.uniform(200, 600)], "bandpass", fs=RATE, output="sos"),
        "band": butter(2, [low, low + rng.uniform(80, 250)], "bandpass", fs=RATE, output="sos"),
        "peak": rng.uniform(0.1, 0.9),  # where within its phase the murmur is loudest
        "loudness": np.exp(rng.uniform(np.log(FAINTEST), np.log(LOUDEST))),
        "phase": phase,
    }
    return heart if has_murmur else {**heart, "loudness": 0.0, "phase": ""}


def _record(rng, heart, rate, loudness):
    """Return one recording of one heart."""
    time = np.arange(RATE * SECONDS) / RATE
    breath = 2 * np.pi * (rng.uniform(0.2, 0.33) * time + rng.random())  # phase of the breathing
    sound, murmur = np.zeros(len(time)), []
    start = -rng.random() * 60 / rate
    while start < SECONDS:
        # The heart beats faster while its owner breathes in.
        beat = 60 / rate * (1 + 0.04 * np.sin(np.interp(start, time, breath)) + rng.normal(0, 0.015))
        systole = (0.546 - 0.0021 * rate) * rng.normal(1, 0.015)
        level = rng.normal(1, 0.12)
        _add_thump(rng, sound, start, level, heart["tones"][0], heart["overtones"], 0.025)
        _add_thump(rng, sound, start + systole, level * heart["second"], heart["tones"][1], heart["overtones"], 0.016)
        if heart["phase"] == "diastole":  # a leak back dies away
            first, last, peak = systole + 0.07, min(systole + 0.4, beat), 0.1
        else:
            first, last, peak = 0.09, systole, heart["peak"]
        murmur += [(start + first, 0), (start + first + peak * (last - first), level), (start + last, 0)]
        start += beat
    sound += loudness * np.interp(time, *zip(*murmur, strict=True)) * _noise(rng, heart["band"])
    sound = sosfilt(heart["chest"], sound)
    breathing = heart["breath"] * rng.uniform(0.5, 2) * _noise(rng, heart["lungs"]) * (1 + np.sin(breath)) / 2
    handling = np.exp(rng.uniform(np.log(0.02), np.log(0.3))) * _noise(rng, HAND)
    handling *= np.exp(-(((time - rng.uniform(0, SECONDS)) / rng.uniform(0.05, 0.4)) ** 2))
    sound += np.abs(sound).max() * (breathing + handling + HISS * rng.normal(size=len(time)))
    # Rounded as by a recorder, so that the same values come on every machine.
    return np.round(sound * rng.uniform(0.3, 1) / np.abs(sound).max(), 4)


def _add_thump(rng, sound, start, level, tone, overtones, decay):
    """Add a damped tone with its overtone to a sound, from a time in seconds on."""
    begin, end = (min(max(round(seconds * RATE), 0), len(sound)) for seconds in (start, start + 12 * decay))
    after = np.arange(begin, end) / RATE - start
    tone = 2 * np.pi * tone * rng.normal(1, 0.04)
    shape = level * after / decay * np.exp(1 - after / decay)
    sound[begin:end] += shape * (np.sin(tone * after) + overtones * np.sin(1.8 * tone * after + 1)) / (1 + overtones)


def _noise(rng, band):
    """Return five seconds of noise in a band, with standard deviation 1."""
    noise = sosfilt(band, rng.normal(size=RATE * SECONDS))
    return noise / noise.std()
