"""Spreadsheets of the office's own: units and people. Parsed into typed rows and problems, never stored here."""
