"""What is said in Slack → commands: sockets, what comes in by them, and what was said while nobody listened."""
