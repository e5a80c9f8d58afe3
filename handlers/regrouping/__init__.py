"""Merging, renaming and splitting themes in Slack: the commands, their forms, and the history with its way back."""
