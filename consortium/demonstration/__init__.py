"""An invented, believable consortium to look at and to test with."""
