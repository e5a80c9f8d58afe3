"""Declines of leads, for marketing and for whoever rules: Accept, Dispute, Rule."""
