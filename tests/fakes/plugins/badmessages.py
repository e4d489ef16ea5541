"""What a plugin may answer over a good connection; each by the name of its function, which gives the bytes."""

from collections.abc import Callable

from tests.fakes.plugins.rawh2 import EVENT, MESSAGE, Conn, field, framed, varint

MIB = 2**20


def _json(text: bytes) -> bytes:
    """The answer of an executor with this message."""
    return field(1, text)


def _body(text: bytes) -> bytes:
    return _json(b'{"baseBody":{"plaintext":' + text + b"}}")


# Protobuf.


def cut_off() -> bytes:
    return field(1, MESSAGE)[:-1]


def number_for_bytes() -> bytes:
    return b"\x08\x05"


def no_such_wire_type() -> bytes:
    return b"\x0f"


def endless_integer() -> bytes:
    return b"\xff" * 20


def millions_of_messages() -> bytes:
    return b"\x12\x00" * (5 * MIB)


def millions_of_unknown_fields() -> bytes:
    return _json(MESSAGE) + b"\x78\x01" * (5 * MIB)


def noise() -> bytes:
    return bytes(range(256)) * 16


def empty() -> bytes:
    return b""


def unknown_field() -> bytes:
    return b"\x7a\x04what" + _json(MESSAGE)


def twice() -> bytes:
    return _json(b'{"baseBody":{"plaintext":"first"}}') + _json(MESSAGE)


def twenty_messages() -> bytes:
    return _json(MESSAGE) + field(2, MESSAGE) * 20


def bad_second_message() -> bytes:
    return _json(MESSAGE) + field(2, b"{")


# JSON.


def no_json() -> bytes:
    return _json(b"just text")


def half_json() -> bytes:
    return _json(MESSAGE[:-2])


def more_behind() -> bytes:
    return _json(MESSAGE + b"{}")


def array() -> bytes:
    return _json(b"[]")


def null() -> bytes:
    return _json(b"null")


def nulls() -> bytes:
    return _json(b'{"type":null,"sections":null,"baseBody":{"plaintext":"fine","codeBlock":null}}')


def other_case() -> bytes:
    return _json(b'{"BASEBODY":{"PlainText":"fine"},"SECTIONS":[]}')


def number_for_text() -> bytes:
    return _body(b"5")


def object_for_text() -> bytes:
    return _body(b"{}")


def text_for_object() -> bytes:
    return _json(b'{"baseBody":"fine"}')


def object_for_array() -> bytes:
    return _json(b'{"sections":{}}')


def text_for_flag() -> bytes:
    return _json(b'{"onlyVisibleForYou":"yes"}')


def not_a_number() -> bytes:
    return _body(b"NaN")


def no_unicode() -> bytes:
    return _body(b'"\xff\xfefine"')


def half_a_character() -> bytes:
    return _body(b'"\\ud800fine"')


def controls() -> bytes:
    return _body(b'"\\u0000\\u001b[31mfine"')


def raw_newline() -> bytes:
    return _body(b'"line\nfine"')


def time_without_zone() -> bytes:
    return _json(b'{"timestamp":"2024-05-01T12:00:00","baseBody":{"plaintext":"fine"}}')


def time_of_words() -> bytes:
    return _json(b'{"timestamp":"tomorrow","baseBody":{"plaintext":"fine"}}')


def time_is_number() -> bytes:
    return _json(b'{"timestamp":1714564800,"baseBody":{"plaintext":"fine"}}')


def deep() -> bytes:
    return _json(b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}")


def less_deep() -> bytes:
    return _json(b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}")


def deep_in_a_known_place() -> bytes:
    return _json(b'{"sections":' + b"[" * 200_000 + b"]" * 200_000 + b"}")


def deep_objects() -> bytes:
    return _json(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


def long_text() -> bytes:
    return _body(b'"' + b"x" * (30 * MIB) + b'"')


def long_key() -> bytes:
    return _json(b'{"' + b"k" * (8 * MIB) + b'":1,"baseBody":{"plaintext":"fine"}}')


def long_number() -> bytes:
    return _json(b'{"x":' + b"9" * MIB + b"}")


def thousand_sections() -> bytes:
    return _sections(1000)


def ten_thousand_sections() -> bytes:
    return _sections(10_000)


def million_sections() -> bytes:
    return _sections(1_000_000)


def _sections(count: int) -> bytes:
    return _json(
        b'{"baseBody":{"plaintext":"fine"},"sections":[' + b",".join([b"{}"] * count) + b"]}"
    )


def million_options() -> bytes:
    items = b",".join([b'{"name":"a","value":"b"}'] * 1_000_000)
    return _json(b'{"sections":[{"multiSelect":{"options":[' + items + b"]}}]}")


def million_items() -> bytes:
    items = b",".join([b'""'] * 3_000_000)
    return _json(b'{"sections":[{"bulletLists":[{"items":[' + items + b"]}]}]}")


def million_numbers() -> bytes:
    return _json(b'{"x":[' + b"1," * 3_000_000 + b"1]}")


def million_keys() -> bytes:
    return _json(b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}")


def json_in_a_code_block() -> bytes:
    """What kubectl get -o json may print: many braces, all of them in one text."""
    item = rb"{\"a\": [1, 2, {}]}, "
    return _json(b'{"baseBody":{"plaintext":"fine","codeBlock":"' + item * 300_000 + b'"}}')


# Streams of replies: output, and in the last the result.


def _result(message: bytes) -> bytes:
    return framed(field(2, field(1, message)))


def _output(text: bytes) -> bytes:
    return framed(field(1, text))


def result() -> bytes:
    return _output(b"working") + _result(MESSAGE)


def two_results() -> bytes:
    return _result(MESSAGE) + _result(b'{"baseBody":{"plaintext":"second"}}')


def output_behind_the_result() -> bytes:
    return _result(MESSAGE) + _output(b"late")


def no_result() -> bytes:
    return _output(b"working")


def nothing_at_all() -> bytes:
    return b""


def output_is_number() -> bytes:
    return framed(b"\x08\x05")


def result_is_number() -> bytes:
    return framed(b"\x10\x05")


def result_cut_off() -> bytes:
    return framed(b"\x12\x05\x0a\x7f")


def many_outputs() -> bytes:
    return _output(b"x") * 20_000 + _result(MESSAGE)


def empty_replies() -> bytes:
    return framed(b"") * 1000 + _result(MESSAGE)


# Streams of events.


def good_events() -> bytes:
    return framed(field(1, EVENT)) * 3


def one_bad_event() -> bytes:
    return framed(field(1, EVENT)) + framed(field(1, b"{")) + framed(field(1, EVENT))


def thousands_of_bad_events() -> bytes:
    return framed(field(1, EVENT)) + framed(field(1, b"[]")) * 20_000 + framed(field(1, EVENT))


def empty_events() -> bytes:
    return framed(b"") * 3


def event_cut_off() -> bytes:
    return framed(field(1, EVENT)) + framed(b"\x0a\x05a")


def event_of_another_shape() -> bytes:
    return framed(field(1, b'{"Message":[],"RawObject":{}}')) + framed(field(1, EVENT))


def labels_are_a_list() -> bytes:
    return framed(field(1, b'{"Message":{},"AnalyticsLabels":[1]}')) + framed(field(1, EVENT))


def number_beyond_all() -> bytes:
    event = b'{"Message":{},"RawObject":' + b"9" * 10_000 + b"}"
    return framed(field(1, event)) + framed(field(1, EVENT))


def deep_object() -> bytes:
    event = b'{"Message":{},"RawObject":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    return framed(field(1, event)) + framed(field(1, EVENT))


def event_of_a_million_sections() -> bytes:
    event = b'{"Message":{"sections":[' + b",".join([b"{}"] * 1_000_000) + b"]}}"
    return framed(field(1, event)) + framed(field(1, EVENT))


def unusable_length() -> bytes:
    return framed(field(1, EVENT)) + framed(b"", length=2**31)


def _over_the_limit() -> bytes:
    return b"\x0a" + varint(65 * MIB) + bytes(65 * MIB)


def event_over_the_limit() -> bytes:
    return framed(field(1, EVENT)) + framed(_over_the_limit())


ACTS: dict[str, Callable[[], bytes]] = {
    name: found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
}


def answering(act: str) -> Callable[[Conn, int], None]:
    """Answer a call with this message."""
    return lambda conn, stream: conn.reply(stream, ACTS[act]())


def streaming(act: str, *, end: bool) -> Callable[[Conn, int], None]:
    """Answer with these messages."""

    def act_(conn: Conn, stream: int) -> None:
        conn.headers(stream)
        conn.data(stream, ACTS[act]())
        if end:
            conn.trailers(stream)

    return act_
