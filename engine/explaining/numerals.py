"""Whole numbers below a thousand in words."""

from __future__ import annotations

from typing import Final

_SMALL: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spell_english(number: int) -> str:
    """A number below a thousand in English words."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[rest]}" if rest else "")
    hundreds, rest = divmod(number, 100)
    return f"{_SMALL[hundreds]} hundred" + (f" and {spell_english(rest)}" if rest else "")


def spell_chinese(number: int) -> str:
    """A number below a thousand in Chinese characters."""
    digits = "零一二三四五六七八九"
    if number < 10:
        return "两" if number == 2 else digits[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[rest] if rest else "")
    hundreds, rest = divmod(number, 100)
    gap = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
    return f"{digits[hundreds]}百" + (f"{gap}{digits[rest] if rest < 10 else spell_chinese(rest)}" if rest else "")
