"""Trains the emotion model: corpora, the linear and the fine-tuned part, calibration and the model card."""
