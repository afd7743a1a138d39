"""The cues of recordings, estimated from spectra and brought to the units of notes by fitted lines."""
