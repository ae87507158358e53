"""What a file that comes as evidence is, and whether it may be here."""

from importers.inspection.inspect import inspect_file, refuse_marked_name

__all__ = ["inspect_file", "refuse_marked_name"]
