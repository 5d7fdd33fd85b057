"""What the own websites tell: who came, what they did there, and where a click goes on to."""
