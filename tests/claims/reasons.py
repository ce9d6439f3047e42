"""Reasons that several facts share."""

PRICES = "a price that the course sets (scoreboard.Costs)"
SET = "described in the documentation of the set, which the course does not hold"
