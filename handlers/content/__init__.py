"""Content in Slack: `/content` tells what performed and finds what to send a customer."""
