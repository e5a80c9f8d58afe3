"""What a language model makes of items without a theme: asked in the background, proposed, decided by people."""
