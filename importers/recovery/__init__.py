"""Lists whose tables were damaged on the way: columns moved, numbers lost, rows merged. Structure in, rows out."""
