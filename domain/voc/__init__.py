"""Voice of customer: what reps log about what customers say, and what they get back for it at once."""
