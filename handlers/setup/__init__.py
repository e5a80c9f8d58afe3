"""Settings in Slack, who is who, and what Slack tells us about members and the installation."""
