"""The demand: what enterprises post, and the seats of a post."""
