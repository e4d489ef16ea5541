"""Replies and notifications → Slack, in the order of each channel, until it has them."""
