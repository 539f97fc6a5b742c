"""One desk per role, and the zone's figures."""
