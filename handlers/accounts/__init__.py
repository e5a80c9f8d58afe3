"""Accounts in Slack: `/tandem account` shows all that is known of one."""
