#!/usr/bin/env python3
"""The doors of the MuPy course: one command makes the environment and opens what you ask for.

    python3 course.py lab      the lessons in JupyterLab
    python3 course.py test     every test, every notebook

Only the standard library is used, so a plain Python is enough (tools/environment.py makes the rest).
This file and what it imports also parse on Python 3.6, where all they do is say which Python the course needs.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until main can say more: no traceback from the imports

import os  # noqa: E402
import re  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections import namedtuple  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tools.environment import ROOT, Environment, python_version, room  # noqa: E402
from tools.processes import Stop, explain, hand_over, say  # noqa: E402

OLDEST, TOO_NEW = (3, 11), (3, 14)
FIRST_LESSON = "notebooks/00_start_here.ipynb"

Verb = namedtuple("Verb", "name help run")


def run_module(python, name, arguments):
    starter = ["tools.start"] if name.startswith(("mupy_helpers", "tools")) else []
    return hand_over([str(python), "-m"] + starter + [name] + arguments, Environment().variables(), ROOT)


def module(name):
    """Return a verb that makes the environment ready and runs one module in it."""
    def run(arguments):
        environment = Environment()
        environment.set_up()
        return run_module(environment.python, name, arguments)
    return run


def lab(arguments):
    refuse_port_in_use(arguments)
    if not any(argument.endswith(".ipynb") for argument in arguments):
        # Not as a file to open: the address that JupyterLab prints would lead to its start page.
        arguments = ["--LabApp.default_url=/lab/tree/" + FIRST_LESSON] + arguments
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in most containers; JupyterLab would refuse
        arguments = arguments + ["--allow-root"]
    return module("jupyterlab")(arguments)


def refuse_port_in_use(arguments):
    port = asked_port(arguments)
    if port and in_use(port):
        raise Stop("port %d is in use: choose another with --port, or stop the other program" % port)


def asked_port(arguments):
    """Return the port that the arguments ask for, or None when the choice is the program's."""
    asked = re.search(r"(?:^|\0)--(?:ServerApp\.)?port[=\0]([^\0]*)", "\0".join(arguments))
    if asked is None:
        return None
    if not re.match(r"\d{1,5}$", asked.group(1)) or int(asked.group(1)) > 65535:
        raise Stop("--port needs a number from 1 to 65535, not %r" % asked.group(1), code=2)
    return int(asked.group(1))


def in_use(port):
    """Return whether another program listens on this port of this computer."""
    with socket.socket() as probe:
        if os.name == "posix":  # else a port that was left a moment ago counts as taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stop("port %d is reserved by the system: choose one from 1024 to 65535 with --port" % port)
        except OSError:
            return True
    return False


def setup(arguments):
    if arguments:
        raise Stop("setup takes no arguments, not %s" % " ".join(arguments), code=2)
    Environment().set_up(check_every_package=True)
    say("Next: python3 course.py lab")


def doctor(arguments):
    """Run the doctor in the environment, or before there is one: it needs the standard library alone."""
    environment = Environment()
    finished = environment.state.get("finished") and environment.python_version()
    return run_module(environment.python if finished else sys.executable, "mupy_helpers.doctor", arguments)


def report(arguments):
    """Write a report on a reader's own table; names of files count from the folder in which this was called."""
    return module("mupy_helpers.own_data")(["--folder", os.getcwd()] + arguments)


def live(arguments):
    """Serve the live page; a port in use is refused before minutes are spent on the environment."""
    refuse_port_in_use(arguments)
    return module("mupy_helpers.live")(arguments)


VERBS = [
    Verb("lab", "open the lessons in JupyterLab (for example: lab -- --no-browser --port 9999)", lab),
    Verb("test", "run every test and compare every notebook (for example: test -- -k doctor)", module("pytest")),
    Verb("setup", "make or repair the environment and check every package", setup),
    Verb("build", "make the notebooks from their sources (build --solved FOLDER: solved)", module("tools.build")),
    Verb("book", "make the web book from the stored notebooks, in book/build", module("tools.book")),
    Verb("doctor", "say whether this machine is ready, and what to do if not", doctor),
    Verb("slides", "make the talk, one HTML file (slides --pdf: a PDF beside it)", module("tools.slides")),
    Verb("report", "report on a table of yours: report FILE [--time COLUMN] [--out report.html]", report),
    Verb("live", "a cold store, live, with a fault to switch on: live [--port PORT] [--speed SPEED]", live),
    Verb("data", "fetch the published data and make the simulated data ahead of time", module("mupy_helpers.datasets")),
    Verb("room", "for hosts: room FOLDER collects packages and data, room FOLDER --serve ADDRESS serves them",
         module("tools.room")),
]


def usage():
    return "\n".join(
        ["usage: python3 course.py VERB [arguments]", ""]
        + ["    %-8s %s" % (verb.name, verb.help) for verb in VERBS]
        + ["", "All but doctor make the environment first: minutes at the first run, under a second from then on.",
           "What follows a verb, with or without --, goes to the program behind it.",
           "--room ADDRESS after a verb (or MUPY_ROOM=ADDRESS) takes all from the host of a workshop (WORKSHOP.md).",
           "MUPY_VENV=FOLDER keeps the environment elsewhere than in .venv."])


def check_python(version):
    if OLDEST <= version[:2] < TOO_NEW:
        return
    good = (name for name in ("3.13", "3.12", "3.11") if python_version("python" + name) == name)
    found = next(good, None)
    advice = "use python%s, which is on this computer" % found if found else "get one from https://www.python.org"
    raise Stop("the course needs Python 3.11, 3.12 or 3.13 and this is Python %d.%d.%d: %s" % (
        tuple(version) + (advice,)), code=2)


def from_the_room(arguments):
    """Take ``--room ADDRESS`` out of the arguments; it holds for every program that this one starts."""
    ours = arguments.index("--") if "--" in arguments else len(arguments)
    if "--room" in arguments[:ours]:
        at = arguments.index("--room")
        if at + 1 >= ours:
            raise Stop("--room needs the address that the host shows, such as http://192.168.1.5:8000", code=2)
        os.environ["MUPY_ROOM"] = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2:]
    room()
    return arguments


def main(argv):
    try:
        if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        check_python(sys.version_info[:3])
        sys.stdout.reconfigure(errors="replace")  # a path may hold letters that the terminal has not
        if not argv or argv[0] in ("-h", "--help", "help"):
            return say(usage())
        verb = next((verb for verb in VERBS if verb.name == argv[0]), None)
        if verb is None:
            raise Stop("there is no verb %r: choose from %s" % (argv[0], ", ".join(v.name for v in VERBS)), code=2)
        arguments = from_the_room(argv[1:])
        if arguments[:1] in (["-h"], ["--help"]):
            return say("python3 course.py %s: %s" % (verb.name, verb.help))
        return verb.run(arguments[1:] if arguments[:1] == ["--"] else arguments)
    except Stop as stop:
        print("course.py: %s." % stop, file=sys.stderr)
        return stop.code
    except OSError as error:
        print("course.py: %s." % (explain(str(error)) or "the system refused: %s" % error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on from here.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
