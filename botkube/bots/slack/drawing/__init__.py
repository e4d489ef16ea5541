"""Messages → Block Kit, within every limit of Slack's. Pure."""
