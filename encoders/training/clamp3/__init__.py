"""How the small CLaMP 3 that ships is made: performances, words for them, and what both towers learn from the two."""
