"""Cases for property tests of whole packages: a function, inputs that are right, and odd ones for each parameter."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from odd_inputs import PARAMETERS, odd_parameters, odd_series, odd_tables, survives

TEXTS = ("", " ", "x", "a\nb", "\0", "../x", "<script>alert(1)</script>", "$x_1^2$", "$\\frac$", "$", "é" * 300, "日本",
         "\ud800", "2016-02-30", "24:00")
texts = st.sampled_from(TEXTS) | odd_parameters
times = st.sampled_from(("0001-01-01", "1677-01-01", "2262-04-12", "9999-12-31", "2016-02-30", "x", "", 2**70, 1e30,
                         pd.NaT, np.datetime64("NaT"), "2016-01-01T00:00Z")) | odd_parameters
paths = st.sampled_from(("", ".", "/", "\0", "no/such/folder/x", b"/tmp", "/dev/null", "/etc/passwd/x", "x" * 5000)
                        ) | st.sampled_from([each for each in PARAMETERS if not isinstance(each, str)])
# As counts and rates that a function must refuse or do at once; a million rows would be neither.
quick = st.sampled_from([each for each in PARAMETERS if not (isinstance(each, int) and 1000 < each < 10**9)])


def _events():
    good = pd.DataFrame({"start": pd.to_datetime(["2016-01-01 03:00", "2016-01-01 20:00"]),
                         "end": pd.to_datetime(["2016-01-01 05:00", "2016-01-02 20:00"])})
    zoned = good.apply(lambda column: column.dt.tz_localize("UTC"))
    return (good, good.iloc[:0], good.to_dict(), good["start"], good.drop(columns="end"), good.assign(start=pd.NaT),
            good.rename(columns={"start": "end", "end": "start"}), good.astype(str), good.assign(start="x"),
            good.assign(start=3), good.assign(end=None), zoned, good.assign(start=zoned["start"]), good.iloc[::-1],
            pd.concat([good, good], axis=1), good.assign(end="9999-12-31"), good.assign(start="0001-01-01"),
            good.astype(object), good.assign(start=[[1], [2]]), None, 3, "x", [])


events = st.sampled_from(_events())
series, tables = odd_series(), odd_tables()
anything = odd_parameters | series | tables


@dataclass(frozen=True)
class Case:
    """A call that is right, and a strategy of odd inputs for each parameter.

    `given` makes the right inputs anew for each call; `check` takes the result and asserts.
    """

    call: Callable
    given: Callable = dict
    odd: dict = field(default_factory=dict)
    check: Callable | None = None
    errors: tuple = (TypeError, ValueError, OSError)

    def survives(self, data):
        """Call with one or two odd inputs among the right ones."""
        names = data.draw(st.lists(st.sampled_from(sorted(self.odd)), min_size=1, max_size=2, unique=True))
        odd = {name: data.draw(self.odd[name], label=name) for name in names}
        return survives(self.call, **{**self.given(), **odd}, errors=self.errors, check=self.check)

    def works(self):
        """Call with the right inputs alone."""
        result = survives(self.call, **self.given(), errors=(), check=self.check)
        assert not isinstance(result, Exception), result


def public_names(package):
    """Return the functions and classes of a package and its modules whose names have no underscore, by module.name."""
    package = importlib.import_module(package)
    modules = [package] + [importlib.import_module(each.name) for each in
                           pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + ".")
                           if not each.name.rpartition(".")[2].startswith(("_", "lesson_"))]
    names = set()
    for module in modules:
        for name, thing in vars(module).items():
            if not name.startswith("_") and (inspect.isfunction(thing) or inspect.isclass(thing)) and (
                    thing.__module__ == module.__name__):
                names.add(f"{module.__name__.removeprefix('mupy_helpers.')}.{name}")
    return names
