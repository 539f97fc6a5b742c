"""The floor: what every feature stands on; knows no feature."""
