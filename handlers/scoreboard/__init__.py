"""The scoreboard: `/tandem scoreboard` shows what both sides owe each other, in figures."""
