"""The same outputs, byte for byte, on machines unlike ours: far time zone, decimal comma, odd folder, no home.

One process has all oddities at once, which is cheap; ``MUPY_ODD=each`` runs each of them alone, too.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WORK = r"""
import hashlib, io, json, locale, sys, time
from pathlib import Path
# Python itself takes over only LC_CTYPE; other libraries may take over more. Names of months are left in English.
for category in (locale.LC_CTYPE, locale.LC_NUMERIC, locale.LC_COLLATE, locale.LC_MONETARY):
    locale.setlocale(category, "")
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mupy_helpers
from mupy_helpers import datasets, plots
from mupy_helpers.detectors.charts import EWMAChart
from mupy_helpers.own_data import read_table, write_report

def made(content):
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()

out = Path(sys.argv[1])
cold = datasets.load_cold_store()
kolkata = datasets.load_kolkata()  # not in this repository's data: simulated into the cache
room = cold.iloc[:, :1].set_axis(["room"], axis=1).dropna().iloc[:600]
scores = EWMAChart().fit(room.iloc[:300]).decision_function(room.iloc[300:])
ax = plots.plot_series(room["room"], title="Half a day")
picture = io.BytesIO()
ax.figure.savefig(picture, format="png", metadata={"Software": None})
table = out / "table.csv"
seconds = (room.index - room.index[0]).total_seconds().astype(int) + 1_700_000_000
room.assign(other=room["room"].to_numpy()[::-1]).set_axis(seconds.rename("time"), axis=0).to_csv(table)
read = read_table(table)
df = read[0] if isinstance(read, tuple) else getattr(read, "df", read)
write_report(df, out / "report.html", title="Read")
print(json.dumps({
    "package": str(Path(mupy_helpers.__file__).parent.parent),
    "decimal point": locale.localeconv()["decimal_point"],
    "zone": time.strftime("%z", time.localtime(1_705_276_800)),
    "outputs": {
        "bundled": made(cold.to_csv()), "simulated": made(kolkata.to_csv()), "scores": made(scores.tobytes()),
        "figure": made(picture.getvalue()), "words": made(plots.alt_text(ax.figure)), "read": made(df.to_csv()),
        "report": made((out / "report.html").read_bytes()),
    }}))
"""


def checkout(folder):
    """Copy what the package needs of the repository; one bundled file is left out, so that it is simulated."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "mupy_helpers", folder / "mupy_helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "data" / "kolkata.csv").unlink()
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(package, out, code=WORK, before=(), **settings):
    """Run code with the package of a folder; a setting of None takes a variable away."""
    out.mkdir(parents=True, exist_ok=True)
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("MUPY_", "LC_", "PYTHON")) and name not in ("LANG", "TZ", "LANGUAGE")}
    env.update(PYTHONPATH=str(package), PYTHONDONTWRITEBYTECODE="1", PYTHONUTF8="1", MUPY_CACHE=str(out / "cache"),
               MPLCONFIGDIR=str(out / "matplotlib"), LC_ALL="C")
    env.update({name: value for name, value in settings.items() if value is not None})
    for name in (name for name, value in settings.items() if value is None):
        env.pop(name, None)
    return subprocess.run([*before, sys.executable, "-c", code, str(out)], cwd=out, env=env, capture_output=True,
                          text=True, encoding="utf-8", check=False)


def outputs(done):
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("usual")
    return outputs(run(checkout(folder / "mupy"), folder / "out", TZ="UTC"))["outputs"]


# --- the oddities: each returns settings, and what stands before the command

def far_zone(folder, package):
    return {"TZ": "CHAST-12:45CHADT,M9.5.0/2:45,M4.1.0/3:45"}, ()  # Pacific/Chatham, where no list of zones is needed


def german(folder, package):
    """A locale with decimal comma, made for this test where the system has the recipe for it."""
    place = folder / "locales"
    place.mkdir(exist_ok=True)
    if shutil.which("localedef"):
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(place / "de_DE.UTF-8")], capture_output=True,
                       check=False)
    if not (place / "de_DE.UTF-8" / "LC_NUMERIC").exists():
        pytest.skip("no German locale: this system cannot make one (localedef with de_DE)")
    return {"LC_ALL": "de_DE.UTF-8", "LOCPATH": str(place)}, ()


def no_home(folder, package):
    (folder / "no folder").write_text("")
    return {"HOME": str(folder / "no folder" / "home"), "USERPROFILE": str(folder / "no folder" / "home"),
            "XDG_CACHE_HOME": None}, ()


def one_thread(folder, package):
    return dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"], "1"), ()


def read_only(folder, package):
    """A checkout that nobody may write: by permissions, or for root, whom these do not bind, by a mount of its own."""
    if os.name != "posix":
        pytest.skip("a read-only checkout: permissions of folders are not kept on this system")
    if os.geteuid() != 0:
        for path in (package, *package.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
        before = ()
    else:
        script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        before = ("unshare", "--mount", "sh", "-c", script, str(package))
    attempt = [*before, "sh", "-c", f'touch "{package}/data/x" 2>&1; exit 7']
    if not shutil.which(attempt[0]) or subprocess.run(attempt, capture_output=True, check=False).returncode != 7 \
            or (package / "data" / "x").exists():
        pytest.skip("a read-only checkout: root can write everywhere here, and may not mount")
    return {}, before


ODDITIES = [far_zone, german, no_home, one_thread, read_only]


@pytest.fixture
def package(tmp_path):
    yield checkout(tmp_path / "Kurs für alle Räume")
    for path in (tmp_path, *tmp_path.rglob("*")):  # so that it can be deleted
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def on_an_odd_machine(oddities, tmp_path, package):
    settings, before, left_out = {}, (), []
    for oddity in oddities:
        try:
            more, first = oddity(tmp_path, package)
        except pytest.skip.Exception as skip:
            left_out.append(str(skip.msg))
            continue
        settings.update(more)
        before += first
    return outputs(run(package, tmp_path / "out", before=before, **settings)), left_out


def test_all_oddities_at_once_change_no_output(usual, tmp_path, package):
    got, left_out = on_an_odd_machine(ODDITIES, tmp_path, package)
    assert got["outputs"] == usual
    assert got["package"] == str(package)
    assert got["zone"] == "+1345" or os.name != "posix"
    if not left_out:
        assert got["decimal point"] == ","
    else:
        pytest.skip("all else holds; left out: " + "; ".join(left_out))


if os.environ.get("MUPY_ODD") == "each":
    @pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: oddity.__name__)
    def test_each_oddity_alone_changes_no_output(usual, tmp_path, package, oddity):
        got, left_out = on_an_odd_machine([oddity], tmp_path, package)
        assert left_out == [] and got["outputs"] == usual


def test_no_cache_gets_a_sentence_and_the_bundled_data_do_without(tmp_path, package):
    settings, _ = no_home(tmp_path, package)
    code = ("from mupy_helpers import datasets\n"
            "assert len(datasets.load_salaries()) == 100\n"
            "try:\n    datasets.load_kolkata()\nexcept OSError as error:\n    print(error)")
    done = run(package, tmp_path / "out", code, **settings, MUPY_CACHE=None)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "cannot be made" in done.stdout and "set MUPY_CACHE to a folder that you may write" in done.stdout


def test_a_built_wheel_works_in_an_empty_folder(usual, tmp_path):
    code = ("import os, sys\nfrom flit_core import buildapi\nos.chdir(sys.argv[2])\n"
            "print(buildapi.build_wheel(sys.argv[1]))")
    source = checkout(tmp_path / "source")
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(source)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as wheel:
        assert not [name for name in wheel.namelist() if name.startswith(("/", "..")) or "\\" in name]
        wheel.extractall(tmp_path / "empty")
    code = ("from mupy_helpers import datasets\nimport hashlib\n"
            "print(hashlib.sha256(datasets.load_kolkata().to_csv().encode()).hexdigest())")
    done = run(tmp_path / "empty", tmp_path / "out", code)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == usual["simulated"]
