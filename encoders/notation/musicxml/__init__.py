"""MusicXML 1 to 4 in score-partwise form: what of a document sounds, and which of its signs are not played."""
