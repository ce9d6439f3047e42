"""The networks in Keras: what they promise, whatever they have learned."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from pyod.models.base import BaseDetector
from sklearn.base import clone

from mupy_helpers.detectors import (
    DenseAutoencoder,
    LSTMAutoencoder,
    LSTMForecaster,
    VariationalAutoencoder,
    detect_entire,
    detect_last,
    gaussian_kl,
    lstm_cell,
)
from mupy_helpers.detectors.variational import gaussian_surprise

N, FIT, GAP_AT, FAULT = 460, 300, 120, slice(400, 430)
QUICK = {"epochs": 12, "batch_size": 32, "random_state": 3}
NETWORKS = {
    "DenseAutoencoder of rows": DenseAutoencoder(n_hidden=8, n_code=1, **QUICK),
    "DenseAutoencoder": DenseAutoencoder(window=6, n_hidden=12, n_code=3, **QUICK),
    "LSTMAutoencoder": LSTMAutoencoder(window=6, n_units=5, **QUICK),
    "LSTMForecaster": LSTMForecaster(window=6, n_units=5, **QUICK),
    "VariationalAutoencoder": VariationalAutoencoder(window=6, n_hidden=12, n_code=3, **QUICK),
    "VariationalAutoencoder by elbo": VariationalAutoencoder(n_hidden=8, score="elbo", n_draws=3, **QUICK),
}


def frame(seed=0):
    """Three channels of one day, with a gap in the training rows and a fault in the coil in the later ones."""
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(N) / 24)
    index = pd.date_range("2024-03-01", periods=N + 9, freq="1h").delete(range(GAP_AT, GAP_AT + 9))
    rows = np.outer(day, [3, 2, -1]) + 0.3 * rng.normal(size=(N, 3)) + [5, 100, 0]
    rows[FAULT, 1] += 4
    return pd.DataFrame(rows, index=index, columns=["room", "coil", "suction"])


@pytest.fixture(scope="module")
def fitted():
    """Each network trained once; nothing in the tests may change it."""
    return {name: clone(network).fit(frame().iloc[:FIT]) for name, network in NETWORKS.items()}


every_network = pytest.mark.parametrize("name", NETWORKS)


def reach(detector):
    return detector.window + detector.ahead


# --- What they promise ------------------------------------------------------------------------------------------------

@every_network
def test_the_interface_is_that_of_pyod(fitted, name):
    detector, later = fitted[name], frame().iloc[FIT:]
    assert isinstance(detector, BaseDetector)
    assert detector.decision_scores_.shape == detector.labels_.shape == (FIT,)
    scores = detector.decision_function(later)
    assert scores.shape == (N - FIT,) and scores.dtype == float and np.isfinite(scores).all()
    np.testing.assert_array_equal(detector.predict(later), scores > detector.threshold_)
    assert detector.threshold_ == np.quantile(detector.decision_scores_, 0.9)
    assert clone(detector).get_params() == NETWORKS[name].get_params()


@every_network
def test_the_fault_scores_above_the_healthy_rows_and_is_blamed_on_its_channel(fitted, name):
    later = frame().iloc[FIT:]
    scores = pd.Series(fitted[name].decision_function(later), index=later.index)
    fault = later.index.isin(frame().index[FAULT])
    healthy = ~pd.Series(fault).rolling(8, min_periods=1).max().to_numpy().astype(bool)
    if isinstance(fitted[name], LSTMForecaster):
        fault = later.index == frame().index[FAULT.start]  # it gets used to the fault: only the change surprises it
    assert scores[fault].median() > scores[healthy].quantile(0.99)
    shares = fitted[name].explain(later)
    assert (shares[fault].mean() - shares[healthy].mean()).idxmax() == "coil"


@every_network
def test_shares_add_up_to_the_score(fitted, name):
    detector, later = fitted[name], frame().iloc[FIT:]
    shares = detector.explain(later)
    assert shares.index.equals(later.index) and list(shares.columns) == list(later.columns)
    rest = detector.decision_function(later) - shares.sum(axis=1)
    if name.endswith("elbo"):
        assert (rest > 0).all()  # the divergence, which belongs to no channel
    else:
        np.testing.assert_allclose(rest, 0, atol=1e-9)
    assert isinstance(detector.explain(later.to_numpy()), np.ndarray)


@every_network
def test_scores_do_not_depend_on_the_batch(fitted, name):
    detector, later = fitted[name], frame().iloc[FIT:]
    together = detector.decision_function(later)
    alone = [detector.decision_function(later.iloc[:n])[-1] for n in range(1, 60)]
    np.testing.assert_allclose(alone, together[:59], rtol=1e-5, atol=1e-5)
    width = reach(detector)
    # Only the rows of the window matter: the memory of the fit is out of reach.
    last = [detector.decision_function(later.iloc[end - width:end])[-1] for end in range(width + 20, width + 60)]
    np.testing.assert_allclose(last, together[width + 19:width + 59], rtol=1e-5, atol=1e-5)


@every_network
def test_the_future_changes_nothing(fitted, name):
    later = frame().iloc[FIT:]
    other = later.copy()
    other.iloc[80:] = 1e9
    np.testing.assert_allclose(fitted[name].decision_function(other)[:80],
                               fitted[name].decision_function(later)[:80], rtol=1e-9)
    assert np.isfinite(fitted[name].decision_function(other)).all()


@pytest.mark.parametrize("name", ["DenseAutoencoder", "LSTMForecaster"])
def test_entire_and_last_agree(name):
    series = frame().iloc[:FIT + 20]
    entire = detect_entire(NETWORKS[name], series, FIT)
    assert detect_last(NETWORKS[name], series, FIT) == pytest.approx(entire.iloc[-1], rel=1e-9)


@every_network
def test_two_fits_are_equal_and_leave_no_trace(fitted, name):
    df = frame()
    before = df.copy()
    state = np.random.get_state()[1].copy()
    again = clone(NETWORKS[name]).fit(df.iloc[:FIT])
    np.testing.assert_array_equal(again.decision_scores_, fitted[name].decision_scores_)
    np.testing.assert_array_equal(again.decision_function(df.iloc[FIT:]), fitted[name].decision_function(df.iloc[FIT:]))
    assert df.equals(before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_another_seed_gives_another_network(fitted):
    other = clone(NETWORKS["DenseAutoencoder"]).set_params(random_state=4).fit(frame().iloc[:FIT])
    assert not np.allclose(other.decision_scores_, fitted["DenseAutoencoder"].decision_scores_)


@every_network
def test_no_window_crosses_a_gap(fitted, name):
    detector, df = fitted[name], frame()
    wait = reach(detector) - 1
    # After the gap the scores wait for a whole window of new rows; what came before the gap is forgotten.
    quiet = detector.decision_scores_.min()
    assert (detector.decision_scores_[GAP_AT:GAP_AT + wait] == quiet).all()
    if wait:
        assert detector.decision_scores_[GAP_AT + wait] > quiet or detector.decision_scores_[GAP_AT + wait + 1] > quiet
    moved = df.iloc[FIT:].copy()
    moved.index += pd.Timedelta("3D")
    np.testing.assert_allclose(detector.decision_function(moved)[:wait], quiet, rtol=1e-12)
    np.testing.assert_array_equal(detector.decision_function(moved)[wait:],
                                  detector.decision_function(df.iloc[FIT:])[wait:])


@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if network.sequential])
def test_scoring_goes_on_from_the_training_rows(fitted, name):
    """The first later rows have windows that begin among the training rows."""
    detector, df = fitted[name], frame()
    wait = reach(detector) - 1
    followed = detector.decision_function(df.iloc[FIT:])[:wait]
    early = pd.concat([df.iloc[FIT - wait:FIT], df.iloc[FIT:FIT + wait]])
    early.index += pd.Timedelta("9D")
    np.testing.assert_allclose(detector.decision_function(early)[wait:], followed, rtol=1e-6)


@every_network
def test_arrays_get_the_scores_of_frames(name):
    df = frame().iloc[GAP_AT:]  # without the gap, which an array can not show
    network = clone(NETWORKS[name]).set_params(epochs=1)
    from_frame = clone(network).fit(df.iloc[:200]).decision_function(df.iloc[200:])
    from_array = clone(network).fit(df.to_numpy()[:200]).decision_function(df.to_numpy()[200:])
    np.testing.assert_array_equal(from_frame, from_array)


def test_scaling_and_weights_know_the_training_part_only():
    """Whatever the last part of the rows holds, the first epoch ends with the same weights."""
    df, network = frame().iloc[:FIT], clone(NETWORKS["DenseAutoencoder"]).set_params(epochs=1)
    other = df.copy()
    other.iloc[-int(0.2 * FIT):] += 50
    one, two = clone(network).fit(df), clone(network).fit(other)
    np.testing.assert_allclose(one._centre, two._centre, rtol=1e-12)  # pandas lays the copy out in another order
    np.testing.assert_allclose(one._centre, df.iloc[:240].mean(), rtol=1e-13)
    for a, b in zip(one.model_.weights, two.model_.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(a.value), np.asarray(b.value))
    assert one.history_[0] != two.history_[0]


def test_validation_rows_can_be_given():
    df = frame()
    given = clone(NETWORKS["DenseAutoencoder"]).fit(df.iloc[:240], validation=df.iloc[240:300])
    own = clone(NETWORKS["DenseAutoencoder"]).fit(df.iloc[:300])
    np.testing.assert_array_equal(given.history_, own.history_)
    np.testing.assert_array_equal(given.validation_scores_, own.validation_scores_)
    assert len(given.validation_scores_) == 60 - 5
    with pytest.raises(ValueError, match="validation begins at .* it must be later"):
        clone(NETWORKS["DenseAutoencoder"]).fit(df.iloc[:240], validation=df.iloc[200:300])
    with pytest.raises(ValueError, match="validation must have the columns of X"):
        clone(NETWORKS["DenseAutoencoder"]).fit(df.iloc[:240], validation=df.iloc[240:300, ::-1])
    with pytest.raises(ValueError, match="missing values"):
        clone(NETWORKS["DenseAutoencoder"]).fit(df.iloc[:240], validation=df.iloc[240:300].where(df > 5))


def test_training_stops_early_and_keeps_the_best_weights():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(60, 4))
    network = DenseAutoencoder(n_hidden=40, n_code=4, epochs=200, patience=3, learning_rate=0.02, batch_size=8)
    network.fit(noise)
    assert len(network.history_) < 200
    rows = ((noise[48:] - network._centre) / network._size).astype(np.float32)[:, np.newaxis]
    assert network._losses(rows).mean() == pytest.approx(network.history_.min(), rel=1e-6)
    assert network.history_[-1] > network.history_.min()


def test_the_progress_bar_is_there_only_when_asked_for(capsys):
    network = clone(NETWORKS["DenseAutoencoder of rows"]).set_params(epochs=2)
    network.fit(frame().iloc[:FIT])
    assert capsys.readouterr() == ("", "")
    network.set_params(verbose=1).fit(frame().iloc[:FIT])
    assert "validation loss" in capsys.readouterr().out


@pytest.mark.parametrize("network", [LSTMAutoencoder(window=None, n_units=4, **QUICK),
                                     VariationalAutoencoder(window=None, **QUICK)])
def test_rows_can_be_whole_windows(network):
    """Heartbeats: one a row, its samples as columns."""
    rng = np.random.default_rng(0)
    beats = np.sin(np.linspace(0, 6, 20)) + 0.1 * rng.normal(size=(150, 20))
    beats[:, 0] = 0  # a sample may be constant, a beat not
    beats[140, 10:13] += 3
    network = clone(network).fit(beats[:120])
    scores = network.decision_function(beats[120:])
    assert scores.argmax() == 20 and scores.shape == (30,)
    assert network.explain(beats[120:])[20].argmax() in (10, 11, 12)
    np.testing.assert_allclose(network.explain(beats[120:]).sum(axis=1), scores)
    np.testing.assert_allclose(network.decision_function(beats[140:141]), scores[20], rtol=1e-5)
    with pytest.raises(ValueError, match="the training rows are constant"):
        clone(network).fit(np.ones((50, 20)))


# --- Files ------------------------------------------------------------------------------------------------------------

@every_network
def test_what_is_loaded_scores_as_what_was_saved(fitted, name, tmp_path):
    detector, later = fitted[name], frame().iloc[FIT:]
    path = detector.save(tmp_path / "detector.npz")
    loaded = type(detector).load(path)
    np.testing.assert_array_equal(loaded.decision_function(later), detector.decision_function(later))
    np.testing.assert_array_equal(loaded.decision_scores_, detector.decision_scores_)
    assert (loaded.threshold_, loaded.get_params()) == (detector.threshold_, detector.get_params())
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="score later rows"):
        if not detector.sequential:
            raise ValueError("score later rows")
        loaded.decision_function(frame().iloc[:FIT])
    with pytest.raises(ValueError, match="in the same order"):
        loaded.decision_function(later[["coil", "room", "suction"]])


def test_files_hold_no_code_and_damaged_ones_are_refused(fitted, tmp_path):
    detector = fitted["DenseAutoencoder"]
    path = detector.save(tmp_path / "detector.npz")
    with np.load(path, allow_pickle=False) as file:  # refuses objects
        parts = {name: file[name] for name in file.files}
    about = json.loads(str(parts["about"]))

    with pytest.raises(ValueError, match="holds a DenseAutoencoder"):
        LSTMAutoencoder.load(path)
    for spoil in ({"about": np.array("{}")}, {"about": np.array([print], dtype=object)}):
        np.savez(tmp_path / "bad.npz", **{**parts, **spoil})
        with pytest.raises(ValueError, match="bad.npz is not a saved detector"):
            DenseAutoencoder.load(tmp_path / "bad.npz")
    wrong = [{"weight_0": np.zeros((2, 2))}, {"usual_": np.array([np.nan])}, {"_memory": np.zeros((2, 7))},
             {"about": np.array(json.dumps({**about, "parameters": {**about["parameters"], "window": -1}}))},
             {"about": np.array(json.dumps({**about, "parameters": {"other": 1}}))}]
    for spoil in wrong:
        np.savez(tmp_path / "bad.npz", **{**parts, **spoil})
        with pytest.raises(ValueError, match="bad.npz is damaged"):
            DenseAutoencoder.load(tmp_path / "bad.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ValueError, match="is not a saved detector"):
        DenseAutoencoder.load(tmp_path / "text.npz")
    with pytest.raises(FileNotFoundError):
        DenseAutoencoder.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match="must end in .npz"):
        detector.save(tmp_path / "detector.keras")
    with pytest.raises(ValueError, match="not fitted yet"):
        DenseAutoencoder().save(tmp_path / "new.npz")


# --- Bad input --------------------------------------------------------------------------------------------------------

def spoiled(df, value):
    df = df.copy()
    df.iloc[3, 1] = value
    return df


@pytest.mark.parametrize(("spoil", "error", "message"), [
    (lambda df: spoiled(df, np.nan), ValueError, "missing values"),
    (lambda df: spoiled(df, np.inf), ValueError, "infinite"),
    (lambda df: df.iloc[::-1], ValueError, "not in time order"),
    (lambda df: df.iloc[np.r_[0:50, 49:100]], ValueError, "duplicate time stamps"),
    (lambda df: df.astype(str), TypeError, "numbers only"),
    (lambda df: df.assign(coil=1.0), ValueError, "constant in the training rows: column coil"),
    (lambda df: df.iloc[:7], ValueError, "7 training rows are too few for .* or use a shorter window"),
    (lambda df: df.iloc[:1], ValueError, "1 training rows are too few for"),
])
@every_network
def test_bad_rows_are_named(name, spoil, error, message):
    with pytest.raises(error, match=message):
        clone(NETWORKS[name]).fit(spoil(frame().iloc[:FIT]))


@every_network
def test_bad_rows_are_named_at_the_scoring(fitted, name):
    later = frame().iloc[FIT:]
    with pytest.raises(ValueError, match="missing values"):
        fitted[name].decision_function(spoiled(later, np.nan))
    with pytest.raises(ValueError, match="has 2 columns"):
        fitted[name].explain(later[["room", "coil"]])


@pytest.mark.parametrize(("network", "message"), [
    (DenseAutoencoder(window=0), "window must be a whole number"),
    (DenseAutoencoder(n_code=0), "n_code must be"),
    (DenseAutoencoder(epochs=0), "epochs must be"),
    (LSTMAutoencoder(n_units=1.5), "n_units must be"),
    (LSTMAutoencoder(learning_rate=0), "learning_rate must be"),
    (LSTMAutoencoder(validation_share=1), "validation_share must be"),
    (LSTMForecaster(window=None), "window must be a whole number"),
    (VariationalAutoencoder(beta=-1), "beta must be"),
    (VariationalAutoencoder(score="likelihood"), "score must be one of reconstruction, elbo"),
    (VariationalAutoencoder(random_state=-1), "random_state must be"),
])
def test_bad_parameters_are_named(network, message):
    with pytest.raises(ValueError, match=message):
        network.fit(frame().iloc[:FIT])


def test_unfitted_networks_say_so():
    with pytest.raises(ValueError, match="not fitted yet"):
        DenseAutoencoder().explain(frame())


# --- By hand ----------------------------------------------------------------------------------------------------------

def test_the_cell_by_hand_is_that_of_keras():
    import keras

    rng = np.random.default_rng(5)
    windows = rng.normal(size=(7, 12, 3)).astype(np.float32)
    layer = keras.layers.LSTM(5, return_sequences=True, bias_initializer=keras.initializers.RandomNormal(seed=1),
                              kernel_initializer=keras.initializers.RandomNormal(stddev=1.0, seed=2),
                              recurrent_initializer=keras.initializers.RandomNormal(stddev=1.0, seed=3))
    expected = np.asarray(keras.ops.convert_to_numpy(layer(windows)))
    weights = [np.asarray(weight.value) for weight in layer.weights]
    h = c = np.zeros((7, 5))
    for row in range(12):
        h, c = lstm_cell(windows[:, row], h, c, *weights)
        np.testing.assert_allclose(h, expected[:, row], rtol=0, atol=1e-5)
    assert np.abs(expected).max() > 0.5


def test_the_divergence_is_that_of_a_monte_carlo_estimate():
    rng = np.random.default_rng(6)
    mean, log_variance = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    draws = mean + np.exp(log_variance / 2) * rng.normal(size=(200_000, 4, 3))
    differences = (gaussian_surprise(draws, 0, np.zeros(3)) - gaussian_surprise(draws, mean, log_variance)).sum(axis=2)
    error = differences.std(axis=0) / np.sqrt(len(draws))
    np.testing.assert_array_less(np.abs(gaussian_kl(mean, log_variance) - differences.mean(axis=0)), 4 * error)
    assert (gaussian_kl(np.zeros((1, 3)), np.zeros((1, 3))) == 0).all()


def test_the_training_loss_is_surprise_plus_beta_times_divergence():
    """Evaluated by Keras on one batch, against SciPy's densities."""
    from scipy import stats

    network = VariationalAutoencoder(window=2, n_hidden=4, beta=0.5, **{**QUICK, "epochs": 1}).fit(frame().iloc[:FIT])
    rng = np.random.default_rng(7)
    windows, noise = rng.normal(size=(5, 2, 3)).astype(np.float32), rng.normal(size=(5, 2)).astype(np.float32)
    output = np.asarray(network.model_.predict_on_batch([windows, noise]), dtype=float)
    back, log_variance, mean, code = np.split(output, [6, 12, 14], axis=1)
    surprise = -stats.norm.logpdf(windows.reshape(5, 6), back, np.exp(log_variance / 2)).sum(axis=1)
    expected = (surprise + 0.5 * gaussian_kl(mean, code)).mean()
    network.model_.reset_metrics()  # Keras before 3.11 would average over what it was trained on, too
    loss = network.model_.test_on_batch([windows, noise], windows.reshape(5, 6))
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    spread = log_variance.reshape(5, 2, 3)
    np.testing.assert_allclose(spread, np.broadcast_to(spread[0, 0], spread.shape))  # one for each channel


def test_the_elbo_is_the_reconstruction_and_the_divergence(fitted):
    network, later = fitted["VariationalAutoencoder by elbo"], frame().iloc[FIT:]
    windows = ((later.to_numpy() - network._centre) / network._size).astype(np.float32)[:, np.newaxis]
    output = np.asarray(network.model_.predict_on_batch([windows, np.zeros((len(windows), 2), np.float32)]))
    rest = network.decision_function(later) - network.explain(later).sum(axis=1)
    np.testing.assert_allclose(rest, gaussian_kl(output[:, -4:-2], output[:, -2:]), rtol=1e-4, atol=1e-5)


# --- The backend ------------------------------------------------------------------------------------------------------

def run(code, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS", "JAX"))}
    return subprocess.run([sys.executable, "-c", code], env={**kept, **environment}, capture_output=True, text=True,
                          check=True).stdout.split()


def test_the_package_chooses_jax_and_a_cache_before_keras_is_there(tmp_path):
    chosen = ("print('numpy' in sys.modules, os.environ['KERAS_BACKEND'], "
              "os.environ.get('JAX_COMPILATION_CACHE_DIR'))")
    code = f"import os, sys; import mupy_helpers; {chosen}"
    assert run(code, MUPY_CACHE=str(tmp_path)) == ["False", "jax", str(tmp_path / "jax")]
    assert not list(tmp_path.iterdir())
    assert run(code, MUPY_CACHE=str(tmp_path), KERAS_BACKEND="torch",
               JAX_COMPILATION_CACHE_DIR="mine") == ["False", "torch", "mine"]
    (tmp_path / "file").write_text("")
    assert run(code, MUPY_CACHE=str(tmp_path / "file")) == ["False", "jax", "None"]  # nothing can be written there


def test_keras_waits_until_it_is_needed():
    code = ("import sys; from mupy_helpers import detectors, ensembles, leaderboard\n"
            "print(sorted({'keras', 'jax', 'torch', 'tensorflow'} & set(sys.modules)))")
    assert run(code) == ["[]"]


def test_neither_torch_nor_tensorflow_is_imported(fitted):
    assert fitted and "jax" in sys.modules
    assert not {"torch", "tensorflow"} & set(sys.modules)
