"""Tandem under SIGKILL and a faulty Slack: a driver that makes thousands of messages, and an oracle that counts them.

`python -m tests.chaos --engine postgresql --messages 10000 --kills 200` is the long run; a short one is a test.
"""
