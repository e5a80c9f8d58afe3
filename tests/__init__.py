"""The tests: one behaviour each, on the real database, with the playground as Slack."""
