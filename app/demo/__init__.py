"""The demo: a sample city, a task list written for it, and months of its life played through the real commands."""
