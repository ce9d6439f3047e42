"""Tells from the names in the cells of a lesson whether a path through it runs wherever the whole lesson runs.

It does where each name that a cell of the path reads was last set, or changed in place, by a cell of the path. Seen are
assignments, imports, definitions, stores into parts and attributes, deletions, the methods of `IN_PLACE`, and draws
from a random generator. Not seen are changes in place that another call makes to what it is given, and settings of a
library. Where the names do not prove it, the path has to be run.
"""

import ast
import dis
import types

IN_PLACE = {"add", "append", "build", "clear", "compile", "discard", "extend", "fit", "fit_predict", "fit_transform",
            "insert", "learn_one", "load_weights", "partial_fit", "pop", "popitem", "put", "remove", "resize",
            "reverse", "set_params", "set_weights", "setdefault", "shuffle", "sort", "update"}


def _nested(code, inside=False):
    """Yield each piece of code in another, and whether it waits for a call: a comprehension does not."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            waits = inside or constant.co_name not in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
            yield constant, waits
            yield from _nested(constant, waits)


def _root(node):
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def names_of(source):
    """Return what a cell reads from the cells before it, what its functions read, and what it sets or changes.

    Parameters
    ----------
    source : str

    Returns
    -------
    reads, later, sets, changes, modules : set of str
        `reads` when it runs, `later` whenever its functions are called; `modules` are those of `sets` that it imports.
    """
    tree = ast.parse(source)
    code = compile(tree, "cell", "exec")
    reads, sets = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in ("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME"):
            sets.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in sets:
            reads.add(step.argval)
    later, changes = set(), set()
    for inner, waits in _nested(code):
        for step in dis.get_instructions(inner):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and (waits or step.argval not in sets):
                (later if waits else reads).add(step.argval)
            elif step.opname == "STORE_GLOBAL":
                changes.add(step.argval)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            changes.add(_root(node))
        elif isinstance(node, ast.AugAssign):
            changes.add(_root(node.target))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in IN_PLACE:
            changes.add(_root(node.func))
    modules = {each.asname or each.name
               for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    return reads, later, sets, changes - {None}, modules


def stands_alone(sources, on_path):
    """Tell whether the cells of a path need no other cell.

    Parameters
    ----------
    sources : list of str
        Of all code cells, in order.
    on_path : list of bool
        Which of them are on the path.

    Returns
    -------
    bool
        False also where it cannot be told.
    """
    made_outside, called, generators, modules = set(), set(), set(), set()
    for source, is_on_path in zip(sources, on_path):
        reads, later, sets, changes, imported = names_of(source)
        modules |= imported  # np.sort changes no np
        used = generators & (reads | later)
        if is_on_path:
            called |= later
            if made_outside & (reads | called - sets):
                return False
            made_outside -= sets
        else:
            made_outside |= sets | changes - modules | used
        if "default_rng" in source:
            generators |= sets
    return True
