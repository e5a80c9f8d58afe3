"""What each kind of source really sends, and one test that goes over all of it."""
