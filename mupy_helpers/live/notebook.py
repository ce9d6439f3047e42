"""The live page inside a notebook; a still picture where no kernel runs (lesson 08)."""

import asyncio
import threading
from functools import lru_cache

from mupy_helpers.checks import checked_number
from mupy_helpers.live.picture import still
from mupy_helpers.widgets.show import png


def show(speed=3600.0, height=680):
    """Serve the live page on a free port of this computer and show it in the notebook.

    The stored notebook, the web book and print keep the picture of `still`.

    Parameters
    ----------
    speed : float
        Seconds of the store in a second.
    height : int
        Of the frame, in pixels.
    """
    from IPython import get_ipython
    from IPython.display import display

    checked_number(speed, "speed", above=0)
    picture, alt = png(still())
    bundle, metadata = {"image/png": picture, "text/plain": alt}, {"image/png": {"alt": alt}}
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        import ipywidgets

        address = f"http://127.0.0.1:{serve_in_thread(speed)}/"
        frame = ipywidgets.HTML(
            f'<iframe title="A cold store, live: readings, score and alarms, and a fault to switch on" src="{address}" '
            f'style="width:100%;height:{int(height)}px;border:1px solid #555"></iframe>'
            f'<p>The frame stays empty? The page is at <a href="{address}" target="_blank">{address}</a>, '
            "on the computer on which this notebook runs.</p>", layout={"width": "100%"})
        bundle |= frame._repr_mimebundle_()
        bundle["text/plain"] = alt
    display(bundle, metadata=metadata, raw=True)


@lru_cache
def serve_in_thread(speed=3600.0):
    """Serve the live page until this process ends; a cell that is run again finds it there.

    Parameters
    ----------
    speed : float

    Returns
    -------
    int
        The port; it answers already.
    """
    from mupy_helpers.live.page import free_port, server

    port, ready, failed = free_port(), threading.Event(), []

    async def run():
        try:
            server(port, speed).start()
        except OSError as error:
            failed.append(error)
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=asyncio.run, args=(run(),), daemon=True, name="mupy live page").start()
    ready.wait()
    if failed:
        raise failed[0]
    return port
