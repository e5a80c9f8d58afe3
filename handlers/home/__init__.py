"""The App Home: what each role has to do next, on one page."""
