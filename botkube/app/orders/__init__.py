"""What people order for plugins, from a command or over HTTP, and how far it is."""
