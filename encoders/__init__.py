"""Text to emotions; text, scores and sound to vectors and measured cues. Knows nothing of graph or rules."""
