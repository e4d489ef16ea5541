"""`botkube plugins …`: what each command takes, and what it does here or asks of a running instance."""
