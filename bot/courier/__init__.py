"""The courier with all that belongs to it: words, attempts, places, retries, remedies."""
