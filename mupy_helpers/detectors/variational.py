"""A variational autoencoder: how unlikely is a window under a model of the healthy ones? (lesson 06)."""

import math

import numpy as np

from mupy_helpers.checks import checked_choice, checked_count, checked_matrix, checked_number
from mupy_helpers.detectors.networks import CHUNK, Network
from mupy_helpers.detectors.training import dense, predict

LOG_2_PI = math.log(2 * math.pi)


def gaussian_kl(mean, log_variance, ops=np):
    """Return the divergence of Gaussians with independent dimensions from the standard Gaussian, in closed form.

    Half the sum over dimensions of mean² + variance - 1 - log variance.

    Parameters
    ----------
    mean, log_variance : arrays, shape (m, k)
    ops : module
        NumPy, or keras.ops inside a loss.

    Returns
    -------
    array of float, shape (m,)
        In nats; 0 only for the standard Gaussian.

    Raises
    ------
    TypeError, ValueError
        Of NumPy's arrays only.

    References
    ----------
    Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.
    """
    if ops is np:
        # Of a logarithm above 88 the variance is infinite in single precision.
        mean, log_variance = checked_matrix(mean, "mean"), checked_matrix(log_variance, "log_variance", largest=88)
        if mean.shape != log_variance.shape:
            raise ValueError(f"mean and log_variance must have the same shape, not {mean.shape} and "
                             f"{log_variance.shape}")
    return _divergence(mean, log_variance, ops)


def _divergence(mean, log_variance, ops):
    return 0.5 * ops.sum(mean**2 + ops.exp(log_variance) - 1 - log_variance, axis=-1)


def gaussian_surprise(values, mean, log_variance, ops=np):
    """Return minus the log density of values under independent Gaussians.

    Parameters
    ----------
    values, mean, log_variance : arrays that broadcast together
    ops : module
        NumPy, or keras.ops inside a loss.

    Returns
    -------
    array of float
        In nats, one for each value.
    """
    return 0.5 * ((values - mean) ** 2 * ops.exp(-log_variance) + log_variance + LOG_2_PI)


class VariationalAutoencoder(Network):
    """An autoencoder whose code is a Gaussian, held near the standard one, and whose output has a spread.

    It is trained by minus the evidence lower bound: the expected surprise at the window (Gaussian, with one learned
    spread for each channel) plus `beta` times the divergence of the code from the standard Gaussian.
    The score is in nats per window and can be negative:

    - "reconstruction": minus An and Cho's reconstruction probability, the surprise at the window averaged over
      `n_draws` draws of its code; what `explain` gives sums to it;
    - "elbo": the same plus the divergence of the code, minus the evidence lower bound (with beta 1, an upper bound of
      the surprise); the divergence belongs to no channel, and `explain` leaves it out.

    The draws are made once, at the fit, and are the same for all windows.

    Parameters
    ----------
    window : int or None
        As in `Network`; 1 looks at each row alone.
    n_hidden : int
        Units of the layer before the code and of the one after it.
    n_code : int
        Dimensions of the code.
    beta : float
        The weight of the divergence in the training.
    score : {"reconstruction", "elbo"}
    n_draws : int

    References
    ----------
    Kingma and Welling, ICLR 2014; An and Cho, "Variational Autoencoder based Anomaly Detection using Reconstruction
    Probability", SNU Data Mining Center 2015; the learned spread as in Rybkin et al., "Simple and Effective VAE
    Training with Calibrated Decoders", ICML 2021.
    """

    def __init__(self, window=1, n_hidden=32, n_code=2, beta=1.0, score="reconstruction", n_draws=8, epochs=30,
                 patience=5, batch_size=64, learning_rate=0.003, step=1, validation_share=0.2, contamination=0.1,
                 random_state=0, verbose=0):
        super().__init__(window, epochs, patience, batch_size, learning_rate, step, validation_share, contamination,
                         random_state, verbose)
        self.n_hidden = n_hidden
        self.n_code = n_code
        self.beta = beta
        self.score = score
        self.n_draws = n_draws

    def _check(self):
        super()._check()
        for name in ("n_hidden", "n_code", "n_draws"):
            checked_count(getattr(self, name), name)
        checked_number(self.beta, "beta", above=0)
        checked_choice(self.score, ("reconstruction", "elbo"), "score")

    def _start(self, rng):
        self._noise = rng.normal(size=(self.n_draws, self.n_code))

    def _build(self, width, d, seed):
        import keras

        ops = keras.ops

        class LogVariance(keras.layers.Layer):
            """One learned number for each channel, the same for every window and row."""

            def build(self, shape):
                self.per_channel = self.add_weight(shape=(d,), initializer="zeros")

            def call(self, rows):
                return ops.zeros_like(rows) + ops.clip(self.per_channel, -12.0, 12.0)

        rows, noise = keras.Input((width, d)), keras.Input((self.n_code,))
        hidden = dense(self.n_hidden, seed, "tanh")(keras.layers.Flatten()(rows))
        mean, log_variance = dense(self.n_code, seed)(hidden), dense(self.n_code, seed)(hidden)
        code = mean + ops.exp(log_variance / 2) * noise
        back = dense(width * d, seed)(dense(self.n_hidden, seed, "tanh")(code))
        flat = keras.layers.Flatten()(LogVariance()(rows))
        model = keras.Model([rows, noise], ops.concatenate([back, flat, mean, log_variance], axis=-1))

        def loss(windows, output):
            surprise, divergence = self._two_terms(windows, output, ops)
            return ops.sum(surprise, axis=(1, 2)) + self.beta * divergence

        model.compile(keras.optimizers.Adam(self.learning_rate), loss)
        return model

    def _two_terms(self, windows, output, ops=np):
        """The surprise at each value, shape (m, width, d), and the divergence of each code, shape (m,)."""
        width, d = self._window_shape()
        n, k = width * d, self.n_code
        back, spread = (ops.reshape(part, (-1, width, d)) for part in (output[:, :n], output[:, n:2 * n]))
        return (gaussian_surprise(ops.reshape(windows, (-1, width, d)), back, spread, ops),
                _divergence(output[:, 2 * n:2 * n + k], output[:, 2 * n + k:], ops))

    def _inputs_and_targets(self, windows, rng):
        noise = rng.normal(size=(len(windows), self.n_code)).astype(np.float32)
        return [windows, noise], windows.reshape(len(windows), -1)  # flat: Keras would drop a last axis of length 1

    def _expected(self, windows):
        """Both terms, the surprise averaged over the draws."""
        surprise = 0
        for draw in self._noise:
            noise = np.tile(draw.astype(np.float32), (len(windows), 1))
            one, divergence = self._two_terms(windows, predict(self.model_, [windows, noise], CHUNK))
            surprise = surprise + one / len(self._noise)
        return surprise, divergence

    def _losses(self, windows):
        surprise, divergence = self._expected(windows)
        return surprise.sum(axis=(1, 2)) + self.beta * divergence

    def _settle(self, rows, last):
        self.usual_ = np.empty(0)

    def _shares(self, windows):
        surprise, divergence = self._expected(windows)
        shares = surprise[:, :, 0] if self.window is None else surprise.sum(axis=1)
        return shares, divergence if self.score == "elbo" else np.zeros(len(windows))
