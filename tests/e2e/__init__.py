"""All processes and the simulator, against what must come out."""
