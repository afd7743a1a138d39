"""Rules as sheets of a table, one row an individual: written to be edited, and read back as edits.

Only `workbook.py` imports openpyxl.
"""
