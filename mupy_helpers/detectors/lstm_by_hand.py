"""One step of an LSTM, gate by gate, as in the lesson (lesson 06)."""

import numpy as np

from mupy_helpers.checks import checked_matrix


def sigmoid(x):
    """Return the logistic function.

    Parameters
    ----------
    x : ndarray

    Returns
    -------
    ndarray, between 0 and 1
    """
    with np.errstate(over="ignore"):  # one over infinity is the right zero
        return 1 / (1 + np.exp(-x))


def lstm_cell(x, h, c, kernel, recurrent_kernel, bias):
    """Take one step of an LSTM: a new row in, a new state and memory out.

    The weights are laid out as in Keras: input gate, forget gate, candidate, output gate, side by side.

    Parameters
    ----------
    x : ndarray, shape (m, d)
        A row of each of m windows.
    h, c : ndarray, shape (m, units)
        State and memory after the row before; zeros at the start.
    kernel : ndarray, shape (d, 4 * units)
    recurrent_kernel : ndarray, shape (units, 4 * units)
    bias : ndarray, shape (4 * units,)

    Returns
    -------
    h, c : ndarray, shape (m, units)

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; the forget gate is that of Gers,
    Schmidhuber and Cummins, Neural Computation 12, 2000.
    """
    x, h, c, kernel, recurrent_kernel = (checked_matrix(value, name) for name, value in {
        "x": x, "h": h, "c": c, "kernel": kernel, "recurrent_kernel": recurrent_kernel}.items())
    bias = checked_matrix(bias, "bias")[:, 0]
    shapes = [each.shape for each in (x, h, c, kernel, recurrent_kernel, bias)]
    (m, d), units = x.shape, h.shape[1]
    if shapes != [(m, d), (m, units), (m, units), (d, 4 * units), (units, 4 * units), (4 * units,)]:
        raise ValueError(f"x, h, c, kernel, recurrent_kernel and bias do not fit together: their shapes are {shapes}")
    gates = x @ kernel + h @ recurrent_kernel + bias
    write, forget, candidate, read = np.split(gates, 4, axis=-1)
    c = sigmoid(forget) * c + sigmoid(write) * np.tanh(candidate)
    h = sigmoid(read) * np.tanh(c)
    return h, c
