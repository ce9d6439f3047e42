"""Whether a recipe is the one that made the scores of yesterday."""

import inspect
from functools import partial

from dask.base import tokenize
from dask.tokenize import TokenizationError

from mupy_helpers import __version__


def recipe_key(recipe):
    """Return a text that changes when a recipe does: its code, its arguments, and the values that its code names.

    Functions of the recipe's own module that it calls belong to it; of other modules only the names do.

    Parameters
    ----------
    recipe : callable

    Returns
    -------
    str

    Raises
    ------
    ValueError
        When no such text can be made.
    """
    if not callable(recipe):
        raise TypeError(f"recipe must be a function of one unit's readings, not {type(recipe).__name__}")
    parts, waiting, seen, home = [__version__], [recipe], set(), None
    while waiting:
        this = waiting.pop(0)
        if id(this) in seen:
            continue
        seen.add(id(this))
        if isinstance(this, partial):
            parts += [this.args, sorted(this.keywords.items())]
            waiting.append(this.func)
        elif inspect.ismethod(this):
            waiting += [this.__func__, this.__self__]
        elif inspect.isclass(this):
            parts += [this.__qualname__, _code(this)]
        elif inspect.isfunction(this):
            home = home or this.__module__
            parts += [this.__module__, this.__qualname__]
            if this.__module__ == home:
                parts += [_code(this), this.__defaults__, this.__kwdefaults__]
                named = inspect.getclosurevars(this)
                values = sorted({**named.globals, **named.nonlocals}.items())
                waiting += [value for _, value in values if inspect.isfunction(value) or inspect.isclass(value)]
                parts += [pair for pair in values if not callable(pair[1]) and not inspect.ismodule(pair[1])]
        else:
            parts.append(sorted(getattr(this, "__dict__", {}).items()))
            waiting.append(type(this))
    try:
        return tokenize(*parts, ensure_deterministic=True)
    except TokenizationError as error:
        raise ValueError("this recipe cannot be known again: make it a function, and give it numbers, texts and arrays "
                         "by functools.partial") from error


def _code(thing):
    code = getattr(thing, "__code__", None)
    # What was run from a text is called <string>, and so is whatever else was: its source may be another's.
    if code is None or code.co_filename != "<string>":
        try:
            return inspect.getsource(thing)
        except (OSError, TypeError):  # typed at a prompt, or written in C
            pass
    return b"" if code is None else _compiled(code)


def _compiled(code):
    constants = [_compiled(value) if inspect.iscode(value) else value for value in code.co_consts]
    return [code.co_code, code.co_names, code.co_varnames, constants]
