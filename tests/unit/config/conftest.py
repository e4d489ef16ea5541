"""A loaded machine makes generation slow, not wrong."""

from hypothesis import HealthCheck, settings

settings.register_profile("config", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("config")
