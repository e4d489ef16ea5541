"""Slack by Socket Mode and Web API: what is said there → commands, replies and notifications → Block Kit."""
