from botkube.config.schema.isolation import LimitSettings, SandboxSettings, overlaid


def test_what_is_set_wins() -> None:
    general = LimitSettings(cpus=1.0, memory=100)
    assert overlaid(general, LimitSettings(memory=200)) == LimitSettings(cpus=1.0, memory=200)
    assert overlaid(general, LimitSettings()) == general


def test_what_is_set_to_nothing_is_set() -> None:
    general = SandboxSettings(enabled=True, readable=("/srv",), network=True)
    special = SandboxSettings(enabled=False, readable=(), network=False)
    assert overlaid(general, special) == special
