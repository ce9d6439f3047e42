"""Helpers for the MuPy course on anomaly detection with Python."""

import os
from importlib.util import find_spec

from mupy_helpers._cache import cache_folder, can_be_written

__version__ = "0.1.0"

# Keras reads this once, when it is first imported; JAX is the backend that the course is locked and tested with.
os.environ.setdefault("KERAS_BACKEND", "jax")
# Compiled programs are kept for the next run, as a small LSTM takes seconds to compile; JAX reads this once, too.
# Where it can not write, JAX would warn at each program; and the doctor runs where nothing is installed yet.
if find_spec("platformdirs") and can_be_written(cache_folder() / "jax"):
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache_folder() / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
