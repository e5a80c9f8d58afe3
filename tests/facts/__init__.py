"""What each release kept of frozen data, and what writes down a new shape: `python -m tests.facts`."""
