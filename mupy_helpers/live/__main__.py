"""Serve the live page: ``python -m mupy_helpers.live [--port PORT] [--speed SPEED] [--no-browser]``."""

import argparse
import asyncio
import contextlib
import logging
import re
import signal
import sys
import warnings
import webbrowser


def _speed(text):
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 86400:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 86400, not {text!r}")
    return speed


def _port(text):
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, not {text!r}")
    return int(text)


def main(arguments=None):
    """Run the verb `live`.

    Parameters
    ----------
    arguments : list of str, optional

    Returns
    -------
    int
        0, or 1 after one sentence about what is wrong.
    """
    parser = argparse.ArgumentParser(prog="course.py live", description="A cold store, live, in the browser.")
    parser.add_argument("--port", type=_port, default=None, help="default: a free one")
    parser.add_argument("--speed", type=_speed, default=3600, help="seconds of the store in a second, 1 to 86400 "
                        "(default: 3600, one hour in a second)")
    parser.add_argument("--no-browser", action="store_true", help="only say the address")
    options = parser.parse_args(arguments)
    try:
        code = _run(options)
    except KeyboardInterrupt:
        code = 0
    if not code:
        print("\nStopped.")
    return code


def _run(options):
    print("Simulating twelve healthy weeks and fitting the detector: some seconds.", flush=True)
    # Here, as they take a while to load: by now Ctrl-C is heard.
    from mupy_helpers.live.engine import fitted
    from mupy_helpers.live.page import free_port, server

    fitted()
    port = options.port or free_port()
    try:
        asyncio.run(_serve(lambda: server(port, options.speed), port, not options.no_browser))
    except OSError as error:
        print(f"live: port {port} can not be used: {error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


def _without_viewers_gone(loop, context):
    from tornado.websocket import WebSocketClosedError

    if not isinstance(context.get("exception"), WebSocketClosedError):
        loop.default_exception_handler(context)


async def _serve(make, port, with_browser):
    running, ended = make(), asyncio.Event()
    # A viewer who has gone is no error; Bokeh notices a moment later.
    logging.getLogger("bokeh").setLevel(logging.ERROR)
    asyncio.get_running_loop().set_exception_handler(_without_viewers_gone)
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C ends the loop by KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
    running.start()
    print(f"A cold store, live, at http://127.0.0.1:{port}/ (Ctrl-C ends it)", flush=True)
    if with_browser:
        webbrowser.open(f"http://127.0.0.1:{port}/")
    try:
        await ended.wait()
    finally:
        # What is on its way to a viewer is cut off now, and that is no error.
        for name in ("bokeh", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", message="coroutine '.*' was never awaited", category=RuntimeWarning)
        running.stop(wait=False)


if __name__ == "__main__":
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left that a second Ctrl-C could stop
    sys.exit(code)
