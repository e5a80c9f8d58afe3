"""`/voc` and everything around it: the line, the form, the shortcuts, the receipt and its buttons."""
