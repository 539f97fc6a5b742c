"""Voluntary rounds: lists handed in, frozen, matched, published to all at once; the results are offers."""
