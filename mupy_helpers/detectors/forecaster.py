"""A forecaster: predict the next row from the window before it, and be surprised (lesson 06)."""

import numpy as np

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.networks import Network
from mupy_helpers.detectors.training import dense, lstm


class LSTMForecaster(Network):
    """An LSTM that predicts how each row differs from the one before, from a window of rows before it.

    It begins its training as the forecast "the same as the last row", so that it has that baseline to beat. The score
    is the mean over channels of the squared error of the row, each channel's divided by its usual one: about 1 for
    healthy rows.

    Parameters
    ----------
    n_units : int
        Numbers in the state.

    References
    ----------
    Malhotra et al., "Long Short Term Memory Networks for Anomaly Detection in Time Series", ESANN 2015.
    """

    ahead = 1

    def __init__(self, window=24, n_units=16, epochs=30, patience=5, batch_size=64, learning_rate=0.003,
                 step=1, validation_share=0.2, contamination=0.1, random_state=0, verbose=0):
        super().__init__(window, epochs, patience, batch_size, learning_rate, step, validation_share, contamination,
                         random_state, verbose)
        self.n_units = n_units

    def _check(self):
        super()._check()
        checked_count(self.window, "window")
        checked_count(self.n_units, "n_units")

    def _build(self, width, d, seed):
        import keras

        rows = keras.Input((width, d))
        change = dense(d, seed, kernel_initializer="zeros")(lstm(self.n_units, seed)(rows))
        model = keras.Model(rows, rows[:, -1] + change)
        model.compile(keras.optimizers.Adam(self.learning_rate), "mse")
        return model

    def _inputs_and_targets(self, windows, rng):
        return [windows[:, :-1]], windows[:, -1]

    def _errors(self, windows):
        return super()._errors(windows)[:, np.newaxis]
