"""How the app is set up at Slack: its manifest, and what is wrong with it."""
