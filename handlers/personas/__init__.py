"""Personas in Slack: `/persona` lists, shows, adds and edits them."""
