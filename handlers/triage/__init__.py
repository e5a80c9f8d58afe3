"""Leads that fail the definition, for marketing: Fix, Pass anyway, Drop."""
