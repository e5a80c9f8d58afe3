"""How hard hypothesis searches in these tests: enough to find what breaks, short enough to run every time."""

from hypothesis import HealthCheck, settings

settings.register_profile("domain", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("domain")
