"""ABC notation (the 1.6 and 2.1 standards, abcnotation.com): lines, signs, voices, tunes."""
