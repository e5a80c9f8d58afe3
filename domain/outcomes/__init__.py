"""What comes of leads after the first contact, and what follows for what is known of competitors."""
