"""Enterprises, colleges, the zone and bureaus; each firm's head-counts and dated intern quota."""
