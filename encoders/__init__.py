"""Text to emotions; text, scores and sound to vectors and measured cues. Knows nothing of graph or rules.

Nothing leaves the machine: libraries that report to their makers are told not to, before any of them is imported.
"""

import os

# onnxruntime's wheel reports to Microsoft unless told otherwise; Hugging Face's libraries know a switch of their own.
os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
