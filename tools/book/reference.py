"""The reference of mupy_helpers: one page a module, from the docstrings."""

import importlib
import inspect
import pkgutil

import mupy_helpers


def modules():
    """Return the modules that lessons may import, by name."""
    return {found.name: importlib.import_module(found.name)
            for found in pkgutil.iter_modules(mupy_helpers.__path__, "mupy_helpers.")
            if not found.name.rpartition(".")[2].startswith("_")}


def public_names(module):
    """Return the functions and classes of a module that are its own, in the order in which it lists them."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    things = {name: getattr(module, name) for name in names}
    return {name: thing for name, thing in things.items() if (inspect.isfunction(thing) or inspect.isclass(thing))
            and thing.__module__.startswith(module.__name__)}


def own_members(thing):
    """Return the public methods and properties that a class itself defines."""
    return [name for name, member in vars(thing).items() if not name.startswith("_")
            and (inspect.isfunction(member) or isinstance(member, property | classmethod | staticmethod))]


def page(name, module):
    """Return the Markdown page of one module."""
    lines = [f"# {name.rpartition('.')[2]}", "", "```{eval-rst}", f".. automodule:: {name}", "   :no-members:", ""]
    for called, thing in sorted(public_names(module).items(), key=lambda item: (inspect.isclass(item[1]), item[0])):
        if inspect.isclass(thing):
            # By name, because scikit-learn hangs methods of its own on every estimator.
            members = ", ".join(own_members(thing))
            lines += [f".. autoclass:: {name}.{called}", *[f"   :members: {members}"] * bool(members),
                      "   :show-inheritance:", ""]
        else:
            lines += [f".. autofunction:: {name}.{called}", ""]
    return "\n".join([*lines, "```", ""])


def index():
    """Return the page that lists the modules, each with the first line of its docstring."""
    rows = [f"| [{name.rpartition('.')[2]}]({name.rpartition('.')[2]}.md) | {_summary(module)} |"
            for name, module in modules().items()]
    toctree = [name.rpartition(".")[2] for name in modules()]
    return "\n".join([
        "# The helper package", "",
        "`mupy_helpers` holds what PyOD, scikit-learn, statsmodels and river lack, and what the lessons share.",
        "Scores are floats, higher is more anomalous, one per row.",
        "A detector never sees the future of the row it scores unless its name says `Offline`.", "",
        "| module | what it is for |", "|---|---|", *rows, "",
        "```{toctree}", ":hidden:", "", *toctree, "```", ""])


def _summary(module):
    return inspect.getdoc(module).partition("\n")[0].replace("``", "`").replace("|", "\\|")
