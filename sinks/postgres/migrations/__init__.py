"""Numbered SQL files, append-only: an applied one is never edited, a change is a new file."""
