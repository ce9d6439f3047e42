"""What the course loads is numbers and text: nothing that it reads can hold code, and nothing is installed unpinned."""

import ast
import json
import re
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest

from mupy_helpers.own_data import opening
from mupy_helpers.own_data.opening import TableError

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = [ROOT / "course.py", *(path for folder in ("mupy_helpers", "tools", "benchmarks", "book", "slides", "tests")
                                 for path in sorted((ROOT / folder).rglob("*.py")) if "build" not in path.parts)]
NOTEBOOKS = [path for path in sorted((ROOT / "notebooks").rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]

# Modules whose files run code when they are read.
UNSAFE_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
# Calls by their last name that read or write such files, or run what they read.
UNSAFE_CALLS = {"read_pickle", "to_pickle", "load_model", "load_weights", "enable_unsafe_deserialization", "extractall",
                "unpack_archive", "unsafe_load", "full_load", "load_all",
                "model_from_json", "clone_model_from_json", "deserialize_keras_object", "import_module_from_string"}
ALLOWED = {
    ("mupy_helpers/detectors/saving.py", "load_weights"): "numbers alone, into a network that our own code builds",
    ("tests/test_odd_machines.py", "extractall"): "our own wheel, after a look at its names",
    ("benchmarks/default_recipe.py", "exec"): "the recipe's own source, with one piece of it exchanged",
    ("benchmarks/detectors_speed.py", "__import__"): "names that stand in that file, to print their versions",
}


def name_of(function):
    """The dotted name of what is called, such as np.load."""
    parts = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    return ".".join(reversed([*parts, function.id])) if isinstance(function, ast.Name) else ".".join(reversed(parts))


def keywords(call):
    return {each.arg: getattr(each.value, "value", ...) for each in call.keywords}


def complaints(tree, tests=False):
    """Yield what a piece of code does that could run what a file holds, as (line, what)."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from ((node.lineno, module) for module in modules if module.split(".")[0] in UNSAFE_MODULES)
        if not isinstance(node, ast.Call):
            continue
        name, given = name_of(node.func), keywords(node)
        last = name.rpartition(".")[2]
        if last in UNSAFE_CALLS or name in ("__import__", "os.system", "os.popen", "tempfile.mktemp"):
            yield node.lineno, last
        elif name in ("eval", "exec") and not tests:  # tests run the code of our own exercises and lessons
            yield node.lineno, name
        elif name in ("np.load", "numpy.load") and given.get("allow_pickle") is not False and not tests:
            yield node.lineno, "np.load without allow_pickle=False"
        elif name == "torch.load" or (name.startswith("yaml.") and last == "load"):
            yield node.lineno, name
        elif name.endswith((".eval", ".query")) and isinstance(node.func, ast.Attribute) and not tests and node.args \
                and not isinstance(node.args[0], ast.Constant):
            yield node.lineno, f"{last} of a text that is put together"
        for option, bad in (("allow_pickle", True), ("shell", True), ("verify", False), ("safe_mode", False)):
            if option in given and given[option] is bad:
                yield node.lineno, f"{option}={bad}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_script_reads_code_from_a_file(path):
    name = path.relative_to(ROOT).as_posix()
    found = complaints(ast.parse(path.read_text(encoding="utf-8")), tests=name.startswith("tests/"))
    assert [each for each in found if (name, each[1]) not in ALLOWED] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_lesson_reads_code_from_a_file(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    code = "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith(("%", "!")))
    assert not [line for cell in cells for line in cell.splitlines() if line.startswith("!")]
    assert list(complaints(ast.parse(code))) == []


@pytest.mark.parametrize("code", [
    "import pickle", "from joblib import load", "import numpy as np\nnp.load('x')", "np.load('x', allow_pickle=True)",
    "pd.read_pickle('x')", "keras.models.load_model('x')", "yaml.load(text)", "torch.load('x')", "eval(cell)",
    "exec(open('x').read())", "subprocess.run(x, shell=True)", "requests.get(url, verify=False)",
    "archive.extractall()", "df.query(text)", "df.eval(f'{name} > 1')", "shutil.unpack_archive('x')",
    "__import__(name)",
])
def test_the_watch_sees(code):
    assert list(complaints(ast.parse(code)))


@pytest.mark.parametrize("code", ["np.load('x', allow_pickle=False)", "yaml.safe_load(text)", "re.compile(text)",
                                  "json.load(file)", "df.eval('a > 1')", "model.evaluate(X)"])
def test_the_watch_lets_pass(code):
    assert not list(complaints(ast.parse(code)))


def test_no_file_of_the_repository_is_a_pickle():
    kinds = {".pkl", ".pickle", ".joblib", ".h5", ".keras", ".pt", ".pth", ".npy", ".dill", ".sav", ".whl", ".egg"}
    folders = ("data", "notebooks", "mupy_helpers", "slides", "book", "benchmarks", "tests", "tools")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*")
             if path.suffix in kinds and not {"build", "node_modules", "__pycache__"} & set(path.parts)]
    assert found == []


# --- archives

def zipped(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../x.csv", "/x.csv", "..\\x.csv", "C:\\x.csv", "a/../../x.csv", "//host/x.csv"])
def test_an_archive_is_read_and_never_unpacked_to_where_it_says(tmp_path, name):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    path = zipped(folder / "table.zip", **{name: "time,value\n2024-01-01,1\n"})
    with opening.opened(path) as file:
        assert file.read().startswith(b"time,value")
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


def test_a_link_in_an_archive_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    link = zipfile.ZipInfo("table.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "table.zip", "w") as archive:
        archive.writestr(link, str(tmp_path / "secret.txt"))
    with opening.opened(tmp_path / "table.zip") as file:
        assert b"secret\n" not in file.read() and not (tmp_path / "table.csv").exists()


def test_an_archive_of_several_files_is_refused(tmp_path):
    with pytest.raises(TableError, match="archive of 2 files"):
        opening.opened(zipped(tmp_path / "two.zip", a="1", b="2"))


# --- what is installed

def hashed(lock):
    """Whether each entry of a lock is pinned and hashed, and names no place to get it from."""
    entries = re.findall(r"(?m)^[\w.-]+==\S+.*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", lock)
    left = [line for line in re.sub(r"(?m)^[\w.-]+==\S+.*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", "", lock)
            .splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(entries) and left == []


@pytest.mark.parametrize("lock", ["requirements.lock", "tools/installer.lock"])
def test_every_entry_of_each_lock_is_pinned_and_hashed(lock):
    assert hashed((ROOT / lock).read_text(encoding="utf-8"))


def test_every_package_of_the_browser_tests_is_hashed():
    lock = json.loads((ROOT / "tools" / "web" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages and all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "--ignore-scripts" in (ROOT / "tools" / "web" / "__init__.py").read_text(encoding="utf-8")


def test_the_monthly_audit_asks_about_the_whole_lock():
    text = (ROOT / ".github" / "workflows" / "newest.yml").read_text(encoding="utf-8")
    command = "pip-audit --strict --disable-pip --require-hashes -r requirements.lock"
    assert command in text and command in (ROOT / "WORKSHOP.md").read_text(encoding="utf-8")


def test_building_the_package_needs_no_index():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for requirement in project["build-system"]["requires"]:
        name = re.match(r"[\w-]+", requirement)[0].replace("_", "-")
        assert re.search(rf"(?m)^{name}==", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
