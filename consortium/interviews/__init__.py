"""Interviews: times that an enterprise offers, the one a student picks, and what came of it."""
