import pytest

from botkube.config.schema.values import Secret
from botkube.packages.download.headers import render_headers
from botkube.packages.errors import PackageRefused

REMOTE = {
    "CONFIG_PROVIDER_IDENTIFIER": "me",
    "CONFIG_PROVIDER_ENDPOINT": "https://cloud.test",
    "CONFIG_PROVIDER_API_KEY": "s3cret",
}


def render(value: str, name: str = "X-Key", environ: dict[str, str] | None = None) -> str:
    return render_headers({name: Secret(value)}, REMOTE if environ is None else environ, "r")[name]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("plain", "plain"),
        ("{{ .Remote.APIKey }}", "s3cret"),
        ("{{.Remote.Identifier}}", "me"),
        ("at {{ .Remote.Endpoint }} as {{ .Remote.Identifier }}!", "at https://cloud.test as me!"),
        ("Bearer {{- .Remote.APIKey -}} !", "Bearers3cret!"),
        ("a {{- .Remote.APIKey -}} b", "as3cretb"),
        ("}} not one", "}} not one"),
    ],
)
def test_templates_are_rendered(value: str, sent: str) -> None:
    assert render(value) == sent


def test_without_an_identifier_all_of_it_is_empty() -> None:
    assert render("k={{ .Remote.APIKey }}", environ={"CONFIG_PROVIDER_API_KEY": "s3cret"}) == "k="


@pytest.mark.hostile("header")
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X", "{{ .Remote.Password }}", "write one of {{ .Remote.Endpoint }}"),
        ("X", "{{ env `HOME` }}", "not known"),
        ("X", "{{ .Remote.APIKey | upper }}", "not known"),
        ("X", "{{ .Remote.APIKey", "does not end"),
        ("X", "s3cret\r\nY: z", "a character that no header may have"),
        ("X", "s3cret ü", "a character that no header may have"),
        ("X y", "s3cret", "choose another header"),
        ("Range", "s3cret", "choose another header"),
    ],
)
def test_what_is_no_header_is_refused_without_its_value(name: str, value: str, words: str) -> None:
    with pytest.raises(PackageRefused) as caught:
        render(value, name)
    text = str(caught.value)
    assert words in text
    assert f"plugins.repositories.r.headers.{name}" in text
    assert "s3cret" not in text
