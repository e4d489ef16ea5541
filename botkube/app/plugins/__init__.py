"""The plugins in use: which, where they are, what each may do, and their processes."""
