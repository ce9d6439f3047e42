"""The state of a stream in a file: arrays in NumPy's format and a line of JSON; nothing in it can be executed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from mupy_helpers import detectors
from mupy_helpers._archive import read_archive, write_archive
from mupy_helpers.detectors import baselines
from mupy_helpers.detectors.base import Detector
from mupy_helpers.detectors.networks import Network
from mupy_helpers.detectors.saving import packed, restored
from mupy_helpers.streaming.online import OnlineScorer

FORMAT = 1
KINDS = {kind.__name__: kind for module in (detectors, baselines) for kind in vars(module).values()
         if isinstance(kind, type) and issubclass(kind, Detector)}


def _to_json(value, arrays):
    """What JSON can hold, with arrays laid aside; what it does not know goes in as {name of the kind: content}."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)) and not isinstance(value, pd.Timedelta):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        arrays[f"array_{len(arrays)}"] = value
        return {"array": f"array_{len(arrays) - 1}"}
    if isinstance(value, pd.Timestamp):
        return {"time": value.isoformat()}
    if isinstance(value, pd.Timedelta):
        return {"length": value.as_unit("ns").value}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [_to_json(each, arrays) for each in value]}
    if isinstance(value, dict):
        return {"dict": [[_to_json(key, arrays), _to_json(each, arrays)] for key, each in value.items()]}
    raise ValueError(f"a {type(value).__name__} can not be saved without code in the file")


def _from_json(value, arrays):
    if not isinstance(value, dict):
        return value
    (kind, content), = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "time":
        return pd.Timestamp(content)
    if kind == "length":
        return pd.Timedelta(content)
    if kind == "dict":
        return {_from_json(key, arrays): _from_json(each, arrays) for key, each in content}
    return {"list": list, "tuple": tuple}[kind](_from_json(each, arrays) for each in content)


def packed_scorer(scorer):
    """Take a scorer apart into dicts, lists, numbers, times and arrays.

    Parameters
    ----------
    scorer : StreamScorer or OnlineScorer

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        When it holds what can not be saved.
    """
    if isinstance(scorer, OnlineScorer):
        return {"online": scorer.state()}
    if not hasattr(scorer, "state"):
        raise ValueError(f"a {type(scorer).__name__} can not be saved without code in the file")
    detector, inner = scorer.detector, None
    if isinstance(detector, Network):
        about, arrays = packed(detector)
        inner = {"kind": type(detector).__name__, "about": json.dumps(about), "arrays": arrays}
    elif isinstance(detector, Detector):
        if KINDS.get(type(detector).__name__) is not type(detector):
            raise ValueError(f"{type(detector).__name__} is none of the course's detectors: nobody could load it")
        names = detector.get_params()
        left = {name: value for name, value in vars(detector).items()
                if name not in names and name not in detector.unsaved}
        inner = {"kind": type(detector).__name__, "parameters": names, "fitted": left}
    return {"detector": inner, "state": scorer.state()}


def scorer_from(content, detector=None):
    """Put a scorer together again.

    Parameters
    ----------
    content : dict
        As from `packed_scorer`.
    detector : PyOD detector, optional
        The fitted one, where the content holds none.

    Returns
    -------
    StreamScorer or OnlineScorer

    Raises
    ------
    ValueError
    """
    from mupy_helpers.streaming.scorer import StreamScorer

    if "online" in content:
        return OnlineScorer.resumed(content["online"])
    inner = content["detector"]
    if inner is None and detector is None:
        raise MissingDetector("the file holds no detector, because it was none of ours: give the fitted one as "
                              "detector")
    if inner is not None:
        kind = KINDS[inner["kind"]]
        if issubclass(kind, Network):
            detector = restored(kind, json.loads(inner["about"]), inner["arrays"])
        else:
            detector = kind(**inner["parameters"])
            vars(detector).update(inner["fitted"])
    return StreamScorer.resumed(detector, content["state"])


class MissingDetector(ValueError):
    """The file is well, but the detector must be given beside it."""


def write(path, kind, content):
    """Write a content into a file in one step.

    Parameters
    ----------
    path : str or Path
        Must end in .npz.
    kind : str
        What it is, so that nothing else is read from it.
    content : dict

    Returns
    -------
    Path
    """
    arrays = {}
    return write_archive(path, {"format": FORMAT, "kind": kind, "content": _to_json(content, arrays)}, arrays)


def read(path, kind, make):
    """Read a file that `write` has written, and make an object from its content.

    Parameters
    ----------
    path : str or Path
    kind : str
    make : callable
        Takes the content.

    Returns
    -------
    What `make` returns.

    Raises
    ------
    OSError
        When it is not there, or may not be read.
    ValueError
        When the file is none of ours, of another kind, or damaged.
    """
    about, arrays = read_archive(path, kind)
    path, found = Path(path), (about.get("kind"), about["format"])
    if found != (kind, FORMAT):
        raise ValueError(f"{path.name} holds a {found[0]} in format {found[1]}, not a {kind} in format {FORMAT}")
    try:
        return make(_from_json(about["content"], arrays))
    except MissingDetector:
        raise
    except Exception as error:  # whatever a changed content breaks in the detector that is made from it
        raise ValueError(f"{path.name} is damaged: its parts do not fit together") from error
