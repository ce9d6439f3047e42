"""Helpers for the MuPy course on anomaly detection with Python."""

import os

__version__ = "0.1.0"

# Keras reads this once, when it is first imported; JAX is the backend that the course is locked and tested with.
os.environ.setdefault("KERAS_BACKEND", "jax")
