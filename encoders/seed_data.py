"""Where the files that ship with the program lie."""

from pathlib import Path
from typing import Final

SEED_DATA: Final = Path(__file__).resolve().parent.parent / "seed_data"
"""Beside the packages, in a checkout as well as when installed."""
