"""Trains the bundled small CLaMP 3: performances, texts for them, both towers, evaluation and export."""
