"""Themes that a language model proposes for items without one: a job asks, marketers decide."""
