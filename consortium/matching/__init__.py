"""The method: arrays in, arrays out. Knows no web, no database, no clock."""
