"""Talent supply and demand of a city's industry-education consortium."""
