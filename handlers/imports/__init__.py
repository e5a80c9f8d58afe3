"""Files of leads in Slack: a form with a file, a message that says what is in it, and the button that stores them."""
