"""What became of themes that people raised: letters that tell it, and buttons that say whether it helped."""
