"""Runs one of the course's own modules for course.py; Ctrl-C ends it in one line, also while it imports libraries."""

import importlib
import os
import signal
import sys

STOPPED = "Stopped: the same command goes on from here."


def leave_at_once(number, frame):
    """End without unwinding: a library that is half imported makes other errors of a KeyboardInterrupt."""
    os.write(2, b"\n" + STOPPED.encode() + b"\n")
    os._exit(130)


def main(name):
    """Import a module, or a package's ``__main__``, and call its ``main``.

    Parameters
    ----------
    name : str

    Returns
    -------
    int or None
        What ``main`` returned; 130 after Ctrl-C.
    """
    heard = signal.getsignal(signal.SIGINT) == signal.default_int_handler  # not so where the parent ignores it
    if heard:
        signal.signal(signal.SIGINT, leave_at_once)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # held back by course.py
    module = importlib.import_module(name)
    if hasattr(module, "__path__"):
        module = importlib.import_module(name + ".__main__")
    try:
        if heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return module.main()
    except (Exception, KeyboardInterrupt) as error:
        while not isinstance(error, KeyboardInterrupt):  # of which a library may have made another while it cleared up
            if error.__context__ is None:
                raise
            error = error.__context__
        print("\n" + STOPPED, file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left that a second Ctrl-C could stop


if __name__ == "__main__":
    del sys.argv[0]
    sys.exit(main(sys.argv[0]))
