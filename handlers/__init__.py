"""What people touch in Slack, and what other systems post to us: one package per subject."""
