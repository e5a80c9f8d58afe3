"""Outgoing webhooks: changes of leads, and of what customers say, are sent to other systems."""
