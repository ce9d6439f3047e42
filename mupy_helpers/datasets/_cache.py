"""Where fetched and simulated sets are kept: see mupy_helpers._cache."""

from mupy_helpers._cache import cache_folder, clear_unfinished, make_folder

__all__ = ["cache_folder", "clear_unfinished", "make_folder"]
