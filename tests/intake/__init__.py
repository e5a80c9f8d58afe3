"""Leads that other systems post."""
