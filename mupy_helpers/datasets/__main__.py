"""Bring every set here ahead of time: ``python -m mupy_helpers.datasets [NAME ...] [--list]``.

The published sets are fetched; without names, the big simulated ones are made too.
"""

import argparse
import sys

from mupy_helpers.datasets import made, store


def listing():
    """Return a table in text: each published set, its files and size, whether it is here, its licence and title."""
    lines = [f"{'set':<20}{'files':>6}{'MB':>7}  {'here':<6}licence and title"]
    for name in store.names():
        files, published = store.registry()[name], store.SETS[name]
        sizes = [size for size, _ in files.values()]
        total = "?" if None in sizes else f"{sum(sizes) / 1e6:.1f}"
        here = "yes" if store.is_available(name) else "no"
        lines.append(f"{name:<20}{len(files):>6}{total:>7}  {here:<6}{published.licence}; {published.title}")
    return "\n".join(lines)


def fetch_all(wanted=None):
    """Fetch the named sets, by default all that can be downloaded; report each on standard output.

    Parameters
    ----------
    wanted : list of str, optional
        Names out of `store.names`.

    Returns
    -------
    int
        How many could not be fetched.
    """
    failures = 0
    for name in wanted or store.names():
        if store.is_available(name):
            print(f"{name}: on this machine, whole and unchanged")
        elif not wanted and not store.SETS[name].repository:
            print(f"{name}: not downloadable ({store.SETS[name].by_hand})")
        else:
            try:
                store.fetch_files(name)
            except store.FetchError as error:
                failures += 1
                print(f"{name}: {error}")
            else:
                print(f"{name}: fetched and verified")
    return failures


def make_all():
    """Make the simulated sets that the cache does not hold; report each on standard output."""
    for name in made.names():
        if not made.is_made(name):
            made.make(name)
        print(f"{name} (simulated): in the cache")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m mupy_helpers.datasets", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a published set (default: all)")
    parser.add_argument("--list", action="store_true", help="show the sets and whether each is on this machine")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in store.SETS]
    if unknown:
        parser.error(f"there is no published set {unknown[0]!r}; the names are: {', '.join(store.names())}")
    if options.list:
        print(listing())
        return 0
    if not options.names:
        make_all()
    return 1 if fetch_all(options.names) else 0


if __name__ == "__main__":
    sys.exit(main())
