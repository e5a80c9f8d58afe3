"""The rules of Tandem, in plain synchronous Python: every use case takes a session and the time."""
