"""Finds, verifies and installs plugin packages; an index on any static server is all it needs.

What is installed is said by the lock file and proven by digests; see `install` for the order of things.
"""
