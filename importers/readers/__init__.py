"""Readers turn a file into `importers.structure.Document`, or say why they cannot."""
