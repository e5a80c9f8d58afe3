"""The language model on a lead: what it may cost, what it answered before, and what must not reach it."""
