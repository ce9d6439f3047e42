"""Shared by all tests: no window is opened, and a case study without its published data is skipped by name."""

import matplotlib
import nbformat
import pytest

# For this process alone: in the environment it would reach the notebooks' kernels too, and they would show no figures.
matplotlib.use("Agg")


def pytest_collection_modifyitems(items):
    """Skip each notebook whose published data is not here: one line for each, with its name and what to do."""
    needs = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            needs.setdefault(item.path, []).append(item)
    if not needs:
        return
    from tools.build import reason_to_wait

    for path, cells in needs.items():
        matter = nbformat.read(path, as_version=4).metadata.get("mupy", {})
        reason = reason_to_wait(matter)
        if reason:
            for item in cells[1:]:
                items.remove(item)
            cells[0].add_marker(pytest.mark.skip(reason=f"{path.stem}: {reason}"))
