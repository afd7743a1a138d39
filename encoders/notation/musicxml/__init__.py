"""Reads MusicXML 1 to 4 in score-partwise form, and lists the signs of a document that are not played."""
