"""Runs other programs for course.py: with progress, and with one plain sentence when something goes wrong.

Standard library only, and parses on Python 3.6: course.py imports it before it can say that the Python is too old.
"""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time

NO_NETWORK = ("the package index cannot be reached: connect this computer to the internet once and run the same "
              "command again; after that the course works offline")

# What pip, uv and the system print when something is wrong, and what to tell the reader; the first match counts.
TROUBLES = [
    (r"No space left|os error 28\b|[Dd]isk quota|not enough space|os error 112\b",
     "the disk is full: free some space, then run the same command again"),
    (r"Long Path|os error 206\b|[Ff]ile ?name.{0,9}too long",
     "the folder's path is too long for this system: move the course to a shorter one, such as C:\\mupy"),
    (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
     "the package index shows a certificate that this computer does not trust: ask for your network's certificate "
     "file and set SSL_CERT_FILE and PIP_CERT to it"),
    (r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
     "a downloaded package is not the one in requirements.lock: run the same command again, and if it stays so, try "
     "another network"),
    (r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Max retries exceeded|ProxyError|RemoteDisconn"
     r"|IncompleteRead|error sending request|[Cc]onnection (refused|reset)|dns error|operation timed out"
     r"|network (is|was) (unreach|disabled)|Failed to fetch", NO_NETWORK),
    (r"Read-only file system|Permission denied|Access is denied|os error (5|13|30)\b",
     "files of the environment cannot be written: close every program that uses them (JupyterLab, an editor), check "
     "the folder's permissions, then run the same command again"),
    (r"No matching distribution|no usable wheels|no wheels with a matching|not found in the provided package locations",
     "a package has no ready-made file for this Python and system: use a 64-bit Python 3.11 to 3.13 from python.org, "
     "and in a workshop ask the host for the wheels of your system"),
]


class Stop(Exception):
    """One sentence that says what is wrong and what to do; course.py prints it and ends with the exit code."""

    def __init__(self, sentence, code=1):
        super().__init__(sentence)
        self.code = code


def say(text):
    print(text, flush=True)


def explain(output):
    """Return the sentence for what a program complained about, or None when it is not known."""
    return next((sentence for pattern, sentence in TROUBLES if re.search(pattern, output)), None)


def failure(output):
    """Return the Stop for a program that failed; shows its last lines when we do not know them."""
    sentence = explain(output)
    if sentence is None:
        print("\n".join(output.splitlines()[-15:]), file=sys.stderr)
        sentence = "the installation failed for the reason above: run the same command again"
    return Stop(sentence)


def stream(command, env, folder, text_for=lambda line: None, patience=10):
    """Run a command; show chosen texts for its lines, and a sign of life in silence.

    Parameters
    ----------
    command : list of str
    env : dict
        Environment variables.
    folder : Path
        Where the command runs.
    text_for : callable
        Called with each line of output; what it returns is shown, unless it is None.
    patience : float
        Seconds of silence before the elapsed time is shown.

    Returns
    -------
    (int, str)
        The exit code and the whole output.
    """
    process = subprocess.Popen(command, env=env, cwd=str(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    lines, output, started = queue.Queue(), [], time.monotonic()

    def read():
        with process.stdout:
            for line in process.stdout:
                lines.put(line.rstrip())
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    shown = started
    try:
        while True:
            try:
                line = lines.get(timeout=1)
                if line is None:
                    return process.wait(), "\n".join(output)
                output.append(line)
                text = text_for(line)
            except queue.Empty:
                text = None
            if text is None and time.monotonic() - shown > patience:
                text = "still at work"
            if text is not None:
                shown = time.monotonic()
                say("      %s (%.0f s)" % (text, shown - started))
    finally:
        if process.poll() is None:  # Ctrl-C, or an error of ours: leave no installer running behind
            process.kill()
            process.wait()
        reader.join(timeout=5)


def hand_over(command, env, folder):
    """Let a program take this one's place, so that Ctrl-C, signals and exit codes are its own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.chdir(str(folder))
        if "tools.start" in command:  # lets Ctrl-C through: Python's own start would end in a traceback
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        os.execve(command[0], command, env)
    process = subprocess.Popen(command, env=env, cwd=str(folder))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Windows sends Ctrl-C to both: the program decides what it means
            pass
