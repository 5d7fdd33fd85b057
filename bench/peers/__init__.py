"""The same stream counted by this engine and by other engines, one after the other; see README.md."""
