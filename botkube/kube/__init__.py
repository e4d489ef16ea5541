"""Access to the cluster: our own credentials, and those that plugins get."""
