"""Windows: cut, gaps respected, and back to one score per row."""

import numpy as np
import pandas as pd
import pytest

from mupy_helpers.windows import segments, sliding_windows


def hours(n, start="2024-03-01"):
    return pd.date_range(start, periods=n, freq="1h")


def test_windows_of_an_array_hold_its_rows():
    windows = sliding_windows(np.arange(6.0), 3)
    assert windows.values.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert windows.last_row.tolist() == [2, 3, 4, 5]
    assert len(windows) == 4 and windows.width == 3


def test_windows_of_columns_have_rows_before_columns():
    rows = np.arange(10.0).reshape(5, 2)
    windows = sliding_windows(rows, 2)
    assert windows.values.shape == (4, 2, 2)
    np.testing.assert_array_equal(windows.values[1], rows[1:3])


@pytest.mark.parametrize("seed", range(30))
def test_windows_equal_slices_and_never_cross_a_gap(seed):
    rng = np.random.default_rng(seed)
    n, width, step = int(rng.integers(12, 60)), int(rng.integers(1, 5)), int(rng.integers(1, 4))
    kept = np.sort(rng.choice(n, size=n - int(rng.integers(0, 4)), replace=False))
    df = pd.DataFrame(rng.normal(size=(len(kept), 2)), index=hours(n)[kept])
    windows = sliding_windows(df, width, step)
    expected = []
    for stretch in np.split(np.arange(len(kept)), np.flatnonzero(np.diff(kept) > 1) + 1):
        expected += [stretch[i + width - 1] for i in range(0, len(stretch) - width + 1, step)]
    assert windows.last_row.tolist() == expected
    for values, last in zip(windows.values, windows.last_row):
        np.testing.assert_array_equal(values, df.to_numpy()[last - width + 1:last + 1])


def test_no_window_spans_a_gap():
    series = pd.Series(np.arange(10.0), index=hours(12).delete([4, 5]))
    windows = sliding_windows(series, 3)
    assert windows.last_row.tolist() == [2, 3, 6, 7, 8, 9]
    assert sliding_windows(series, 3, max_gap="5h").last_row.tolist() == list(range(2, 10))


def test_segments_count_the_gaps():
    assert segments(hours(12).delete([4, 5])).tolist() == [0] * 4 + [1] * 6
    assert segments(hours(12).delete([4, 5]), "3h").tolist() == [0] * 10
    assert segments(hours(1)).tolist() == [0]
    seconds = pd.DatetimeIndex(hours(6)).as_unit("s")
    assert segments(seconds.delete([2])).tolist() == [0, 0, 1, 1, 1]


def test_point_scores_belong_to_the_last_row_of_a_window():
    windows = sliding_windows(np.arange(6.0), 3)
    np.testing.assert_array_equal(windows.to_points([1, 2, 3, 4]), [np.nan, np.nan, 1, 2, 3, 4])
    np.testing.assert_array_equal(windows.to_points([1, 2, 3, 4], fill=0), [0, 0, 1, 2, 3, 4])


def test_with_a_step_the_last_complete_window_counts_but_not_across_a_gap():
    series = pd.Series(np.arange(10.0), index=hours(12).delete([5, 6]))
    windows = sliding_windows(series, 2, step=2)
    assert windows.last_row.tolist() == [1, 3, 6, 8]
    points = windows.to_points([1, 2, 3, 4], fill=-1)
    assert points.tolist() == [-1, 1, 1, 2, 2, -1, 3, 3, 4, 4]
    assert points.index.equals(series.index)


@pytest.mark.parametrize("seed", range(20))
def test_point_scores_are_causal(seed):
    rng = np.random.default_rng(seed)
    series = pd.Series(rng.normal(size=40), index=hours(44).delete([10, 11, 12, 30]))
    step = int(rng.integers(1, 4))
    windows = sliding_windows(series, 3, step)
    points = windows.to_points(windows.values.mean(axis=1), fill=0)
    for end in (8, 13, 25, 39):
        cut = sliding_windows(series.iloc[:end], 3, step)
        np.testing.assert_allclose(cut.to_points(cut.values.mean(axis=1), fill=0), points.iloc[:end], atol=1e-12)


def test_offline_points_take_all_windows_that_hold_the_row():
    windows = sliding_windows(np.arange(4.0), 2)
    assert windows.to_points_offline([1, 2, 6]).tolist() == [1, 1.5, 4, 6]
    assert windows.to_points_offline([1, 2, 6], how="max").tolist() == [1, 2, 6, 6]
    with_rest = sliding_windows(np.arange(5.0), 2, step=2)
    np.testing.assert_array_equal(with_rest.to_points_offline([1, 2]), [1, 1, 2, 2, np.nan])


def test_inputs_stay_as_they_are_and_windows_are_read_only():
    series = pd.Series(np.arange(10.0), index=hours(10))
    before = series.copy()
    windows = sliding_windows(series, 3)
    with pytest.raises(ValueError):
        windows.values[0, 0] = 5
    series.iloc[0] = 99
    assert windows.values[0, 0] == before.iloc[0]
    gaps = sliding_windows(before.drop(before.index[4]), 3)
    with pytest.raises(ValueError):
        gaps.values[0, 0] = 5


@pytest.mark.parametrize("rows, width, options, message", [
    (np.arange(4.0), 5, {}, "no window of 5 rows fits: the longest stretch without a gap has 4 rows"),
    (np.arange(4.0), 0, {}, "width must be a whole number of 1 or more"),
    (np.arange(4.0), 2.0, {}, "width must be a whole number"),
    (np.arange(4.0), 2, {"step": True}, "step must be a whole number"),
    (np.array([1, np.nan]), 1, {}, r"1 missing values \(NaN\)"),
    (np.array([1, np.inf]), 1, {}, "1 infinite values"),
    (np.empty(0), 1, {}, "0 rows, too few"),
    (np.zeros((2, 2, 2)), 1, {}, "must have rows and columns"),
    (np.arange(4.0), 2, {"max_gap": "1h"}, "max_gap needs rows with a time index"),
    (pd.Series(1.0, index=hours(3)[::-1]), 1, {}, "not in time order"),
    (pd.Series(1.0, index=hours(3)[[0, 0, 1]]), 1, {}, "1 duplicate time stamps"),
    (pd.Series(1.0, index=pd.DatetimeIndex(["2024-01-01", None])), 1, {}, "1 rows without a time"),
    (pd.Series(1.0, index=hours(3)), 1, {"max_gap": "0s"}, "max_gap must be a time longer than zero"),
    (pd.Series(1.0, index=hours(3)), 1, {"max_gap": "soon"}, "max_gap must be a time longer than zero, .* not 'soon'"),
    (pd.Series([1.0, None, 2.0], dtype="Float64"), 1, {}, "1 missing values"),
])
def test_bad_rows_are_named(rows, width, options, message):
    with pytest.raises(ValueError, match=message):
        sliding_windows(rows, width, **options)


@pytest.mark.parametrize("rows", [["a", "b"], ["1", "2"], None, hours(3), [[1, 2], [3]], np.array([1 + 2j])])
def test_other_things_than_numbers_are_refused(rows):
    with pytest.raises(TypeError, match="rows must hold numbers only"):
        sliding_windows(rows, 1)


def test_bad_scores_are_named():
    windows = sliding_windows(np.arange(6.0), 3)
    with pytest.raises(ValueError, match="3 scores for 4 windows"):
        windows.to_points([1, 2, 3])
    with pytest.raises(ValueError, match="one score per row, not 2 columns"):
        windows.to_points(np.zeros((4, 2)))
    with pytest.raises(ValueError, match="how must be one of mean, max"):
        windows.to_points_offline([1, 2, 3, 4], how="median")
    with pytest.raises(TypeError, match="DatetimeIndex"):
        segments(pd.RangeIndex(4))
