"""Botkube: ChatOps for Kubernetes. Connects chat platforms to executor and source plugins."""

__version__ = "2.0.0"
