"""Type words on a QWERTY keyboard, some of them wrongly on purpose."""

import re

import numpy as np
import pandas as pd

from mupy_helpers.checks import checked_count, checked_fraction

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
FEWEST_LETTERS = 3  # shorter words are typed as they are meant


def neighbours_of(letter):
    """Return the letters whose keys touch that of a letter, in one string: six at most, for the rows are staggered."""
    row = next(i for i, keys in enumerate(ROWS) if letter in keys)
    column = ROWS[row].index(letter)
    around = [(row, column - 1), (row, column + 1), (row - 1, column), (row - 1, column + 1), (row + 1, column - 1),
              (row + 1, column)]
    return "".join(ROWS[i][j] for i, j in around if 0 <= i < len(ROWS) and 0 <= j < len(ROWS[i]))


def _neighbour(word, rng):
    place = rng.integers(len(word))
    return word[:place] + rng.choice(list(neighbours_of(word[place]))) + word[place + 1:]


def _doubled(word, rng):
    place = rng.integers(len(word))
    return word[:place] + word[place] + word[place:]


def _dropped(word, rng):
    place = rng.integers(len(word))
    return word[:place] + word[place + 1:]


def _swapped(word, rng):
    places = [i for i in range(len(word) - 1) if word[i] != word[i + 1]]
    if not places:  # all letters the same
        return _doubled(word, rng)
    place = rng.choice(places)
    return word[:place] + word[place + 1] + word[place] + word[place + 2:]


KINDS = {"neighbour": _neighbour, "doubled": _doubled, "dropped": _dropped, "swapped": _swapped}
"""Each kind of error: the key beside the right one, a letter twice, a letter left out, two letters in wrong order."""


def simulate_typing_errors(words, share=0.05, seed=0):
    """Type words one after the other, with an error in some of them.

    An error may give another word that exists ("form" for "from"): it is an error all the same.

    Parameters
    ----------
    words : sequence of str
        Letters a to z in lower case.
    share : float
        Share of the words to type wrongly, 0 to 1, rounded to whole words; the four kinds are equally likely. Words of
        one or two letters are never typed wrongly.
    seed : int

    Returns
    -------
    typed : Series of str
        One row a word, index ``place`` from 0.
    truth : DataFrame
        Same index: ``meant`` (the word), ``kind`` (a key of `KINDS`, or an empty string), ``is_anomaly`` (1 or 0).

    Raises
    ------
    ValueError
        When a word holds anything but lower-case letters, or too few words are long enough for the share.
    """
    if isinstance(words, str):
        raise TypeError("words must be a sequence of words, not one string: split it first")
    try:
        meant = [str(word) for word in words]
    except TypeError:
        raise TypeError(f"words must be a sequence of words, not {words!r}") from None
    rng = np.random.default_rng(checked_count(seed, "seed", at_least=0))
    wrong = next((word for word in meant if not re.fullmatch("[a-z]+", word)), None)
    if wrong is not None:
        raise ValueError(f"words must be of letters a to z in lower case, which {wrong!r} is not")
    share = checked_fraction(share, "share")
    long_enough = [place for place, word in enumerate(meant) if len(word) >= FEWEST_LETTERS]
    n_errors = round(share * len(meant))
    if n_errors > len(long_enough):
        raise ValueError(f"share asks for {n_errors} errors, and only {len(long_enough)} of the words have "
                         f"{FEWEST_LETTERS} letters or more")
    typed, kinds = list(meant), [""] * len(meant)
    for place in rng.permutation(long_enough)[:n_errors]:
        kinds[place] = str(rng.choice(list(KINDS)))
        typed[place] = KINDS[kinds[place]](meant[place], rng)
    index = pd.RangeIndex(len(meant), name="place")
    truth = pd.DataFrame({"meant": meant, "kind": kinds}, index=index)
    return pd.Series(typed, index=index, name="typed", dtype=truth["meant"].dtype), truth.assign(
        is_anomaly=(truth["kind"] != "").astype("int64"))
