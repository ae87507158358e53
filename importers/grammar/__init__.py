"""Grammars of official phrases: deadlines, responsibility, targets, repair. Pure functions over text."""
