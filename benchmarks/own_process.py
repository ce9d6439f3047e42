"""Runs a program in a process of its own and tells the most memory that it had, whatever the caller has.

What a system reports as a process's peak never falls below the memory of the process that started it. So this file runs
as a small process in between: it starts the program, waits, and adds a last line with the status and the peak.
"""

import json
import subprocess
import sys


def run(command, **options):
    """Run a program to its end.

    Parameters
    ----------
    command : list of str
    **options
        Of `subprocess.run`, such as `cwd`.

    Returns
    -------
    done : subprocess.CompletedProcess
        With what the program wrote, as text.
    peak : float or None
        The most memory that it or one of the processes that it started had, in MB; None where the system does not tell.
    """
    done = subprocess.run([sys.executable, "-I", "-S", __file__, *command], capture_output=True, text=True,
                          check=False, **options)
    *words, last = done.stdout.splitlines(keepends=True)
    told = json.loads(last)
    wrote = "".join(words)[:-1]  # but for the line's end that was put before the last line
    return subprocess.CompletedProcess(command, told["status"], wrote, done.stderr), told["peak_mb"]


def peak_mb(who="RUSAGE_SELF"):
    """Return the most memory that this process ("RUSAGE_SELF"), or the largest that it waited for, ever had.

    Parameters
    ----------
    who : {"RUSAGE_SELF", "RUSAGE_CHILDREN"}

    Returns
    -------
    float or None
        In MB; None where the system does not tell.
    """
    try:
        import resource
    except ImportError:
        return None
    largest = resource.getrusage(getattr(resource, who)).ru_maxrss  # in bytes on a Mac, in KiB elsewhere
    return largest / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


if __name__ == "__main__":
    status = subprocess.run(sys.argv[1:], check=False).returncode
    print("\n" + json.dumps({"status": status, "peak_mb": peak_mb("RUSAGE_CHILDREN")}))
