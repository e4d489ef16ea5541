"""Shapes of the schema."""

from botkube.config.decode.shape import (
    ListShape,
    MapShape,
    OpaqueShape,
    ScalarShape,
    StructShape,
    struct_shape,
)
from botkube.config.schema.groups import PluginEntry, PluginGroup
from botkube.config.schema.plugins import IncomingWebhook
from botkube.config.schema.root import Config
from botkube.config.schema.settings import Settings


def test_keys_are_spelled_as_in_yaml() -> None:
    shape = struct_shape(IncomingWebhook)
    assert shape.attributes["inClusterBaseURL"] == "in_cluster_base_url"
    assert shape.canonical("INCLUSTERBASEURL") == "inClusterBaseURL"
    assert shape.canonical("unknown") is None


def test_units_and_optional_values() -> None:
    fields = struct_shape(Settings).fields
    assert fields["commandTimeout"] == ScalarShape("seconds")
    assert fields["healthPort"] == ScalarShape("port")


def test_the_rest_of_a_group_is_plugins() -> None:
    shape = struct_shape(PluginGroup)
    assert set(shape.fields) == {"displayName"}
    assert shape.rest == MapShape(struct_shape(PluginEntry))
    assert struct_shape(PluginEntry).fields["config"] == OpaqueShape()


def test_every_part_of_the_schema_has_a_shape() -> None:
    def leaves(shape: object) -> int:
        match shape:
            case StructShape():
                return sum(map(leaves, shape.fields.values())) + leaves(shape.rest)
            case MapShape(below) | ListShape(below):
                return leaves(below)
            case _:
                return 1

    assert leaves(struct_shape(Config)) > 150
