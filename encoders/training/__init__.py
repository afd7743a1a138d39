"""What makes the files in seed_data/: models, the catalogue, the lines that bring recordings to the units of notes.

Run by `make`, never imported at run time (tests/test_architecture.py). May import every other room of `encoders`.
"""
