"""The puzzle of lesson 04: each broken pipeline has its own effect, and the right one has none of them."""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers.exercises.three_bugs import BUGS, PIPELINES, puzzle_scores

RNG = np.random.default_rng(4)
INDEX = pd.date_range("2026-01-01", periods=400, freq="10min", name="time")
REGIME = np.arange(400) // 40 % 2
FEATURES = pd.DataFrame(RNG.normal(size=(400, 4)) + 8 * REGIME[:, None], index=INDEX, columns=list("abcd"))
FEATURES.iloc[50:80] = np.nan
UNTIL = INDEX[300]


def scores(pipeline, features=FEATURES):
    return puzzle_scores(features, UNTIL, pipeline, n_components=2, n_clusters=2)


def test_every_letter_is_a_pipeline_with_a_bug():
    assert set(BUGS) == set(PIPELINES) - {"right"} and len(set(BUGS.values())) == 3


def test_the_right_one_scores_what_was_recorded_and_nothing_else():
    assert scores("right").notna().equals(FEATURES.notna().all(axis=1))


def test_shifted_rows_hold_the_right_scores_in_the_wrong_place():
    shifted = scores("A")
    np.testing.assert_allclose(shifted.dropna(), scores("right").dropna())
    assert shifted.iloc[50:80].notna().all() and shifted.iloc[-30:].isna().all()


@pytest.mark.parametrize(("pipeline", "same"), [("right", True), ("A", True), ("B", False), ("C", True)])
def test_only_the_unscaled_one_cares_for_a_unit(pipeline, same):
    other_unit = scores(pipeline, FEATURES.assign(a=1000 * FEATURES["a"]))
    assert np.allclose(scores(pipeline), other_unit, equal_nan=True) == same


def test_the_wrong_centroid_calls_one_healthy_regime_far():
    def between_regimes(values):
        means = values.groupby(REGIME).median()
        return means.max() / means.min()

    assert between_regimes(scores("C")) > 3 > between_regimes(scores("right"))


def test_input_is_left_alone_and_refused_when_it_can_not_be_used():
    before = FEATURES.copy()
    scores("A")
    pd.testing.assert_frame_equal(FEATURES, before)
    with pytest.raises(ValueError, match="pipeline must be one of"):
        scores("D")
    with pytest.raises(TypeError, match="time index"):
        scores("right", FEATURES.to_numpy())
    with pytest.raises(ValueError, match="too few"):
        puzzle_scores(FEATURES, INDEX[1])
