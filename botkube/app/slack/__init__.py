"""Slack as a part of the program: its clients, its house for each group, and what is heard."""
