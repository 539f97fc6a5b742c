"""The engine of bulk upload; knows no kind of row."""
