"""Where workers are placed: Ray, and all that is used of it.

    RayCluster(None, workers)       a Ray of this operator's own, on this machine
    RayCluster("host:port", ...)    a Ray cluster that runs already

Ray starts processes, on any machine of a cluster, and carries calls to them. Secret
values pass through it: rows and components that are noise to this operator, and seeds
of meetings. Its own connections are neither encrypted nor closed to others by default
(docs/threat-model.md, section 5), so a Ray of our own is given a token that is drawn at
its start; whoever joins a cluster guards it as its own machines. Nothing is reported
to anyone, and the dashboard stays away.

Ray is optional: `pip install 'ipse[workers]'`.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from ipse.ground.errors import IpseError, Unavailable
from ipse.net.reach import expect_listener
from ipse.operator.stripe import Post, Stripe

OBJECTS_BYTES: Final = 128 << 20
"""Shared memory for what is on its way to workers. Ray takes a third of the machine's
if nothing is said; four chunks of rows need 32 MiB."""

TOKEN_BYTES: Final = 32

WITHOUT_HEAD_S: Final = str(365 * 24 * 3_600)
"""Seconds, a year, for which Ray may miss its head node. After its own 60 it ends the
process that it is part of: this operator."""

_log = logging.getLogger(__name__)
P = ParamSpec("P")
Result = TypeVar("Result")


class RayPending(Generic[Result]):
    """What a worker was asked."""

    def __init__(self, ray: ModuleType, answer: object) -> None:
        """Wait for an object of Ray's."""
        self._ray = ray
        self._answer = answer

    def is_there(self, within_s: float) -> bool:
        """Wait until there is an answer, or it is known that there will be none."""
        ready, _ = self._ray.wait([self._answer], timeout=within_s)
        return bool(ready)

    def result(self, timeout_s: float) -> Result:
        """Wait for the answer.

        Raises: IpseError: the worker's own; or Unavailable: it is dead, or too slow.
        """
        errors = self._ray.exceptions
        try:
            found: Result = self._ray.get(self._answer, timeout=timeout_s)
        except errors.RayTaskError as fault:
            if isinstance(fault.cause, IpseError):
                raise fault.cause from None
            _log.exception("a worker met an unforeseen fault")
            raise Unavailable("A worker met an unforeseen fault.") from None
        except errors.GetTimeoutError:
            raise Unavailable("A worker is too slow.") from None
        except errors.RayError:
            raise Unavailable("A worker is dead.") from None
        return found


class RayHand:
    """A worker in a process that Ray started."""

    def __init__(self, ray: ModuleType, actor: Any) -> None:  # noqa: ANN401 (Ray's types are not read)
        """Take over an actor."""
        self._ray = ray
        self._actor = actor

    def ask(
        self,
        task: Callable[Concatenate[Stripe, P], Result],
        *given: P.args,
        **named: P.kwargs,
    ) -> RayPending[Result]:
        """Ask it for something, after all before."""
        answer = getattr(self._actor, task.__name__).remote(*given, **named)
        return RayPending(self._ray, answer)

    def dismiss(self) -> None:
        """End its process."""
        self._ray.kill(self._actor)


class RayCluster:
    """A cluster of Ray's: `ipse.operator.placing.Cluster`."""

    def __init__(self, address: str | None, workers: int | None, post: Post) -> None:
        """Start a Ray with as many workers, or join one; all posts are like `post`.

        Raises: Unavailable: there is no Ray, or it can't be reached.
        """
        if address is not None:
            expect_listener(address, "a Ray cluster")
        self._ray = _import_ray(is_own=address is None)
        self._post = post
        self._folder: str | None = None
        try:
            if address is None:
                self._folder = tempfile.mkdtemp(prefix="ipse-ray-")
                _start(self._ray, workers or 1, self._folder)
            else:
                _join(self._ray, address)
                self._post = replace(post, host="")
        except BaseException as fault:
            self.close()
            if type(fault) is not Exception and not isinstance(fault, _RAYS):
                raise
            raise Unavailable(
                f"Ray can't be had ({_first_line(fault)}): try again, look at its "
                "address, or start the operator without workers."
            ) from fault
        self.size = workers or max(1, int(self._ray.cluster_resources()["CPU"]))
        self._place = self._ray.remote(num_cpus=1, max_restarts=0)(_Placed)

    def place(self, number: int) -> RayHand:
        """Start a worker's process, on whichever machine has room."""
        spread = self._place.options(scheduling_strategy="SPREAD")
        return RayHand(self._ray, spread.remote(replace(self._post, number=number)))

    def close(self) -> None:
        """End all workers, and a Ray of our own."""
        self._ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class _Placed(Stripe):
    """A worker that finds out where it is, if nobody said where to listen."""

    def __init__(self, post: Post) -> None:
        if not post.host:
            host = str(import_module("ray.util").get_node_ip_address())
            post = replace(post, host=f"[{host}]" if ":" in host else host)
        super().__init__(post)


def _import_ray(*, is_own: bool) -> ModuleType:
    """Import Ray, which reads its settings from the environment as it is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", WITHOUT_HEAD_S)
    if is_own:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", os.urandom(TOKEN_BYTES).hex())
    try:
        return import_module("ray")
    except ImportError:
        raise Unavailable(
            "Workers need Ray, which is not installed: pip install 'ipse[workers]', "
            "or start the operator without workers."
        ) from None


def _first_line(fault: BaseException) -> str:
    lines = str(fault).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(fault).__name__


def _start(ray: ModuleType, workers: int, folder: str) -> None:
    ray.init(
        address="local",
        num_cpus=workers,
        num_gpus=0,
        object_store_memory=OBJECTS_BYTES,
        _temp_dir=folder,
        _node_ip_address="127.0.0.1",
        **_QUIET,
    )


def _join(ray: ModuleType, address: str) -> None:
    ray.init(address=address, **_QUIET)


_RAYS: Final = (ConnectionError, RuntimeError, ValueError, TimeoutError)
"""What Ray raises where it can't start or be reached, beside bare exceptions."""

_QUIET: Final[dict[str, Any]] = {
    "include_dashboard": False,
    "configure_logging": False,
    "log_to_driver": False,
}
