"""Leads that other systems post to us over HTTP."""
