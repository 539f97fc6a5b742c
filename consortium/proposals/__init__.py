"""Runs of the matcher, the explained proposals they leave, and what people then chose."""
