"""Fitted networks in files: arrays in NumPy's format and a line of JSON; nothing in them can be executed."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from mupy_helpers._archive import read_archive, write_archive
from mupy_helpers.checks import checked_path
from mupy_helpers.detectors.training import weights_of

ARRAYS = ("_centre", "_size", "_memory", "_noise", "usual_", "decision_scores_", "validation_scores_", "history_")
FORMAT = 1


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def packed(detector):
    """Take a fitted network apart into what JSON can hold and arrays.

    Parameters
    ----------
    detector : Network

    Returns
    -------
    about : dict
    arrays : dict of ndarray

    Raises
    ------
    ValueError
    """
    if not hasattr(detector, "_window_shape"):
        raise ValueError(f"detector must be a network of ours, not {detector!r}")
    if not hasattr(detector, "decision_scores_"):
        raise NotFittedError(f"this {type(detector).__name__} is not fitted yet: call fit first")
    columns = [_plain(column) for column in detector.columns_]
    if not all(isinstance(column, (str, int)) for column in columns):
        raise ValueError("only columns that are called by text or whole numbers can be saved: rename them")
    about = {
        "format": FORMAT, "class": type(detector).__name__, "columns": columns, "named": detector._named,
        "parameters": {name: _plain(value) for name, value in detector.get_params().items()},
        "last_time": None if detector._last_time is None else detector._last_time.isoformat(),
        "max_gap": None if detector._max_gap is None else detector._max_gap.value, "quiet": detector._quiet,
    }
    arrays = {name: np.asarray(getattr(detector, name)) for name in ARRAYS}
    weights = {f"weight_{number}": weight for number, weight in enumerate(weights_of(detector.model_))}
    return about, arrays | weights


def save_detector(detector, path):
    """Write a fitted network into one file.

    Parameters
    ----------
    detector : Network
    path : str or Path
        Must end in .npz.

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError, OSError
    """
    return write_archive(checked_path(path), *packed(detector))


def load_detector(cls, path):
    """Read a fitted network from a file.

    Parameters
    ----------
    cls : type
        The class that the file must hold.
    path : str or Path

    Returns
    -------
    Network

    Raises
    ------
    OSError
        When it is not there, or may not be read.
    TypeError, ValueError
    """
    about, arrays = read_archive(path, "detector")
    path, found = Path(path), (about.get("class"), about["format"])
    if found != (cls.__name__, FORMAT):
        raise ValueError(f"{path.name} holds a {found[0]} in format {found[1]}: it can not be loaded as "
                         f"{cls.__name__} in format {FORMAT}")
    try:
        return restored(cls, about, arrays)
    except Exception as error:  # whatever a changed content breaks in the network that is made from it
        raise ValueError(f"{path.name} is damaged: its parts do not fit together") from error


def restored(cls, about, arrays):
    """Put a fitted network together again.

    Parameters
    ----------
    cls : type
    about : dict
    arrays : dict of ndarray
        As from `packed`.

    Returns
    -------
    Network
    """
    detector = cls(**about["parameters"])
    detector._check()
    detector._set_n_classes(None)
    detector.columns_, detector._named, detector._quiet = about["columns"], about["named"], float(about["quiet"])
    detector.n_features_in_ = len(detector.columns_)
    detector._last_time = None if about["last_time"] is None else pd.Timestamp(about["last_time"])
    detector._max_gap = None if about["max_gap"] is None else pd.Timedelta(about["max_gap"])
    for name in ARRAYS:
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} is not finite")
        setattr(detector, name, arrays[name])
    if detector._memory.shape[1:] != (detector.n_features_in_,):
        raise ValueError("_memory has another width")
    weights = [arrays[f"weight_{number}"] for number in range(sum(name.startswith("weight_") for name in arrays))]
    # The first weights are replaced at once, whatever their seed.
    detector.model_ = detector._build(*detector._window_shape(), lambda: 0)
    detector.model_.set_weights(weights)
    detector._process_decision_scores()
    return detector
