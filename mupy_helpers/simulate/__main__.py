"""Write every bundled file and its checksum: ``python -m mupy_helpers.simulate [FOLDER]`` (default: data)."""

import argparse
import hashlib
import sys
from pathlib import Path

from mupy_helpers.datasets.bundled import FILES
from mupy_helpers.simulate.small_sets import write_small_sets


def write_bundled(folder):
    """Simulate every bundled set into a folder, with a SHA256SUMS over all of their files.

    Parameters
    ----------
    folder : path
        Folder to write to; it is made when it does not exist.

    Returns
    -------
    Path
        The SHA256SUMS file.
    """
    from mupy_helpers.simulate.famous_unit import write_cold_store
    from mupy_helpers.simulate.server_log import write_server_log

    folder = Path(folder)
    write_small_sets(folder)
    write_cold_store(folder)
    write_server_log(folder)
    return write_checksums(folder, sorted(FILES.values()))


def write_checksums(folder, files):
    """Write SHA256SUMS, in the format of ``sha256sum``, over the named files of a folder; returns its path."""
    lines = [f"{hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()}  {name}\n" for name in files]
    target = Path(folder) / "SHA256SUMS"
    target.write_bytes("".join(lines).encode("ascii"))
    return target


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m mupy_helpers.simulate", description=__doc__)
    parser.add_argument("folder", nargs="?", default="data", help="where to write (default: data)")
    folder = parser.parse_args(arguments).folder
    print(f"Simulating the bundled sets into {folder} ...", file=sys.stderr, flush=True)
    checksums = write_bundled(folder)
    print(checksums.read_text(encoding="ascii"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
