"""Which kind of cluster answers, and what is asked of it because of that. Pure.

Document types: needed up to Elasticsearch 6, possible in 7, gone in 8, and never there in OpenSearch, whose versions
begin anew at 1.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeAlias

import msgspec

TEMPLATE_FIRST: Final = (7, 8)  # of Elasticsearch: composable templates
FLATTENED_FIRST: Final = (7, 3)
FLAT_OBJECT_FIRST: Final = (2, 7)  # of OpenSearch
TYPES_LAST: Final = 7
TYPES_NEEDED: Final = 6  # and before
LEGACY: Final = "/_template?filter_path=*.index_patterns"
LONGEST_LEAF: Final = (
    8191  # characters: longer ones are kept but not searched, as Lucene takes 32 KiB
)

Distribution: TypeAlias = Literal["elasticsearch", "opensearch"]
_VERSION: Final = re.compile(r"(\d+)(?:\.(\d+))?")


class NoCluster(Exception):
    """What answered is no Elasticsearch; the text says what it said."""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Distribution and version."""

    distribution: Distribution
    version: tuple[int, int]

    def document_type(self, wanted: str) -> str:
        """The type that documents get; "" where there are none, or none is wanted."""
        if self.distribution == "opensearch" or self.version[0] > TYPES_LAST:
            return ""
        return wanted or ("_doc" if self.version[0] <= TYPES_NEEDED else "")

    @property
    def composable(self) -> bool:
        """Whether it has composable templates."""
        return self.distribution == "opensearch" or self.version >= TEMPLATE_FIRST

    @property
    def flat_type(self) -> str:
        """The type of a field that holds any object without a field for each of its keys."""
        if self.distribution == "opensearch":
            return "flat_object" if self.version >= FLAT_OBJECT_FIRST else ""
        return "flattened" if self.version >= FLATTENED_FIRST else ""


class _Version(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    distribution: str = ""


class _Root(msgspec.Struct, frozen=True, kw_only=True):
    version: _Version


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One daily index as it is configured; 0 shards leave their number to the cluster."""

    name: str
    type: str = ""
    shards: int = 0
    replicas: int = 0


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """A PUT request."""

    path: str
    body: bytes
    replaces_legacy: bool = False  # a template that others' of the older kind do not survive


def read_cluster(body: bytes) -> Cluster:
    """Read the answer of `GET /`.

    Raises: NoCluster.
    """
    try:
        found = msgspec.json.decode(body, type=_Root).version
    except msgspec.DecodeError as error:
        raise NoCluster(f"what answers is no Elasticsearch: {error}") from None
    number = _VERSION.match(found.number)
    if number is None:
        raise NoCluster(f"it says that its version is {found.number[:40]!r}")
    distribution: Distribution = (
        "opensearch" if found.distribution == "opensearch" else "elasticsearch"
    )
    return Cluster(distribution=distribution, version=(int(number[1]), int(number[2] or 0)))


def index_put(name: str, place: Place) -> Put:
    """What makes a day's index, as the original did."""
    return Put(path=f"/{name}", body=msgspec.json.encode({"settings": {"index": _settings(place)}}))


def _settings(place: Place) -> Mapping[str, int]:
    shards = {"number_of_shards": place.shards} if place.shards else {}
    return {**shards, "number_of_replicas": place.replicas}


def template_put(cluster: Cluster, place: Place) -> Put:
    """What gives every index of a name its mapping. Any template that somebody else has made goes before it."""
    document_type = cluster.document_type(place.type)
    mapping = _mapping(cluster)
    settings = {"index": {"mapping": {"ignore_malformed": True}}}
    patterns = [f"{place.name}-*"]
    if cluster.composable and not document_type:
        inner = {"settings": settings, "mappings": mapping}
        body: Mapping[str, object] = {"index_patterns": patterns, "template": inner, "priority": 0}
        path = f"/_index_template/botkube-{place.name}"
        return Put(path=path, body=msgspec.json.encode(body), replaces_legacy=True)
    mappings = {document_type: mapping} if document_type else mapping
    legacy = {"index_patterns": patterns, "order": 0, "settings": settings, "mappings": mappings}
    query = "?include_type_name=true" if document_type and cluster.version >= (6, 7) else ""
    return Put(path=f"/_template/botkube-{place.name}{query}", body=msgspec.json.encode(legacy))


def has_legacy_template(place: Place, answer: bytes) -> bool:
    """Whether an answer to `LEGACY` names a template of the older kind for an index of this name.

    A composable one, which is ours, would take the place of all of those, whatever their order.
    """
    try:
        found = msgspec.json.decode(answer, type=dict[str, _Patterns])
    except msgspec.DecodeError:
        return False
    index = f"{place.name}-2000-01-01"
    return any(fnmatchcase(index, rule) for one in found.values() for rule in one.index_patterns)


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    index_patterns: list[str] = []


def _mapping(cluster: Cluster) -> Mapping[str, object]:
    """Events of several kinds share an index: what one calls an object must not fail as another's number.

    No dates are guessed, since the first text that looks like one would refuse all others; texts keep what the
    original's indices gave them, on which dashboards rest.
    """
    mapping: dict[str, object] = {
        "date_detection": False,
        "properties": {"TimeStamp": {"type": "date"}},
    }
    if flat := cluster.flat_type:
        bound = {"ignore_above": LONGEST_LEAF} if flat == "flattened" else {}
        rule = {"match_mapping_type": "object", "mapping": {"type": flat, **bound}}
        mapping["dynamic_templates"] = [{"objects": rule}]
    return mapping
