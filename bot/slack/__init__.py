"""How we talk to Slack, who we are there, and who else is."""
