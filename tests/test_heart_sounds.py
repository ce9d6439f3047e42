"""The simulated heart sounds beat, and a murmur lies between their thumps, from plain to hardly audible."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d
from scipy.stats import spearmanr

from mupy_helpers import datasets
from mupy_helpers.datasets.bundled import data_folder
from mupy_helpers.simulate.heart_sounds import (
    FAINTEST,
    LOUDEST,
    RATE,
    simulate_heart_sounds,
)


@pytest.fixture(scope="module")
def hearts():
    return datasets.load_heart_sounds(), datasets.load_heart_sounds_labels()


@pytest.fixture(scope="module")
def with_and_without():
    """The same hearts, all with a murmur and all without; what they were drawn from is the same."""
    return simulate_heart_sounds(40, 1, 1.0, seed=3), simulate_heart_sounds(40, 1, 0.0, seed=3)


def murmurs(with_and_without):
    """What is there with a murmur and not without, and the sound without, at one scale."""
    (loud, _), (quiet, _) = with_and_without
    loud, quiet = loud.to_numpy(float), quiet.to_numpy(float)
    scale = (loud * quiet).sum(axis=1, keepdims=True) / (quiet ** 2).sum(axis=1, keepdims=True)
    return loud - scale * quiet, scale * quiet


def test_hearts_are_described_and_labels_come_apart(hearts):
    sounds, labels = hearts
    for each in hearts:
        assert set(each.attrs) == {"units", "source", "licence", "description"} and each.attrs["licence"] == "CC BY 4.0"
    assert sounds.shape == (240, 10_000) and sounds.index.equals(labels.index)
    assert set(sounds.dtypes) == {np.dtype("float32")}
    assert list(labels.columns) == list(labels.attrs["units"]) and sounds.columns.name in sounds.attrs["units"]
    assert np.diff(sounds.columns).round(9).tolist() == [1 / RATE] * 9_999
    assert sounds.abs().max(axis=1).between(0.29, 1).all() and (sounds.mean(axis=1).abs() < 0.02).all()


def test_a_murmur_belongs_to_the_person(hearts):
    labels = hearts[1]
    persons = labels.groupby("person")
    assert (persons.size() == 4).all() and (persons["murmur"].nunique() == 1).all()
    assert persons["murmur"].first().sum() == 12 and (persons["phase"].nunique() == 1).all()
    murmur = labels["murmur"] == 1
    assert ((labels["loudness"] > 0) == murmur).all() and ((labels["phase"] != "") == murmur).all()
    assert set(labels.loc[murmur, "phase"]) == {"systole", "diastole"}


def test_loudness_goes_from_hardly_audible_to_plain():
    loudness = simulate_heart_sounds(80, 1, 1.0, seed=1)[1]["loudness"]
    assert loudness.between(0.8 * FAINTEST, 1.25 * LOUDEST).all()
    assert loudness.min() < 2 * FAINTEST and loudness.max() > LOUDEST / 1.5
    assert 0.3 < (loudness < np.sqrt(FAINTEST * LOUDEST)).mean() < 0.7


def test_hearts_beat_at_their_rate(hearts):
    sounds, labels = hearts
    power = uniform_filter1d(sounds.to_numpy(float) ** 2, 100, axis=1)[:, ::20]  # 100 a second
    power -= power.mean(axis=1, keepdims=True)
    lags = np.arange(45, 130)
    agree = np.array([[(row[lag:] * row[:-lag]).mean() for lag in lags] for row in power])
    found = 60 / (lags[agree.argmax(axis=1)] / 100)
    assert (np.abs(found / labels["rate"] - 1) < 0.08).mean() > 0.75
    assert labels["rate"].between(48, 113).all() and labels["rate"].std() > 5


def test_a_murmur_fills_a_part_of_each_beat(with_and_without):
    extra, _ = murmurs(with_and_without)
    level = uniform_filter1d(np.abs(extra), 40, axis=1)
    plain = with_and_without[0][1]["loudness"].to_numpy() > 0.1
    filled = (level > 0.15 * level.max(axis=1, keepdims=True)).mean(axis=1)[plain]
    assert plain.sum() > 8 and np.median(filled) < 0.5 and filled.min() > 0.05


def test_the_louder_the_murmur_the_more_of_it(with_and_without):
    extra, rest = murmurs(with_and_without)
    ratio = np.sqrt((extra ** 2).mean(axis=1) / (rest ** 2).mean(axis=1))
    loudness = with_and_without[0][1]["loudness"]
    assert spearmanr(loudness, ratio).statistic > 0.8
    assert ratio[loudness < 0.02].max() < 0.1 < ratio[loudness > 0.2].min()


def test_a_simple_rule_is_of_some_use_only(hearts):
    """The share of power from 150 to 400 Hz: breath and chest have a part in it, too."""
    from sklearn.metrics import roc_auc_score

    power = np.abs(np.fft.rfft(hearts[0].to_numpy(float))) ** 2
    hertz = np.fft.rfftfreq(10_000, 1 / RATE)
    share = power[:, (hertz > 150) & (hertz < 400)].sum(axis=1) / power.sum(axis=1)
    assert 0.55 < roc_auc_score(hearts[1]["murmur"], share) < 0.85


def test_recordings_of_one_person_are_alike(hearts):
    """So a split by recording leaks: the nearest in timbre is often of the same person."""
    sounds, labels = hearts
    power = np.abs(np.fft.rfft(sounds.to_numpy(float))[:, 100:2500]) ** 2
    timbre = np.log(power.reshape(240, 24, 100).mean(axis=2))
    timbre -= timbre.mean(axis=1, keepdims=True)
    far = ((timbre[:, np.newaxis] - timbre) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    person = labels["person"].to_numpy()
    assert (person[far.argmin(axis=1)] == person).mean() > 0.3, "by chance it is one in eighty"


def test_the_same_seed_gives_the_same_hearts():
    first, again, other = (simulate_heart_sounds(3, 2, 0.5, seed)[0] for seed in (1, 1, 2))
    assert first.equals(again) and not first.equals(other) and first.shape == (6, 10_000)


@pytest.mark.parametrize(("arguments", "message"), [
    ((0, 1, 0.2), "n_persons"), ((1, 0, 0.2), "n_recordings"), ((1, 1, 1.2), "share_with_murmur"),
    ((1, 1, float("nan")), "share_with_murmur")])
def test_what_cannot_be_simulated_is_named(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        simulate_heart_sounds(*arguments)


def test_datasheet_names_what_is_loaded(hearts):
    sheet = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in ["load_heart_sounds()", *hearts[1].columns] if f"`{name}`" not in sheet] == []
