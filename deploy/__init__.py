"""How the pipeline is run: containers, or the whole stack on one machine. Stages never import this package."""
