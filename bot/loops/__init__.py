"""What runs without being asked: clocks, calendar, audit, wake-ups."""
