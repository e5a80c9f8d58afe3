"""Leads in Slack: the cards with their clocks, the buttons on them, and `/lead`."""
