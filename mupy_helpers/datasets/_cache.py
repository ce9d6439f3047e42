"""Where fetched and simulated sets are kept: see mupy_helpers._cache."""

from mupy_helpers._cache import cache_folder, make_folder

__all__ = ["cache_folder", "make_folder"]
