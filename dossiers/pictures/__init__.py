"""Vector pictures of dossiers: processes with what happened in them, indicators, progress over time."""
