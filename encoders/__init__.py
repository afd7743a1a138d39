"""Text to emotions; text, scores and sound to vectors and measured cues. Knows nothing of graph or rules.

Nothing leaves the machine: telemetry of the libraries is switched off here, before any of them is imported.
"""

import os

# onnxruntime's wheel reports to Microsoft by default; Hugging Face's libraries have a switch of their own.
os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
