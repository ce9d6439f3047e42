"""How the course's networks are trained: shuffled windows, a validation loss, the best weights kept (lesson 06)."""

import numpy as np

# A validation loss that is better by less than this share does not keep the training going.
GAIN = 1e-3


def seeded(rng):
    """Return a function that gives another seed at each call.

    Every layer gets a seed of its own, so that nothing depends on a global random state.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    callable
    """
    return lambda: int(rng.integers(2**31))


def dense(units, seed, activation=None, **settings):
    """Return a Keras dense layer with seeded weights.

    Parameters
    ----------
    units : int
    seed : callable
        As from `seeded`.
    activation : str, optional
    **settings
        Passed on to Keras.

    Returns
    -------
    keras.layers.Dense
    """
    import keras

    settings.setdefault("kernel_initializer", keras.initializers.GlorotUniform(seed()))
    return keras.layers.Dense(units, activation=activation, **settings)


def lstm(units, seed, **settings):
    """Return a Keras LSTM layer with seeded weights.

    Parameters
    ----------
    units : int
    seed : callable
        As from `seeded`.
    **settings
        Passed on to Keras.

    Returns
    -------
    keras.layers.LSTM
    """
    import keras

    return keras.layers.LSTM(units, kernel_initializer=keras.initializers.GlorotUniform(seed()),
                             recurrent_initializer=keras.initializers.Orthogonal(seed=seed()), **settings)


def train(model, batch_of, n_windows, validation_loss, *, epochs, patience, batch_size, rng, verbose=0):
    """Train until the validation loss has not improved for `patience` epochs, and go back to the best weights.

    Each epoch goes through the windows in a new order. All batches have the same size, so that one program is
    compiled; the windows left over come in another epoch.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    batch_of : callable
        Takes positions of windows, gives the inputs and the targets of that batch.
    n_windows : int
    validation_loss : callable
        Without parameters.
    epochs, patience, batch_size : int
    rng : numpy.random.Generator
    verbose : int
        1 shows a progress bar.

    Returns
    -------
    list of float
        The validation loss after each epoch.

    Raises
    ------
    ValueError
        When the loss is no longer finite.
    """
    batch_size = min(batch_size, n_windows)
    history, best, best_weights, bar = [], np.inf, None, _bar(epochs, verbose)
    best_epoch, to_beat = 0, np.inf
    for epoch in range(epochs):
        order = rng.permutation(n_windows)
        for start in range(0, n_windows - batch_size + 1, batch_size):
            model.train_on_batch(*batch_of(order[start:start + batch_size]))
        history.append(float(validation_loss()))
        if not np.isfinite(history[-1]):
            raise ValueError("the training did not settle: the validation loss is not finite; lower learning_rate")
        if history[-1] < best:
            best, best_weights = history[-1], weights_of(model)
        if history[-1] < to_beat:
            to_beat, best_epoch = history[-1] - GAIN * abs(history[-1]), epoch
        stop = epoch - best_epoch >= patience
        if bar:
            bar.update(epoch + 1, [("validation loss", history[-1])], finalize=stop or epoch + 1 == epochs)
        if stop:
            break
    model.set_weights(best_weights)
    return history


def weights_of(model):
    """Return copies of a model's weights; its own `get_weights` warns with NumPy 2.4.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    list of ndarray
    """
    from keras import ops

    return [np.array(ops.convert_to_numpy(weight.value)) for weight in model.weights]


def _bar(epochs, verbose):
    import keras

    return keras.utils.Progbar(epochs, unit_name="epoch", stateful_metrics=["validation loss"]) if verbose else None


def predict(model, inputs, size):
    """Return what a model makes of a batch, always through a program for `size` windows.

    One program for all batches: nothing is compiled anew for another number of windows, and a window gets the same
    result whatever is scored with it.

    Parameters
    ----------
    model : keras.Model
    inputs : list of ndarray, each of shape (m, ...), m <= size
    size : int

    Returns
    -------
    ndarray of float, shape (m, ...)
    """
    m = len(inputs[0])
    padded = [np.concatenate([part, np.zeros((size - m, *part.shape[1:]), part.dtype)]) for part in inputs]
    output = model.predict_on_batch(padded if len(padded) > 1 else padded[0])
    return np.asarray(output, dtype=float)[:m]
