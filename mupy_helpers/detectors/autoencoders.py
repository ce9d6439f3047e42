"""Autoencoders: squeeze a window of healthy rows through a narrow code and see what does not come back (lesson 06)."""

from mupy_helpers.checks import checked_count
from mupy_helpers.detectors.networks import Network
from mupy_helpers.detectors.training import dense, lstm


class DenseAutoencoder(Network):
    """An autoencoder of dense layers: how badly does a window come back through a narrow code?

    The score is the mean over channels and rows of the squared error, each channel's divided by its usual one: about
    1 for healthy windows.

    Parameters
    ----------
    window : int or None
        As in `Network`; 1 looks at each row alone.
    n_hidden : int
        Units of the layer before the code and of the one after it.
    n_code : int
        Numbers in the code: fewer than rows times channels, or the network may copy.

    References
    ----------
    Sakurada and Yairi, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction", MLSDA 2014.
    """

    def __init__(self, window=1, n_hidden=32, n_code=2, epochs=30, patience=5, batch_size=64, learning_rate=0.003,
                 step=1, validation_share=0.2, contamination=0.1, random_state=0, verbose=0):
        super().__init__(window, epochs, patience, batch_size, learning_rate, step, validation_share, contamination,
                         random_state, verbose)
        self.n_hidden = n_hidden
        self.n_code = n_code

    def _check(self):
        super()._check()
        checked_count(self.n_hidden, "n_hidden")
        checked_count(self.n_code, "n_code")

    def _build(self, width, d, seed):
        import keras

        model = keras.Sequential([
            keras.Input((width, d)),
            keras.layers.Flatten(),
            dense(self.n_hidden, seed, "tanh"),
            dense(self.n_code, seed),
            dense(self.n_hidden, seed, "tanh"),
            dense(width * d, seed),
            keras.layers.Reshape((width, d)),
        ])
        model.compile(keras.optimizers.Adam(self.learning_rate), "mse")
        return model


class LSTMAutoencoder(Network):
    """An autoencoder that reads a window row by row into one state and writes it again from that state.

    The score is the mean over channels and rows of the squared error, each channel's divided by its usual one: about
    1 for healthy windows.

    Parameters
    ----------
    n_units : int
        Numbers in the state: the code.

    References
    ----------
    Malhotra et al., "LSTM-based Encoder-Decoder for Multi-sensor Anomaly Detection", ICML 2016 workshop. Theirs
    writes the window backwards and feeds each row written into the next; ours repeats the code, which trains faster.
    """

    def __init__(self, window=24, n_units=16, epochs=30, patience=5, batch_size=64, learning_rate=0.003,
                 step=1, validation_share=0.2, contamination=0.1, random_state=0, verbose=0):
        super().__init__(window, epochs, patience, batch_size, learning_rate, step, validation_share, contamination,
                         random_state, verbose)
        self.n_units = n_units

    def _check(self):
        super()._check()
        checked_count(self.n_units, "n_units")

    def _build(self, width, d, seed):
        import keras

        model = keras.Sequential([
            keras.Input((width, d)),
            lstm(self.n_units, seed),
            keras.layers.RepeatVector(width),
            lstm(self.n_units, seed, return_sequences=True),
            dense(d, seed),
        ])
        model.compile(keras.optimizers.Adam(self.learning_rate), "mse")
        return model
