"""What the deck and the book are shown with (reveal.js, MathJax), and the browser in which they are looked at.

The JavaScript comes from npm by package-lock.json, once; after that nothing here needs the network.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.processes import Stop

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ELSEWHERE = ("/Applications/Chromium.app/Contents/MacOS/Chromium",
             "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
             "C:/Program Files/Google/Chrome/Application/chrome.exe",
             "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe")


def node_modules(say=print):
    """Return the folder with the JavaScript packages of the lock; fetches them when they are not there.

    Parameters
    ----------
    say : callable
        Takes a line of progress.

    Returns
    -------
    Path

    Raises
    ------
    Stop
        In one sentence, when npm is missing or fails.
    """
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".mupy-lock"
    if mark.is_file() and mark.read_text(encoding="ascii") == wanted:
        return MODULES
    npm = shutil.which("npm")
    if npm is None:
        raise Stop("npm is missing, which fetches reveal.js and MathJax: install Node.js 20 or later, then run the "
                   "same command again")
    say("Fetching the JavaScript packages of tools/web/package-lock.json.")
    # In a folder of its own, moved into place when it is whole: somebody else may be doing the same.
    with tempfile.TemporaryDirectory(dir=HERE, prefix="fetching-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, text=True,
                              encoding="utf-8", errors="replace", capture_output=True)
        if done.returncode:
            raise Stop("npm could not fetch the JavaScript packages, which needs the network once: "
                       + (done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        fresh = Path(folder) / MODULES.name
        (fresh / mark.name).write_text(wanted, encoding="ascii")
        if not (mark.is_file() and mark.read_text(encoding="ascii") == wanted):
            shutil.rmtree(MODULES, ignore_errors=True)
            fresh.rename(MODULES)
    return MODULES


def chromium():
    """Return the path of a Chromium, or of a browser made from it, as a str; None without one.

    MUPY_CHROMIUM names one that is kept elsewhere.
    """
    named = os.environ.get("MUPY_CHROMIUM")
    if named:
        return named
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or next((path for path in ELSEWHERE if os.path.exists(path)), None)


def browse(script, task, timeout=300):
    """Run a Node script that drives the browser, and return what it found.

    Parameters
    ----------
    script : Path
        An ES module; it imports `open` and `task` from tools/web/browser.mjs and prints its findings as JSON.
    task : dict
        What the script is to look at.
    timeout : float
        Seconds after which the script is stopped.

    Returns
    -------
    object
        The JSON that the script printed.

    Raises
    ------
    Stop
        When no browser is there or the script fails; the message holds what it wrote.
    """
    browser, node = chromium(), shutil.which("node")
    if browser is None or node is None:
        raise Stop("%s is missing" % ("Chromium" if browser is None else "Node.js"))
    node_modules()
    done = subprocess.run([node, str(script)], input=json.dumps({**task, "browser": browser}), text=True,
                          encoding="utf-8", capture_output=True, timeout=timeout)
    if done.returncode:
        raise Stop("%s failed:\n%s" % (Path(script).name, done.stderr.strip()[-3000:]))
    return json.loads(done.stdout)
