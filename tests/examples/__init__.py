"""Worked examples of CONTRIBUTING.md: each the whole change of a dummy as a patch, applied to a copy of the tree."""
