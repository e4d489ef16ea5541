"""Kinds of clusters, and what each is asked."""

import msgspec
import pytest

from botkube.sinks.elasticsearch.cluster import (
    Cluster,
    NoCluster,
    Place,
    has_legacy_template,
    index_put,
    read_cluster,
    template_put,
)

PLACE = Place(name="botkube", type="event", shards=1, replicas=0)


def cluster(number: str, distribution: str = "") -> Cluster:
    version = {"number": number} | ({"distribution": distribution} if distribution else {})
    return read_cluster(msgspec.json.encode({"name": "n", "version": version}))


@pytest.mark.parametrize(
    ("number", "distribution", "kind", "template", "flat"),
    [
        ("6.8.23", "", "event", "/_template/botkube-botkube?include_type_name=true", ""),
        ("7.2.0", "", "event", "/_template/botkube-botkube?include_type_name=true", ""),
        ("7.17.9", "", "event", "/_template/botkube-botkube?include_type_name=true", "flattened"),
        ("8.15.0", "", "", "/_index_template/botkube-botkube", "flattened"),
        ("9", "", "", "/_index_template/botkube-botkube", "flattened"),
        ("1.3.20", "opensearch", "", "/_index_template/botkube-botkube", ""),
        ("2.19.1", "opensearch", "", "/_index_template/botkube-botkube", "flat_object"),
        ("3.0.0-SNAPSHOT", "opensearch", "", "/_index_template/botkube-botkube", "flat_object"),
    ],
)
def test_es_2_types_only_where_they_exist(
    number: str, distribution: str, kind: str, template: str, flat: str
) -> None:
    found = cluster(number, distribution)
    assert found.document_type(PLACE.type) == kind
    put = template_put(found, PLACE)
    assert put.path == template
    assert found.flat_type == flat
    assert (b'"type":"%b"' % flat.encode() in put.body) == bool(flat)
    body = msgspec.json.decode(put.body)
    assert body["index_patterns"] == ["botkube-*"]
    inner = body.get("template", body)["mappings"]
    assert (inner[kind] if kind else inner)["properties"] == {"TimeStamp": {"type": "date"}}


def test_seven_without_a_type_has_none() -> None:
    plain = msgspec.structs.replace(PLACE, type="")
    assert cluster("7.17.9").document_type("") == ""
    assert template_put(cluster("7.17.9"), plain).path == "/_index_template/botkube-botkube"
    assert template_put(cluster("7.7.0"), plain).path == "/_template/botkube-botkube"
    assert cluster("6.0.0").document_type("") == "_doc"
    assert template_put(cluster("6.0.0"), plain).path == "/_template/botkube-botkube"


def test_es_1_the_original_s_settings() -> None:
    put = index_put("botkube-2026-11-29", PLACE)
    assert put.path == "/botkube-2026-11-29"
    assert put.body == b'{"settings":{"index":{"number_of_shards":1,"number_of_replicas":0}}}'
    given = msgspec.structs.replace(PLACE, shards=0, replicas=2)
    assert index_put("x", given).body == b'{"settings":{"index":{"number_of_replicas":2}}}'


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"version":{}}', b'{"version":{"number":"x"}}', b"[]"]
)
def test_es_13_what_is_no_cluster_is_said(body: bytes) -> None:
    with pytest.raises(NoCluster, match=r"no Elasticsearch|its version is 'x'"):
        read_cluster(body)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"{}", False),
        (b"<html>", False),
        (b'{"a":{"index_patterns":["x-*"]}}', False),
        (b'{"a":{"index_patterns":["x-*","botkube-2*"]},"b":{}}', True),
    ],
)
def test_templates_of_the_older_kind(answer: bytes, found: bool) -> None:  # noqa: FBT001 - a table
    assert has_legacy_template(PLACE, answer) == found
