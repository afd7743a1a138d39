"""Reading feelings: a text to 28 calibrated probabilities, one for each label of GoEmotions.

Models are opened by `emotions.model.load`; passages are cut, denied feelings are taken out, other languages are turned
away. Needs numpy, onnxruntime and tokenizers; imports no other room of ours.
"""
