"""What the prose of 06_lstm_autoencoder says in numbers that stand in no output beside it."""

CLAIMS = {}

FACTS = {}
