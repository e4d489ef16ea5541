"""Requests signed for AWS (ES-7), and where the keys come from, against a server that verifies as AWS does."""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import trio

from botkube.model.errors import AuthError, PeerError
from botkube.runtime.clock import rfc3339, wall
from botkube.runtime.http import no_authorities, open_http
from botkube.sinks.elasticsearch.aws import AwsCredentials, AwsSettings
from botkube.sinks.elasticsearch.client import ClusterSettings, open_elastic
from botkube.sinks.elasticsearch.cluster import Place
from botkube.sinks.elasticsearch.notifier import IndexNotifier
from tests.fakes.elastic import FakeElastic, json_answer
from tests.fakes.receiver import Answer, Call, Receiver, receiving
from tests.fakes.sinks import SinkBench

pytestmark = pytest.mark.real

STATIC = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}
XML = """<R><C><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>lent</SecretAccessKey>
<SessionToken>tok/en==</SessionToken><Expiration>{}</Expiration></C></R>"""


def signature(call: Call, secret: str) -> str:
    """The signature of a request, worked out from AWS's description."""
    fields = dict(
        p.split("=", 1) for p in call.headers["authorization"].split(" ", 1)[1].split(", ")
    )
    day, region, service, _ = fields["Credential"].split("/", 1)[1].split("/")
    path, _, query = call.path.partition("?")
    names = fields["SignedHeaders"].split(";")
    canonical = "\n".join(
        [
            call.method,
            path,
            "&".join(sorted(query.replace("*", "%2A").replace(",", "%2C").split("&"))),
            *(f"{name}:{call.headers[name]}" for name in names),
            "",
            fields["SignedHeaders"],
            hashlib.sha256(call.body).hexdigest(),
        ]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", call.headers["x-amz-date"], scope, digest])
    key = b"AWS4" + secret.encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@asynccontextmanager
async def credentials(
    environ: Mapping[str, str], role: str = "", service: str = "es"
) -> AsyncGenerator[AwsCredentials]:
    settings = AwsSettings(region="eu-central-1", service=service, role_arn=role, environ=environ)
    with trio.fail_after(100):
        async with open_http("", no_authorities(), environment=False) as client:
            yield AwsCredentials(settings, client, client, wall)


def at(to: Receiver) -> dict[str, str]:
    """An environment in which only the instance gives keys."""
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": to.url}


def lent(seconds: float = 3600, key: str = "ASIA") -> dict[str, str]:
    return {
        "AccessKeyId": key,
        "SecretAccessKey": "lent",
        "Token": "tok/en==",
        "Expiration": rfc3339(wall() + seconds),
        "Code": "Success",
    }


async def test_es_7_every_request_is_signed() -> None:
    fake = FakeElastic()
    async with receiving(fake.decide) as to, credentials(STATIC) as aws:
        settings = ClusterSettings(server=to.url, authorization="Basic x")
        async with open_elastic(settings, no_authorities(), aws.keys) as client:
            bench = SinkBench(IndexNotifier(client, Place(name="x"), wall))
            await bench.deliver("e1")
    assert fake.stored == 1
    assert len(to.calls) == 6
    for call in to.calls:
        given = call.headers["authorization"]
        assert given.startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
        assert "/eu-central-1/es/aws4_request, " in given
        assert "host;" in given
        assert "x-amz-date" in given
        assert given.endswith(f"Signature={signature(call, 'secret')}")


async def test_a_role_is_assumed_with_the_keys_at_hand_and_renewed_in_time() -> None:
    ends = [100.0, 3600.0]

    def sts(_call: Call) -> Answer:
        return Answer(body=XML.format(rfc3339(wall() + ends.pop(0))).encode())

    async with receiving(sts) as to:
        environ = {**STATIC, "AWS_ENDPOINT_URL_STS": to.url}
        async with credentials(environ, role="arn:aws:iam::1:role/x", service="aoss") as aws:
            first = await aws.keys()
            assert (first.key_id, first.secret, first.token) == ("ASIA", "lent", "tok/en==")
            assert (first.region, first.service) == ("eu-central-1", "aoss")
            await aws.keys()  # the first ones end too soon
            await aws.keys()
    assert len(to.calls) == 2
    form = parse_qs(to.calls[0].body.decode())
    assert (form["Action"], form["RoleArn"]) == (["AssumeRole"], ["arn:aws:iam::1:role/x"])
    assert "/eu-central-1/sts/aws4_request" in to.calls[0].headers["authorization"]


async def test_a_web_identity_is_a_role_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("jwt\n")
    async with receiving(lambda _: Answer(body=XML.format(rfc3339(wall() + 900)).encode())) as to:
        environ = {
            "AWS_ROLE_ARN": "arn:irsa",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
            "AWS_ENDPOINT_URL_STS": to.url,
        }
        async with credentials(environ, role="arn:other") as aws:
            assert (await aws.keys()).key_id == "ASIA"
    form = parse_qs(to.calls[0].body.decode())
    assert form["Action"] == ["AssumeRoleWithWebIdentity"]
    assert (form["RoleArn"], form["WebIdentityToken"]) == (["arn:irsa"], ["jwt"])
    assert "authorization" not in to.calls[0].headers


async def test_the_role_of_an_instance() -> None:
    def metadata(call: Call) -> Answer:
        if call.method == "PUT":
            return Answer(body=b"session")
        assert call.headers["x-aws-ec2-metadata-token"] == "session"
        return json_answer(lent()) if call.path.endswith("/node") else Answer(body=b"node\n")

    async with receiving(metadata) as to, credentials(at(to)) as aws:
        assert (await aws.keys()).token == "tok/en=="
    assert [call.method for call in to.calls] == ["PUT", "GET", "GET"]


async def test_the_credentials_of_a_container(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pod")
    async with receiving(lambda _: json_answer(lent(key="POD"))) as to:
        environ = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{to.url}/creds",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        }
        async with credentials(environ) as aws:
            assert (await aws.keys()).key_id == "POD"
    assert to.calls[0].headers["authorization"] == "pod"


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (Answer(status=404), AuthError, "no keys for AWS: the instance: it answered 404"),
        (Answer(status=503), PeerError, "no keys for AWS: the instance: it answered 503"),
        (Answer(body=b" "), AuthError, "the instance has no role"),
        (Answer(body=b"x"), PeerError, "its provider answered nonsense"),
        (Answer(cut=0), PeerError, "no keys for AWS"),
    ],
)
async def test_no_keys_are_trouble(answer: Answer, error: type[Exception], text: str) -> None:
    async with receiving(lambda _: answer) as to, credentials(at(to)) as aws:
        with pytest.raises(error, match=text):
            await aws.keys()


async def test_nonsense_of_sts_is_trouble() -> None:
    async with receiving(lambda _: Answer(body=b"<html>")) as to:
        environ = {**STATIC, "AWS_ENDPOINT_URL_STS": to.url}
        async with credentials(environ, role="r") as aws:
            with pytest.raises(PeerError, match="STS answered nonsense"):
                await aws.keys()
