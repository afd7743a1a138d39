"""Embedding: words, notes and recordings as vectors of one space, compared by cosine.

`embedder.open_embedder` opens every model: CLaMP 3 checkpoints, exported folders, the caption baseline. Imports
`performing` and `analysis` for the input of models; nothing of graph or rules.
"""
