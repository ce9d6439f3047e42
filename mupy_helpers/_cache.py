"""Where this package may keep files in the user's home."""

import os
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
