"""One stage at a time with the real servers."""
