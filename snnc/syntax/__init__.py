"""Text to tree and back: the notation of the paper's tables."""
