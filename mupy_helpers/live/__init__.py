"""A cold store, live: readings, score, limit and alarms, and a fault that the viewer switches on (lesson 08).

`python3 course.py live` opens it in a browser; `live.show()` puts it into a notebook.
"""

from mupy_helpers.live.engine import Engine
from mupy_helpers.live.notebook import show
from mupy_helpers.live.picture import still

__all__ = ["Engine", "show", "still"]
