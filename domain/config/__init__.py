"""Settings as an admin writes them: a file that is checked, compared with what is set, applied and written back."""
