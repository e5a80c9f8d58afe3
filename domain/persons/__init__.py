"""A person who is to be erased: found, taken out of leads and of what others wrote."""
