"""The status paths: `/healthz` with the body that probes of the original know, `/livez`, `/readyz`,
`/metrics`.
"""

from botkube.app.build import Plan
from botkube.app.status import Board, Part
from botkube.model.errors import StorageError
from botkube.runtime.metrics import CONTENT_TYPE
from botkube.store import outbox
from botkube.web.doors import plainly
from botkube.web.http import Answer, Handler, Request, Response, as_json

WORDS = {"ready": "Running", "parked": "Deactivated"}


def health_routes(board: Board, plan: Plan) -> dict[str, Handler]:
    """The handlers of the status paths."""

    def healthz(_request: Request) -> Answer:
        return as_json(_health(board, plan), 200 if board.phase == "started" else 503)

    def livez(_request: Request) -> Answer:
        return as_json({"status": "ok"})

    def readyz(_request: Request) -> Answer:
        parts = {name: part.shown() for name, part in sorted(board.parts().items())}
        ready = board.ready()
        return as_json({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def metrics(_request: Request) -> Answer:
        await _measure(board, plan)
        return Response(body=board.metrics.render(), content_type=CONTENT_TYPE)

    return {
        "/healthz": plainly(healthz),
        "/livez": plainly(livez),
        "/readyz": plainly(readyz),
        "/metrics": metrics,
    }


def _health(board: Board, plan: Plan) -> dict[str, object]:
    parts = board.parts()
    return {
        "botkube": {"status": "Healthy" if board.phase == "started" else "Unhealthy"},
        "plugins": _plugins(board, plan),
        "platforms": {
            name.partition(":")[2]: _platform(part)
            for name, part in parts.items()
            if name.startswith(("platform:", "sink:"))
        },
    }


def _plugins(board: Board, plan: Plan) -> dict[str, object]:
    """By configuration group, as probes know it; of several plugins in one the worst is shown."""
    threshold = plan.config.plugins.restart_policy.limit
    found: dict[str, dict[str, object]] = {}
    for binding in plan.bindings:
        part = board.plugin_part(plan, binding)
        if part is None or not binding.enabled:
            found.setdefault(binding.group, {"status": "Running", "restarts": f"0/{threshold}"})
        elif binding.group not in found or part.state != "ready":
            status = WORDS.get(part.state, "Restarting")
            restarts = f"{part.restarts}/{threshold}"
            found[binding.group] = {"enabled": True, "status": status, "restarts": restarts}
    return dict(found)


def _platform(part: Part) -> dict[str, str]:
    if part.state == "ready":
        return {"status": "Healthy", "restarts": "0/0"}
    reason = {"reason": "Connection error", "errorMsg": part.reason}
    return {"status": "Unhealthy", "restarts": "0/0", **reason}


async def _measure(board: Board, plan: Plan) -> None:
    """Bring the gauges up to date; they cost nothing while nobody asks."""
    metrics = board.metrics
    for name, part in board.parts().items():
        kind, _, rest = name.partition(":")
        if kind == "plugin":
            metrics.plugin_up.labels(rest).set(part.state == "ready")
        elif kind in {"platform", "sink"}:
            metrics.connection_up.labels(rest).set(part.state == "ready")
    if board.database is None:
        return
    try:
        depths = await board.database.read(outbox.depths)
    except StorageError:
        return  # the last values stay; /readyz says what is wrong
    now = board.wall()
    for target in plan.targets:
        depth = depths.get(target, outbox.Depth(0, now))
        metrics.outbox_depth.labels(target).set(depth.waiting)
        metrics.outbox_oldest.labels(target).set(max(now - depth.oldest, 0))
