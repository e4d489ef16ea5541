"""Plugins with all that they need, carried to where there is no network."""
