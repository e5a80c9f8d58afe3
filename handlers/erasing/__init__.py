"""Erasing a person: the command, its form, and the job that looks through what others wrote."""
