"""Tree to model: every value checked, every default filled in."""
