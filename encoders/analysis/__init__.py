"""Analysis: notes or sound to the twelve cues, in the units that the ontology weighs.

`analyser` takes one file and returns an analysed piece, or the reason why it cannot be read. Imports `notation`,
`performing` and `sound`. `audio.mert` computes the features that an audio tower of `embedding` reads.
"""
