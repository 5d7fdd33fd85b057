"""The panels, one file a row of a dashboard, in the order of the data path."""
