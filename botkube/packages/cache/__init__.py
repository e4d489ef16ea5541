"""What is installed, as it is on disk: the lock file, the files under their digests, the links to them."""
