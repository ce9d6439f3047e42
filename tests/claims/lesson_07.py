"""What the prose of 07_ensembles says in numbers that stand in no output beside it."""

CLAIMS = {
}

FACTS = {
}
