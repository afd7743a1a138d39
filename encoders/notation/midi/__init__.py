"""Standard MIDI Files: bytes to events, and events to the notes that sound, in seconds."""
