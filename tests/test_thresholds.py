"""Thresholds against definitions computed slowly, and alarms."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mupy_helpers import thresholds


def test_quantile_leaves_the_share_above():
    scores = np.random.default_rng(1).permutation(1000).astype(float)
    assert (scores > thresholds.quantile(scores, 0.01)).sum() == 10
    assert thresholds.quantile([1, 2, 3, 4, 5], 0.5) == 3


def test_mad_is_the_median_and_robust_standard_deviations():
    scores = [1, 2, 3, 4, 1000]  # median 3, deviations 2 1 0 1 997, their median 1
    assert thresholds.mad(scores, n_sigmas=2) == pytest.approx(3 + 2 * 1.4826022185)
    gaussian = np.random.default_rng(2).normal(5, 2, size=100_000)
    assert thresholds.mad(gaussian) == pytest.approx(5 + 3 * 2, abs=0.06)
    with pytest.raises(ValueError, match="use quantile"):
        thresholds.mad([0, 0, 0, 1, 2])


# --- Peaks over threshold ---------------------------------------------------------------------------------------------

TAILS = {
    "exponential": stats.expon(),
    "heavy": stats.genpareto(0.35),
    "short": stats.genpareto(-0.3),
    "gaussian": stats.halfnorm(),
}


@pytest.mark.parametrize("name", TAILS)
def test_the_tail_is_fitted_by_maximum_likelihood(name):
    scores = TAILS[name].rvs(4000, random_state=3)
    found = thresholds.peaks_over_threshold(scores, risk=1e-4)
    excess = scores[scores > found.start] - found.start
    shape, _, scale = stats.genpareto.fit(excess, floc=0)
    assert found.n_peaks == len(excess) == 200 and found.n_scores == 4000
    best = stats.genpareto.logpdf(excess, shape, 0, scale).sum()
    assert stats.genpareto.logpdf(excess, found.shape, 0, found.scale).sum() >= best - 1e-6
    assert (found.shape, found.scale) == pytest.approx((shape, scale), abs=2e-3)
    by_hand = found.start + found.scale / found.shape * ((1e-4 * 4000 / 200) ** -found.shape - 1)
    assert found.threshold == pytest.approx(by_hand)
    assert found.lower < found.threshold < found.upper
    assert all(type(value) in (float, int) for value in vars(found).values())


@pytest.mark.parametrize("name", TAILS)
def test_the_band_is_that_of_the_profile_likelihood(name):
    scores = TAILS[name].rvs(3000, random_state=4)
    found = thresholds.peaks_over_threshold(scores, risk=1e-4, confidence=0.9)
    excess = scores[scores > found.start] - found.start
    shapes = np.linspace(-0.99, 2, 6000)
    ratio = 1e-4 * found.n_scores / found.n_peaks
    best = stats.genpareto.logpdf(excess, found.shape, 0, found.scale).sum()
    for edge in (found.lower, found.upper):
        scales = (edge - found.start) * shapes / (ratio ** -shapes - 1)
        profile = max(stats.genpareto.logpdf(excess, shape, 0, scale).sum() for shape, scale in
                      zip(shapes[::20], scales[::20]))
        assert 2 * (best - profile) == pytest.approx(stats.chi2.ppf(0.9, 1), abs=0.02)


def test_the_threshold_and_its_band_are_right_about_as_often_as_they_say():
    true = stats.expon.ppf(1 - 1e-3)
    found = [thresholds.peaks_over_threshold(stats.expon.rvs(size=2000, random_state=seed), 1e-3, start=0.9)
             for seed in range(60)]
    assert np.median([one.threshold for one in found]) == pytest.approx(true, rel=0.03)
    assert 50 <= sum(one.lower <= true <= one.upper for one in found)


def test_the_threshold_follows_the_unit_of_the_scores():
    scores = stats.genpareto(0.2).rvs(2000, random_state=5)
    one = thresholds.peaks_over_threshold(scores, 1e-4)
    other = thresholds.peaks_over_threshold(1e6 * scores - 3e6, 1e-4)
    for name in ("threshold", "lower", "upper", "start"):
        assert getattr(other, name) == pytest.approx(1e6 * getattr(one, name) - 3e6, rel=1e-5)
    assert other.shape == pytest.approx(one.shape, abs=1e-5)


def test_smaller_risks_have_higher_thresholds_and_wider_bands():
    scores = stats.halfnorm.rvs(size=5000, random_state=6)
    found = [thresholds.peaks_over_threshold(scores, risk) for risk in (1e-2, 1e-3, 1e-4, 1e-6)]
    assert np.all(np.diff([one.threshold for one in found]) > 0)
    assert np.all(np.diff([one.upper - one.lower for one in found]) > 0)


def test_a_tail_without_measure_is_refused():
    scores = np.random.default_rng(0).pareto(0.15, size=5000)
    with pytest.raises(ValueError, match="take the logarithm of the scores"):
        thresholds.peaks_over_threshold(scores)
    assert thresholds.peaks_over_threshold(np.log(scores)).shape < 0.3


@pytest.mark.parametrize("options, message", [
    ({"risk": 0.2}, "not smaller than the share of peaks"),
    ({"risk": 0}, "risk must be a number between 1e-50 and 1"),
    ({"start": 1.0}, "start must be a number between 0 and 1"),
    ({"start": 0.99}, "only 5 different scores lie above the start"),
    ({"confidence": 95}, "confidence must be a number between"),
])
def test_peaks_over_threshold_says_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        thresholds.peaks_over_threshold(np.random.default_rng(0).normal(size=500), **options)


# --- Bhattacharyya ----------------------------------------------------------------------------------------------------

def test_bhattacharyya_distance_is_minus_the_log_of_the_overlap():
    rng = np.random.default_rng(7)
    a, b = rng.normal(0, 1, 500), rng.normal(3, 2, 400)
    x = np.linspace(-30, 30, 200_001)
    overlap = np.sqrt(stats.norm.pdf(x, a.mean(), a.std()) * stats.norm.pdf(x, b.mean(), b.std()))
    assert thresholds.bhattacharyya_distance(a, b) == pytest.approx(-np.log(overlap.sum() * (x[1] - x[0])), rel=1e-6)
    assert thresholds.bhattacharyya_distance(a, a) == pytest.approx(0, abs=1e-12)
    assert thresholds.bhattacharyya_distance(a, b) == thresholds.bhattacharyya_distance(b, a)


@pytest.mark.parametrize("seed", range(20))
def test_the_cut_is_the_one_with_the_largest_distance(seed):
    rng = np.random.default_rng(seed)
    scores = np.round(np.concatenate([rng.normal(0, 1, 60), rng.normal(rng.uniform(2, 9), 1, 15)]), 1)
    found = thresholds.bhattacharyya(scores, max_share=0.4, min_rows=4)
    distances = {}
    levels = np.unique(scores)
    for low, high in zip(levels[:-1], levels[1:]):
        below, above = scores[scores <= low], scores[scores >= high]
        if len(below) >= 4 and 4 <= len(above) <= 0.4 * len(scores) and np.ptp(above) > 0.5:
            distances[(low + high) / 2] = thresholds.bhattacharyya_distance(below, above)
    if found in distances:
        assert distances[found] == pytest.approx(max(distances.values()))
    else:  # a narrow group, whose spread is held up from below
        assert np.ptp(scores[scores > found]) <= 0.5


def test_groups_that_are_apart_are_told_apart():
    rng = np.random.default_rng(8)
    scores = np.concatenate([rng.normal(0, 1, 950), rng.normal(12, 1, 50)])
    assert 3 < thresholds.bhattacharyya(scores) < 10
    assert thresholds.bhattacharyya(1e-170 * scores) == pytest.approx(1e-170 * thresholds.bhattacharyya(scores))
    with pytest.raises(ValueError, match="nearly all equal"):
        thresholds.bhattacharyya(np.r_[np.ones(47), 2, 2, 2])
    with pytest.raises(ValueError, match="the scores are all equal"):
        thresholds.bhattacharyya(np.ones(50))
    with pytest.raises(ValueError, match="a constant has no spread"):
        thresholds.bhattacharyya_distance([1, 1], [1, 2])


# --- Cost -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(50))
def test_no_threshold_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    labels = rng.random(40) < rng.choice([0, 0.2, 1])
    scores = np.round(rng.normal(size=40) + labels, 1)
    prices = {"missed": float(rng.uniform(0.5, 20)), "false_alarm": 1.0}

    def cost(threshold):
        alarm = scores > threshold
        return prices["missed"] * (labels & ~alarm).sum() + prices["false_alarm"] * (alarm & ~labels).sum()

    tried = [(cost(threshold), -threshold) for threshold in [-9, *scores, 9]]
    found = thresholds.cost_optimal(scores, labels, **prices)
    assert cost(found) == pytest.approx(min(tried)[0])
    # The highest of the cheapest: one score higher costs more.
    higher = scores[scores > found]
    assert len(higher) == 0 or cost(higher.min()) > cost(found) + 1e-12


def test_cost_by_any_measure():
    scores = pd.Series(np.arange(100.0), index=pd.date_range("2024", periods=100, freq="1h"))
    seen = []

    def cost(is_alarm):
        seen.append(is_alarm)
        return abs(int(is_alarm.sum()) - 20)

    found = thresholds.cost_optimal_by(scores, cost, n_candidates=100)
    assert (scores > found).sum() == 20
    assert seen[0].index.equals(scores.index) and seen[0].dtype == bool
    assert not seen[-1].any()
    with pytest.raises(ValueError, match="cost returned NaN"):
        thresholds.cost_optimal_by(scores, lambda is_alarm: np.nan)


def test_cost_finds_a_level_that_few_rows_exceed():
    rng = np.random.default_rng(4)
    for n_events in (1, 3, 8):
        scores = rng.normal(size=20_000)
        scores[:n_events] = 5 + np.arange(n_events)  # a candidate for every so many hundred rows steps over these
        is_event = np.arange(20_000) < n_events

        def cost(is_alarm):
            return 50 * (is_event & ~is_alarm).sum() + (is_alarm & ~is_event).sum()

        assert cost(scores > thresholds.cost_optimal_by(scores, cost, n_candidates=40)) == 0
        even = np.quantile(scores, np.linspace(0, 1, 41), method="inverted_cdf")
        assert min(cost(scores > level) for level in even) >= 50 * n_events


def test_cost_tries_all_and_nothing_and_never_too_much():
    seen = []
    scores = np.random.default_rng(5).permutation(500).astype(float)
    found = thresholds.cost_optimal_by(scores, lambda is_alarm: seen.append(int(is_alarm.sum())) or 0, n_candidates=20)
    assert found == 499 and seen[-1] == 0 and seen[0] == 499 and len(seen) <= 21
    assert seen == sorted(seen, reverse=True) and {1, 2, 3} <= set(seen)


def test_cost_says_what_is_wrong():
    with pytest.raises(ValueError, match="3 scores and 2 labels"):
        thresholds.cost_optimal([1, 2, 3], [True, False], missed=1, false_alarm=1)
    with pytest.raises(ValueError, match="True and False only"):
        thresholds.cost_optimal([1, 2, 3], [0, 1, 2], missed=1, false_alarm=1)
    with pytest.raises(ValueError, match="missed must be a number above 0"):
        thresholds.cost_optimal([1, 2, 3], [0, 1, 1], missed=0, false_alarm=1)


# --- Alarms -----------------------------------------------------------------------------------------------------------

def test_hysteresis_holds_between_the_levels():
    scores = [2, 4, 6, 4, 3, 2, 3, 6, 5, 3.5]
    found = thresholds.hysteresis(scores, on=5, off=3)
    assert found.tolist() == [False, False, True, True, False, False, False, True, True, True]


@pytest.mark.parametrize("seed", range(30))
def test_alarms_equal_the_definition_and_are_causal(seed):
    rng = np.random.default_rng(seed)
    scores = np.round(rng.normal(size=60), 1)
    on, off = 0.8, float(rng.choice([0.8, 0.1, -0.5]))
    state, expected = False, []
    for score in scores:
        state = score > on or (state and score > off)
        expected.append(state)
    assert thresholds.hysteresis(scores, on, off).tolist() == expected
    n = int(rng.integers(1, 8))
    k = int(rng.integers(1, n + 1))
    flags = scores > 0.3
    slow = [flags[max(0, i - n + 1):i + 1].sum() >= k for i in range(60)]
    assert thresholds.k_of_n(flags, k, n).tolist() == slow
    for end in (1, 20, 59):
        assert thresholds.k_of_n(flags[:end], k, n).tolist() == slow[:end]
        assert thresholds.hysteresis(scores[:end], on, off).tolist() == expected[:end]


def test_alarms_keep_the_index_and_leave_their_input_alone():
    scores = pd.Series([1.0, 5.0, 2.0], index=pd.date_range("2024", periods=3, freq="1h"))
    before = scores.copy()
    alarm = thresholds.hysteresis(scores, 3, 1.5)
    pd.testing.assert_series_equal(alarm, pd.Series([False, True, True], index=scores.index))
    pd.testing.assert_series_equal(thresholds.k_of_n(alarm, 2, 2),
                                   pd.Series([False, False, True], index=scores.index))
    for call in (thresholds.quantile, thresholds.mad):
        call(scores)
    pd.testing.assert_series_equal(scores, before)


@pytest.mark.parametrize("call, message", [
    (lambda: thresholds.hysteresis([1, 2], on=1, off=2), "an alarm would end before it begins"),
    (lambda: thresholds.hysteresis([1, np.nan], on=2, off=1), "scores has 1 missing values"),
    (lambda: thresholds.hysteresis([1, 2], on=np.nan, off=1), "on must be a finite number"),
    (lambda: thresholds.k_of_n([True], 3, 2), "3 of 2 rows can never"),
    (lambda: thresholds.k_of_n([[1], [1, 0]], 1, 2), "its rows differ in length"),
    (lambda: thresholds.k_of_n(None, 1, 2), "must hold one value per row"),
    (lambda: thresholds.k_of_n(["yes"], 1, 2), "must hold True and False only"),
    (lambda: thresholds.k_of_n([True, None], 1, 2), "1 missing values"),
    (lambda: thresholds.k_of_n([0.5], 1, 2), "compare the scores with a threshold first"),
    (lambda: thresholds.k_of_n([True], 0, 2), "k must be a whole number of 1 or more"),
    (lambda: thresholds.quantile([1, 2], 1), "share must be a number between 0 and 1"),
    (lambda: thresholds.quantile([1]), "scores has 1 rows, too few: give at least 2"),
    (lambda: thresholds.quantile([1, np.inf]), "1 infinite values"),
    (lambda: thresholds.mad(np.zeros((3, 2))), "one score per row, not 2 columns"),
    (lambda: thresholds.mad([1, 2], -1), "n_sigmas must be a number above 0"),
    (lambda: thresholds.bhattacharyya(np.arange(9.0)), "scores has 9 rows, too few: give at least 10"),
    (lambda: thresholds.bhattacharyya(np.arange(20.0), max_share=0.1), "no cut leaves 5 or more"),
])
def test_thresholds_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_tail_that_ends_at_the_largest_score_is_said_to_know_nothing():
    uniform = np.random.default_rng(7).uniform(size=400)
    with pytest.warns(UserWarning, match="the tail ends at once"):
        thresholds.peaks_over_threshold(uniform, risk=1e-3, start=0.8)
