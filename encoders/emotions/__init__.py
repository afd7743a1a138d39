"""Reading feelings: a text to 28 calibrated probabilities, one for each label of GoEmotions.

`emotions.model.open_emotion_model` opens every model. Long texts are split into passages, denied feelings do not
count, and texts in other languages are refused. Needs numpy, onnxruntime and tokenizers; imports no other room of ours.
"""
