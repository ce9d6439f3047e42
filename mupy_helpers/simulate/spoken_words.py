"""Short words of two vowels, spoken by a machine: harmonics of a pitch, shaped by the formants of a vocal tract."""

import numpy as np

from mupy_helpers.checks import checked_count

RATE = 8000  # samples per second
SECONDS = 0.5
# The first three formants (Hz) of vowels, averages over men.
FORMANTS = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010), "o": (570, 840, 2410),
            "u": (300, 870, 2240)}
BANDWIDTHS = np.array([80.0, 100.0, 140.0])
QUIETEST = 1e-3  # of the voice's amplitude: the noise of the room


def simulate_spoken_word(word, n_speakers, seed):
    """Let speakers say a word of two vowels, the formants gliding from the first to the second.

    Each speaker has a pitch, a length of the vocal tract, a pace and a loudness of his or her own.

    Parameters
    ----------
    word : str
        Two of the letters a, e, i, o, u: "ai" sounds like the word eye.
    n_speakers : int
    seed : int

    Returns
    -------
    ndarray of float, shape (n_speakers, 4000)
        Half a second each, at 8,000 samples per second; the largest amplitude of a word is between 0.3 and 1.

    References
    ----------
    Formants: Peterson and Barney, "Control Methods Used in a Study of the Vowels", Journal of the Acoustical Society
    of America 24, 1952. Source and filter: Fant, Acoustic Theory of Speech Production, Mouton, 1960.
    """
    if not isinstance(word, str) or len(word) != 2 or not set(word) <= set(FORMANTS):
        raise ValueError(f"word must be two of the letters {', '.join(FORMANTS)}, such as 'ai', not {word!r}")
    n_speakers = checked_count(n_speakers, "n_speakers", at_most=100_000)
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    return np.array([_say(word, rng) for _ in range(n_speakers)])


def _say(word, rng):
    time = np.arange(round(RATE * SECONDS)) / RATE
    pitch, tract = rng.uniform(90, 240), rng.uniform(0.95, 1.2)
    turn, pace = rng.uniform(0.2, 0.3), rng.uniform(15, 30)
    share = 1 / (1 + np.exp(-pace * (time - turn)))  # from the first vowel to the second
    start, end = (np.array(FORMANTS[vowel]) * tract for vowel in word)
    formants = start + share[:, None] * (end - start)
    # The voice sinks a little, and never holds its pitch.
    tone = pitch * (1.05 - 0.2 * time) * (1 + 0.01 * np.sin(2 * np.pi * rng.uniform(4, 6) * time))
    phase = 2 * np.pi * np.cumsum(tone) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(0.45 * RATE / pitch)):
        away = (harmonic * tone[:, None] - formants) / BANDWIDTHS
        sound += np.sin(harmonic * phase) / harmonic * (1 / np.sqrt(1 + away ** 2)).sum(axis=1)
    sound *= np.sin(np.pi * np.clip(time / SECONDS, 0, 1)) ** 0.3
    sound *= rng.uniform(0.3, 1) / np.abs(sound).max()
    return sound + QUIETEST * rng.normal(size=len(time))
