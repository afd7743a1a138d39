"""The cues of recordings: estimated from spectra and calibrated to the units of note-based cues."""
