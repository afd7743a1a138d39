"""Sound: decodes files block by block, synthesises performances, measures loudness after ITU-R BS.1770.

Rendered samples are float32 [channels, frames], decoded blocks float32 [frames, channels]. Imports `performing` for
performances and `notation.texts` for texts in tags; nothing of analysis, embedding or training.
"""
