"""The spoken words sound like their vowels, whoever speaks."""

import numpy as np
import pytest

from mupy_helpers.simulate.spoken_words import RATE, simulate_spoken_word


def share_above(sounds, limit):
    """Share of each sound's power above a frequency (Hz)."""
    power = np.abs(np.fft.rfft(sounds * np.hanning(sounds.shape[1]))) ** 2
    hertz = np.fft.rfftfreq(sounds.shape[1], 1 / RATE)
    return power[:, hertz > limit].sum(axis=1) / power.sum(axis=1)


@pytest.mark.parametrize(("word", "rises"), [("ai", False), ("ia", True), ("ao", False), ("ua", True)])
def test_the_first_formant_glides_from_vowel_to_vowel(word, rises):
    """The first formant of a lies above 600 Hz for every tract, those of i, o and u below."""
    words = simulate_spoken_word(word, 30, seed=1)
    first, last = share_above(words[:, 400:1200], 600), share_above(words[:, 2900:3700], 600)
    assert ((last > first) == rises).mean() > 0.9


def test_words_have_their_shape_and_loudness():
    words = simulate_spoken_word("au", 5, seed=2)
    assert words.shape == (5, 4000)
    loudest = np.abs(words).max(axis=1)
    assert (loudest > 0.28).all() and (loudest < 1.02).all() and len(set(loudest.round(3))) == 5


def test_the_same_seed_says_the_same():
    first, again, other = (simulate_spoken_word("ei", 2, seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(("word", "n_speakers", "message"), [
    ("a", 1, "two of the letters"), ("xy", 1, "two of the letters"), (3, 1, "two of the letters"),
    ("ai", 0, "n_speakers")])
def test_what_cannot_be_said_is_named(word, n_speakers, message):
    with pytest.raises((TypeError, ValueError), match=message):
        simulate_spoken_word(word, n_speakers, seed=0)
