"""Nothing of one workspace in another: see docs/security.md."""
