"""Graph to graph: each pass does one thing and says what it relies on."""
