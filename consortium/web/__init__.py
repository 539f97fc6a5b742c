"""The shell of pages and API."""
