"""Outgoing webhooks, to a real HTTP server on this machine."""
