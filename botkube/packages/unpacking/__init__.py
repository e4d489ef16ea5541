"""The executable out of what was downloaded, without trusting any of it; and the way back, for indexes."""
