"""Where this package may keep files in the user's home."""

import contextlib
import os
import shutil
import time
from pathlib import Path


def cache_folder():
    """Return the folder for fetched and simulated files: ``MUPY_CACHE`` when it is set, else the user's cache.

    Returns
    -------
    Path
        The folder; it may not exist yet.
    """
    chosen = os.environ.get("MUPY_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("mupy_helpers", appauthor=False))


def make_folder(folder):
    """Make a folder of the cache.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    OSError
        When that is not possible: one sentence that says what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"The folder {folder} for made data cannot be made ({error.strerror}): set MUPY_CACHE to a "
                      "folder that you may write.") from error


def can_be_written(folder):
    """Return whether files can be made in a folder, which may not exist yet. Nothing is made.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    bool
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def clear_unfinished(folder, hours=1):
    """Remove what a process that was killed has left in a folder of the cache.

    Parameters
    ----------
    folder : Path
    hours : float
        What is younger may belong to a process that is still at work.
    """
    for left in folder.glob("unfinished-*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > 3600 * hours:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
