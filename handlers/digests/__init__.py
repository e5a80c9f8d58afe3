"""Digests in Slack: `/tandem digest` previews one, admins say where and when it goes out."""
