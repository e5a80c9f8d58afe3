"""Tandem as an agent: questions in its Messages tab, and their answers."""
