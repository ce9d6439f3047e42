"""Makes, checks and repairs the course's environment, filled from requirements.lock.

Standard library only, and parses on Python 3.6: course.py imports it before it can say that the Python is too old.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tools.processes import NO_NETWORK, Stop, explain, failure, say, stream

ROOT = Path(os.path.abspath(__file__)).parent.parent
LOCK = ROOT / "requirements.lock"
INSTALLER = ROOT / "tools" / "installer.lock"
STATE = "mupy-setup.json"
GB_NEEDED = 3.0

# Each of these sends Python, pip or uv somewhere else than into our environment, or switches assertions off.
MISLEADING = """PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONPLATLIBDIR __PYVENV_LAUNCHER__ CONDA_PREFIX
    CONDA_DEFAULT_ENV PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_REQUIRE_VIRTUALENV PIP_NO_DEPS
    UV_PYTHON UV_SYSTEM_PYTHON UV_TARGET UV_PREFIX""".split()


class Environment:
    """The folder with the course's Python and packages.

    Parameters
    ----------
    folder : Path, optional
        Where it is; without it, what MUPY_VENV names, else .venv beside course.py.
    """

    def __init__(self, folder=None):
        folder = folder or os.environ.get("MUPY_VENV") or ROOT / ".venv"
        self.folder = Path(os.path.abspath(os.path.expanduser(str(folder))))
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.suffix = ".exe" if os.name == "nt" else ""
        self.python = self.scripts / ("python" + self.suffix)

    # ------------------------------------------------------------------------------------------ what is there

    @property
    def state(self):
        """What the last setup wrote down; empty when there was none."""
        try:
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def remember(self, **state):
        (self.folder / STATE).write_text(json.dumps(state, indent=1), encoding="utf-8")

    def diagnose(self, wanted):
        """Say what setup must do ("make", "fill", "link" or None) and why, in one sentence."""
        if not os.path.lexists(str(self.folder)):
            return "make", "There is no environment yet: making it takes a minute or two and about 1.3 GB."
        version, state = self.python_version(), self.state
        if version is None:
            return "make", "The environment is only half made: making it anew."
        if version != wanted["python"]:
            return "make", "The environment was made with Python %s and this is Python %s: making it anew." % (
                version, wanted["python"])
        if not state:
            return "fill", "The environment was not made by course.py: adding what the course needs."
        if not state.get("finished"):
            # Not filled up: an installer takes a package that was cut off half way for a whole one.
            return "make", "An earlier setup did not finish: making the environment anew."
        if state.get("lock") != wanted["lock"]:
            return "fill", "requirements.lock has changed: bringing the environment up to date."
        if state.get("folder") != wanted["folder"]:
            return "link", "The course has moved to another folder: linking it again."
        if state.get("project") != wanted["project"]:
            return "link", "pyproject.toml has changed: installing mupy_helpers again."
        return None, "The environment is ready."

    def python_version(self):
        """The version of the environment's Python, such as "3.12"; None when it does not start."""
        return python_version(str(self.python), self.variables())

    def variables(self):
        """This process's environment variables without what leads Python astray, with our folder in front."""
        env = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        env["PATH"] = str(self.scripts) + os.pathsep + env.get("PATH", "")
        env["VIRTUAL_ENV"] = str(self.folder)
        env["UV_PYTHON_DOWNLOADS"] = "never"
        env["JUPYTER_PREFER_ENV_PATH"] = "1"
        env["PYTHONUTF8"] = "1"  # text files read the same on every system
        env.update(room_variables(env))
        return env

    # -------------------------------------------------------------------------------------------- making it

    def set_up(self, check_every_package=False):
        """Make or repair the environment where needed; does nothing when it is ready.

        Raises
        ------
        Stop
            With one sentence, when it cannot be made.
        """
        if not LOCK.exists():
            raise Stop("requirements.lock is missing beside course.py: copy the whole repository, not this file alone")
        wanted, started = what_is_wanted(), time.monotonic()
        need, reason = self.diagnose(wanted)
        if need is None and check_every_package:
            need, reason = "fill", "The environment is there: checking every package against the lock."
        if need is None:
            return
        if need == "make":
            self.check_that_it_may_go()
        if need != "link":
            check_that_the_room_answers()
        say(reason)
        before = self.state
        try:
            if need == "make":
                self.make()
            else:
                say("[1/4] Keeping %s." % self.folder)
            ours = self.state.get("ours", False)
            self.remember(finished=False, ours=ours)
            if need == "link":
                say("[2/4] No installer is needed.\n[3/4] The packages are those of the lock.")
            else:
                self.install_lock()
            self.install_course()
            self.remember(finished=True, ours=ours, **wanted)
        except OSError as error:
            raise Stop(explain_write_error(error, self.folder))
        except Stop as stop:
            if str(stop) == NO_NETWORK and need != "make":
                self.remember(**before)  # installers fetch everything before they touch anything
            raise
        say("Ready in %.0f s." % (time.monotonic() - started))

    def make(self):
        """Make the folder with its Python, in place of one that is broken."""
        say("[1/4] Making %s with Python %d.%d.%d." % ((self.folder,) + sys.version_info[:3]))
        if os.path.lexists(str(self.folder)):
            shutil.rmtree(str(self.folder))
        self.folder.mkdir(parents=True)
        self.remember(finished=False, ours=True)  # a later run may delete what this one made
        free = shutil.disk_usage(str(self.folder)).free / 1e9
        if free < GB_NEEDED:
            shutil.rmtree(str(self.folder))
            raise Stop("the disk has %.1f GB left and the course needs about %g: free some space, or set MUPY_VENV to "
                       "a folder on another disk" % (free, GB_NEEDED))
        # The base Python: this one may be that of the environment just deleted.
        python = getattr(sys, "_base_executable", None) or sys.executable
        code, output = stream([python, "-m", "venv", "--without-pip", str(self.folder)], self.variables(), ROOT)
        if code:
            raise failure(output)

    def check_that_it_may_go(self):
        """Refuse to delete anything but an environment of ours, the usual .venv or an empty folder."""
        usual = self.folder == ROOT / ".venv" and (self.folder / "pyvenv.cfg").exists()
        empty = self.folder.is_dir() and not any(self.folder.iterdir())
        if os.path.lexists(str(self.folder)) and not (self.state.get("ours") or usual or empty):
            raise Stop("%s is there already and course.py did not make it: move it away, or set MUPY_VENV to another "
                       "folder" % self.folder)

    def install_lock(self):
        """Install every package of the lock: with uv where it can be had and manages, else with pip."""
        total = len(re.findall(r"(?m)^[\w.-]+==", LOCK.read_text(encoding="utf-8")))
        uv = self.find_uv()
        if uv:
            say("[2/4] Using the installer %s." % uv)
        else:
            uv = self.get_uv()
        self.install(["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)], uv,
                     "[3/4] Installing up to %d packages with %%s." % total, PipCount(total))

    def install_course(self):
        self.install(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], self.find_uv(),
                     "[4/4] Installing mupy_helpers from this folder with %s.")
        # Python reads this file in the system's own encoding: the relative path holds when the absolute has an umlaut.
        packages = sysconfig.get_path("purelib", "venv", vars={"base": str(self.folder)})
        link = Path(packages) / "mupy_helpers.pth"
        if link.exists() and ROOT in self.folder.parents:
            link.write_text(os.path.relpath(str(ROOT), packages), encoding="ascii")
        self.settle_jupyter()

    def settle_jupyter(self):
        """Set what Jupyter does in this environment, and nowhere else on the computer."""
        # JupyterLab would ask on its first start whether it may fetch news; the course works offline.
        news = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
        # Its own template for exported pages leaves out the figures' alt texts.
        export = {"HTMLExporter": {"template_name": "mupy"}, "SlidesExporter": {"template_name": "reveal"}}
        files = {"share/jupyter/lab/settings/overrides.json": json.dumps(news),
                 "etc/jupyter/jupyter_nbconvert_config.json": json.dumps(export),
                 "etc/jupyter/jupyter_server_config.json": json.dumps(export)}
        template = Path("nbconvert", "templates", "mupy")
        for source in (ROOT / "tools" / "jupyter" / template).iterdir():
            files["share/jupyter/%s/%s" % (template.as_posix(), source.name)] = source.read_text(encoding="utf-8")
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def install(self, arguments, uv, announcement, pip_text=lambda line: None):
        if uv:
            say(announcement % "uv")
            command = [uv, "pip", "install", "--python", str(self.python)] + arguments
            code, output = stream(command, self.variables(), ROOT, uv_text)
            if code == 0:
                return
            say("      uv did not manage: trying pip.\n      (%s)" % (explain(output) or output.strip()))
        say(announcement % "pip")
        code, output = stream(self.pip_install() + arguments, self.variables(), ROOT, pip_text)
        if code:
            raise failure(output)

    def find_uv(self):
        """The uv of this environment, of this computer or of the Python that runs course.py; None without one."""
        beside = [str(folder / ("uv" + self.suffix)) for folder in (self.scripts, Path(sys.executable).parent)]
        return next((uv for uv in beside if os.path.exists(uv)), None) or shutil.which("uv")

    def get_uv(self):
        """Ask pip for uv, which installs in seconds what takes pip minutes; None when it cannot be had."""
        say("[2/4] Getting uv, an installer that is faster than pip.")
        stream(self.pip_install() + ["--require-hashes", "--only-binary", ":all:", "-r", str(INSTALLER)],
               self.variables(), ROOT)
        return self.find_uv()

    def pip_install(self):
        """The environment's "pip install", with what it needs to be quiet."""
        return self.pip() + ["install", "--disable-pip-version-check", "--no-input", "--retries", "3"]

    def pip(self):
        """The environment's pip; it is added only now, as an environment with uv needs none."""
        python, env = str(self.python), self.variables()
        if subprocess.call([python, "-m", "pip", "--version"], env=env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL):
            code, output = stream([python, "-m", "ensurepip", "--default-pip"], env, ROOT)
            if code and "No module named ensurepip" in output:
                raise Stop("this Python comes without pip: install it (on Debian and Ubuntu: sudo apt install "
                           "python3-venv) or install uv, then run the same command again")
            if code:
                raise failure(output)
        return [python, "-m", "pip"]


def room():
    """The address of the room's server, which stands in for the internet; None without one (WORKSHOP.md)."""
    address = os.environ.get("MUPY_ROOM", "").rstrip("/")
    if address and not re.match(r"https?://[^/\s]+(/\S*)?$", address):
        raise Stop("the room's address looks like http://192.168.1.5:8000, which %r does not" % address, code=2)
    return address or None


def room_variables(env):
    """What makes pip, uv and the package itself take everything from the room and nothing from elsewhere."""
    address = room()
    if address is None:
        return {}
    place = urllib.parse.urlsplit(address)
    direct = ",".join(filter(None, [env.get("NO_PROXY") or env.get("no_proxy"), place.hostname]))
    wheels = address + "/wheels/"
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels, "UV_NO_INDEX": "1", "UV_FIND_LINKS": wheels,
            "PIP_TRUSTED_HOST": place.netloc,  # it speaks http; each file is compared with its hash
            "MUPY_MIRROR": address + "/data", "NO_PROXY": direct, "no_proxy": direct}


def check_that_the_room_answers(seconds=10):
    address = room()
    if address is None:
        return
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        straight.open(address + "/wheels/", timeout=seconds).close()
    except (OSError, ValueError) as error:
        said = "it has no folder of wheels" if isinstance(error, urllib.error.HTTPError) else "nothing answers there"
        raise Stop("the room's server cannot be used at %s (%s): join the room's network, and compare the address with "
                   "the host's" % (address, said))


def what_is_wanted():
    """What an environment must have been made from to be up to date."""
    import tomllib

    with open(str(ROOT / "pyproject.toml"), "rb") as file:
        project = json.dumps(tomllib.load(file)["project"], sort_keys=True)
    return {
        "python": "%d.%d" % sys.version_info[:2],
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256(project.encode()).hexdigest(),
        "folder": str(ROOT),
    }


def python_version(python, env=None):
    """The version of a Python, such as "3.12"; None when it does not start."""
    try:
        return subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                                       stderr=subprocess.DEVNULL, env=env).decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def explain_write_error(error, folder):
    if error.errno == errno.ENOSPC:
        return explain("No space left")
    return "cannot write %s (%s): copy the course into a folder of your own, or set MUPY_VENV to a folder that you " \
           "may write" % (error.filename or folder, error.strerror or error)


def uv_text(line):
    """Show the lines in which uv counts, not the one that each package gets."""
    return line.strip() if re.match(r" ?(Resolved|Downloading|Prepared|Installed|Checked) ", line) else None


class PipCount:
    """Turns pip's several lines per package into a count.

    Parameters
    ----------
    total : int
        Packages in the lock; those for other systems are taken off as pip names them.
    """

    def __init__(self, total):
        self.total, self.seen = total, 0

    def __call__(self, line):
        if line.startswith("Ignoring "):
            self.total -= 1
        elif re.match(r"(Collecting|Processing|Requirement already satisfied:) ", line):
            self.seen += 1
            return "%d of %d packages" % (self.seen, self.total) if self.seen % 20 == 0 else None
        elif line.startswith("Installing collected packages"):
            return "all are here: unpacking them, about a minute"
        return None
