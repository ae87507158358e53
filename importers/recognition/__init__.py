"""From blocks to rows: which tables are lists of tasks, what their columns mean, where one row ends.

Nothing here knows a document. Every rule is a habit of official documents at large, named where it is applied.
"""
