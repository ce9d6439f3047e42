"""The generators behind data/: every bundled set is simulated, with its faults put in on purpose."""
