"""Write mupy_helpers/datasets/registry.csv: size and SHA-256 of every published file that the course uses.

Run once when a commit is pinned anew: ``python tools/make_registry.py FOLDER``, where FOLDER holds the published
sets (one folder a set, a COMMIT file in it) and SHA256SUMS over all of them, as ``sha256sum`` writes it.
"""

import csv
import fnmatch
import hashlib
import sys
from pathlib import Path

from mupy_helpers.datasets.store import REGISTRY, SETS

# Which files of each set's folder are data: readmes, licences and labels that no loader reads stay out.
PATTERNS = {
    "ecg": ["ecg.dat"],
    "logs": ["*_2k.log", "*_2k.log_structured.csv", "*_2k.log_templates.csv"],
    "nab": ["data/*/*.csv", "labels/combined_windows.json"],
    "pump_slices": ["prediction_slice1_current.csv", "train_sensor_data_slice.csv"],
    "skab": ["*/*.csv"],
    "spoken_digits": ["recordings/*.wav"],
}


def rows(folder):
    """Yield (set, path, bytes, sha256) of every file, checked against SHA256SUMS and the pinned commits."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {path.removeprefix("./"): digest for digest, path in (line.split(maxsplit=1) for line in lines)}
    for name, patterns in PATTERNS.items():
        published = SETS[name]
        commit_file = folder / published.folder / "COMMIT"
        if published.commit and commit_file.read_text(encoding="ascii").strip() != published.commit:
            raise SystemExit(f"{commit_file} is not the commit that mupy_helpers/datasets/store.py pins.")
        inside = sorted(path for path in sums if path.startswith(published.folder + "/"))
        for path in inside:
            relative = path.removeprefix(published.folder + "/")
            if not any(fnmatch.fnmatchcase(relative, pattern) for pattern in patterns):
                continue
            content = (folder / path).read_bytes()
            if hashlib.sha256(content).hexdigest() != sums[path]:
                raise SystemExit(f"{folder / path} is not the file that SHA256SUMS lists.")
            yield name, relative, len(content), sums[path]


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with REGISTRY.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["set", "path", "bytes", "sha256"])
        writer.writerows(rows(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
