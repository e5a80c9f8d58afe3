"""Hostile input: requests with valid signatures and evil contents, the authorization matrix, and planted secrets.

`python -m tests.hostile --requests 100000 --seed 1` is the long run, `python -m tests.hostile.matrix` the table of
who may do what; short runs of both are tests.
"""
