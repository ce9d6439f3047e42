"""Arrays and a line of JSON in one file of NumPy's format: written in one step, and nothing in it can be executed."""

import contextlib
import io
import json
import os

import numpy as np

from mupy_helpers.checks import checked_path, file_error


def write_archive(path, about, arrays):
    """Write a file, or leave what was there: a full disk and a killed process make no half one.

    Parameters
    ----------
    path : str or Path
        Must end in .npz.
    about : dict
        What JSON can hold.
    arrays : dict of ndarray

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError, OSError
    """
    path = checked_path(path)
    if path.suffix != ".npz":
        raise ValueError(f"the file must end in .npz, not {path.name!r}")
    text = np.array(json.dumps(about))
    new = path.with_name(f"{path.stem}.new.npz")
    try:
        with new.open("wb") as file:
            np.savez(file, about=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise file_error(error, "can not be written", path) from error
    return path


def read_archive(path, what):
    """Read a file that `write_archive` has written.

    Parameters
    ----------
    path : str or Path
    what : str
        What it should hold, for the message.

    Returns
    -------
    about : dict
    arrays : dict of ndarray

    Raises
    ------
    TypeError, ValueError, OSError
    """
    path = checked_path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise file_error(error, "can not be read", path) from error
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        about["format"]
    except Exception as error:  # whatever a damaged archive breaks in zipfile, zlib and NumPy
        raise ValueError(f"{path.name} is not a saved {what}, or it is damaged") from error
    return about, arrays
