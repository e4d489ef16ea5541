"""What a plugin may do to its connection: the host lives, says in one line who and why, and others go on."""

import pytest
import trio

from botkube.model.errors import PluginRefused, PluginUnavailable
from botkube.plugins.life import Timing
from botkube.wire.errors import CallError
from botkube.wire.messages import StreamRequest
from tests.fakes.plugins.hostile import ENDING, HASTY, PATIENT, Ordeal, hostile

pytestmark = pytest.mark.real

BROKEN = "the connection to the plugin is lost: it broke HTTP/2: "
CLOSED = "the connection to the plugin is lost: the connection was closed"
MUTE = "the plugin did not answer its first health check within 5 s"
STOPPED = "the fake/bad plugin stopped while it ran your command: "
UNUSABLE = "the answer of the fake/bad plugin cannot be used: "

AT_ONCE = {
    "garbage": BROKEN,
    "http1": BROKEN + "it answers in HTTP/1",
    "client_preface": BROKEN + "Received overlong frame",
    "tls_alert": BROKEN + "Received overlong frame",
    "silence": MUTE,
    "hang_up": CLOSED,
    "no_settings": MUTE,
    "settings_window_too_large": BROKEN + "Setting 4 has invalid value 2147483648",
    "settings_frame_size_zero": BROKEN + "Setting 5 has invalid value 0",
    "settings_cut": BROKEN,
    "settings_on_a_stream": BROKEN,
    "settings_ack_with_payload": BROKEN,
    "settings_push": BROKEN + "Setting 2 has invalid value 7",
    "no_streams": MUTE,
    "no_window": MUTE,
}


@pytest.mark.parametrize("act", AT_ONCE)
async def test_one_that_does_not_speak_http2(ordeal: Ordeal, act: str) -> None:
    timing = HASTY if AT_ONCE[act] == MUTE else PATIENT
    async with ordeal.bad(hostile("frames", "connect", act), timing):
        assert (await ordeal.fallen()).startswith(AT_ONCE[act])


FLOOD = "a flood of frames that carry nothing"
IN_USE = {
    "oversize": "Received overlong frame: length 1048576, max 16384",
    "oversize_announced": "Received overlong frame: length 16777215, max 16384",
    "settings_flood": FLOOD,
    "ping_flood": FLOOD,
    "empty_data_flood": FLOOD,
    "window_flood": FLOOD,
    "goaway_short": "Frame data missing",
    "window_overflow": "May not increment flow control window past 2147483647",
    "window_of_nothing": "Received frame with non-compliant data",
    "window_settings_overflow": "May not increment flow control window past 2147483647",
    "push_promise": "Received pushed stream",
    "continuation_flood": "Too many continuation frames",
    "huge_header": "Too many continuation frames",
    "naked_continuation": "Invalid input StreamInputs.RECV_CONTINUATION",
    "torn_headers": "Invalid frame during header block",
    "hpack_bomb": "Oversized header block",
    "hpack_bad_index": "Invalid table index",
    "hpack_huge_table": "exceeded max allowable table size",
    "data_on_stream_zero": "Stream ID must be non-zero",
    "data_on_an_idle_stream": "a frame for stream 9999, which was never opened",
    "bad_padding": "Received frame with invalid padding",
    "data_before_headers": "cannot receive data before headers",
    "headers_twice": "Trailers must have END_STREAM set",
}


@pytest.mark.parametrize("act", IN_USE)
async def test_one_that_breaks_http2_during_a_call(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("frames", "Execute", act)):
        with trio.fail_after(100), pytest.raises(PluginUnavailable) as caught:
            await ordeal.ask()
        assert str(caught.value).startswith(STOPPED + BROKEN)
        assert IN_USE[act] in str(caught.value)
        assert (await ordeal.fallen()).startswith(BROKEN)


LOST = {
    "cut_frame": CLOSED,
    "goaway_error": "the connection to the plugin is lost: it closed the connection: ENHANCE_YOUR_CALM too_many_pings",
    "half_closed": CLOSED,
    "exits": "the plugin exited with code 7",
    "freezes": "the plugin did not answer a health check within 5 s",
}


@pytest.mark.parametrize("act", LOST)
async def test_one_whose_connection_ends(ordeal: Ordeal, act: str) -> None:
    timing = {"exits": ENDING, "freezes": HASTY}.get(act, PATIENT)
    async with ordeal.bad(hostile("frames", "Execute", act), timing):
        if act == "half_closed":
            await ordeal.ask()
        else:
            with (
                trio.fail_after(100),
                pytest.raises(PluginUnavailable, match="fake/bad plugin stopped"),
            ):
                await ordeal.ask()
        assert await ordeal.fallen() == LOST[act]


ERRORS: dict[str, tuple[type[Exception], str]] = {
    "stream_window_overflow": (PluginUnavailable, UNUSABLE + "the call was broken off (FLOW_CON"),
    "goaway_rising": (
        PluginUnavailable,
        STOPPED + "the connection to it is lost: stream refused: the peer is going away",
    ),
    "no_trailers": (PluginUnavailable, UNUSABLE + "Missing grpc-status header"),
    "trailers_only": (PluginRefused, "no such luck"),
    "no_status": (PluginUnavailable, UNUSABLE + "Missing grpc-status header"),
    "status_zero_without_message": (PluginUnavailable, UNUSABLE + "no message"),
    "status_99": (PluginUnavailable, UNUSABLE + "Invalid grpc-status: '99'"),
    "status_of_letters": (PluginUnavailable, UNUSABLE + "Invalid grpc-status: 'well'"),
    "text_with_controls": (PluginRefused, "red \nline two %zz"),
    "text_of_a_megabyte": (PluginRefused, "x" * 32_768 + "… (cut)"),
    "http_404": (PluginUnavailable, UNUSABLE + "HTTP status '404'"),
    "no_http_status": (PluginUnavailable, UNUSABLE + "HTTP status ''"),
    "gzip_flag": (PluginUnavailable, UNUSABLE + "compressed messages are not supported"),
    "length_lies": (PluginUnavailable, UNUSABLE + "the stream ended inside a message"),
    "length_of_4_gib": (PluginUnavailable, UNUSABLE + "message of 4294967295 bytes over the limit"),
    "message_over_the_limit": (PluginUnavailable, UNUSABLE + "message of 68157445 bytes over"),
    "two_answers": (PluginUnavailable, UNUSABLE + "several messages where one belongs"),
    "reset_refused": (PluginUnavailable, UNUSABLE + "the call was broken off (REFUSED_STREAM)"),
    "reset_calm": (PluginUnavailable, UNUSABLE + "the call was broken off (ENHANCE_YOUR_CALM)"),
    "reset_unknown": (PluginUnavailable, UNUSABLE + "the call was broken off (code 2147483647)"),
}


@pytest.mark.parametrize("act", ERRORS)
async def test_an_answer_that_is_none_fails_that_call_only(ordeal: Ordeal, act: str) -> None:
    kind, text = ERRORS[act]
    async with ordeal.bad(hostile("frames", "Execute", act)):
        with trio.fail_after(100), pytest.raises(kind) as caught:
            await ordeal.ask()
        assert str(caught.value).startswith(text)
        await ordeal.works()
    assert not ordeal.complaints()


@pytest.mark.parametrize(
    "act",
    ["unknown_frames", "informational", "two_http_statuses", "odd_headers", "data_after_the_end", "drip",
     "reset_behind_the_answer"],
)  # fmt: skip
async def test_what_is_merely_odd_is_taken(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("frames", "Execute", act)):
        await ordeal.works()
        await ordeal.works()
    assert not ordeal.complaints()


@pytest.mark.parametrize(
    "act", ["never", "goaway_storm", "headers_of_a_request", "switching_protocols", "too_much_for_the_window"]
)  # fmt: skip
async def test_no_answer_is_waited_for_as_long_as_the_caller_likes(
    ordeal: Ordeal, act: str
) -> None:
    async with ordeal.bad(hostile("frames", "Execute", act)):
        await ordeal.rig.slots["bad"].lease()
        with trio.move_on_after(1) as scope:
            await ordeal.ask()
        assert scope.cancelled_caught
        await ordeal.works()
    assert not ordeal.complaints()


async def test_resets_without_end_are_a_flood_too(ordeal: Ordeal) -> None:
    async with ordeal.bad(hostile("frames", "Execute", "rst_flood")):
        with pytest.raises(PluginUnavailable):
            await ordeal.ask()
        assert await ordeal.fallen() == BROKEN + FLOOD


@pytest.mark.parametrize(
    ("method", "act", "why"),
    [
        ("Check", "http_404", "the plugin failed its health check: UNIMPLEMENTED: HTTP status '404'"),
        ("Check", "trailers_only", "the plugin failed its health check: UNKNOWN: no such luck"),
        ("Check", "never", MUTE),
        ("Check", "reset_refused", "the connection to the plugin is lost: the call was broken off (REFUSED_STREAM)"),
        ("StreamStdio", "trailers_only", "the connection to the plugin is lost: no such luck"),
        ("StreamStdio", "gzip_flag", "the connection to the plugin is lost: compressed messages are not supported"),
        ("StreamStdio", "length_of_4_gib", "the connection to the plugin is lost: message of 4294967295 bytes"),
        ("StreamStdio", "no_trailers", "the connection to the plugin is lost: Missing grpc-status header"),
    ],
)  # fmt: skip
async def test_services_that_every_plugin_has(
    ordeal: Ordeal, method: str, act: str, why: str
) -> None:
    async with ordeal.bad(hostile("frames", method, act), HASTY if why == MUTE else PATIENT):
        assert (await ordeal.fallen()).startswith(why)


async def test_health_that_stops_answering_later(ordeal: Ordeal) -> None:
    timing = Timing(
        start=60, health_interval=0.1, health_deadline=0.2, stop_grace=0.2, last_gasp=0.05
    )
    async with ordeal.bad(hostile("frames", "ready", "freezes"), timing):
        assert await ordeal.fallen() == "the plugin did not answer a health check within 0.2 s"


async def test_more_than_the_window_takes_breaks_the_connection(ordeal: Ordeal) -> None:
    async with ordeal.bad(hostile("frames", "Stream", "more_than_the_window")):
        client = await ordeal.rig.slots["bad"].lease()
        async with client.stream(StreamRequest()) as events:
            why = await ordeal.fallen()
            with pytest.raises(CallError, match="UNAVAILABLE: it broke HTTP/2"):
                async for _ in events:
                    pass
    assert why == BROKEN + "Flow control window shrunk below 0"


@pytest.mark.parametrize("act", ["never", "exits", "trailers_only"])
async def test_a_stop_is_bounded_whatever_shutdown_does(ordeal: Ordeal, act: str) -> None:
    async with ordeal.bad(hostile("frames", "Shutdown", act)):
        await ordeal.works()
        began = trio.current_time()
    assert trio.current_time() - began < 30
    assert not ordeal.complaints()
