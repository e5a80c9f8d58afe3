"""Themes: the board, where marketing works, and what customers said, to be read in full."""
