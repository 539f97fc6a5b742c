"""Apply, invite, offer, accept, decline, withdraw."""
