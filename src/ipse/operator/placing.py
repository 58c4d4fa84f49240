"""What a crew asks of whatever runs its workers.

Cluster    starts workers         Ray (`ipse.operator.cluster`), threads (`ipse_lab`)
Hand       one worker             is asked for what a `Stripe` does
Pending    one answer to come
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from ipse.operator.stripe import Stripe

P = ParamSpec("P")
Result = TypeVar("Result")
Coming_co = TypeVar("Coming_co", covariant=True)


class Pending(Protocol[Coming_co]):
    """What a worker was asked, and has not answered yet."""

    def is_there(self, within_s: float) -> bool:
        """Wait until there is an answer, or it is known that there will be none."""
        ...

    def result(self, timeout_s: float) -> Coming_co:
        """Wait for the answer.

        Raises: IpseError: the worker's own; or Unavailable: it is dead, or too slow.
        """
        ...


class Hand(Protocol):
    """A worker that was placed."""

    def ask(
        self,
        task: Callable[Concatenate[Stripe, P], Result],
        *given: P.args,
        **named: P.kwargs,
    ) -> Pending[Result]:
        """Ask it for one of the things that a `Stripe` does, after all before."""
        ...

    def dismiss(self) -> None:
        """End it, whatever it does."""
        ...


class Cluster(Protocol):
    """Where workers are placed."""

    def place(self, number: int) -> Hand:
        """Start a worker. Returns at once; the worker answers when it is there.

        Raises: Unavailable: there is no cluster.
        """
        ...

    def close(self) -> None:
        """End all workers."""
        ...
