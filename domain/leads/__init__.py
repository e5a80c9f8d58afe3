"""The life of a lead: it arrives, is given to a rep, claimed, contacted or declined, while its clock runs."""
