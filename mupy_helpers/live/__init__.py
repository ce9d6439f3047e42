"""A cold store, live: readings, score, limit and alarms, and a fault that the viewer switches on (lesson 08).

`python3 course.py live` opens it in a browser; `live.show()` puts it into a notebook.
"""

from importlib import import_module

__all__ = ["Engine", "show", "still"]


def __getattr__(name):
    # Only now, as the verb's Ctrl-C must be heard while pandas and the detector load, too.
    places = {"Engine": "engine", "show": "notebook", "still": "picture"}
    if name not in places:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{places[name]}"), name)
