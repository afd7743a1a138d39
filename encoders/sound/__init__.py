"""Sound: files are decoded block by block, performances are synthesised, loudness is measured after ITU-R BS.1770.

Samples are float32 arrays of shape (channels, frames). Imports `performing` for what is played and `notation.texts` for
words in tags; nothing of analysis, embedding or training.
"""
