"""What must not be printed or pickled says so by its base class.

A value that holds key material, or a share, derives from Secret. It can still be
compared and passed on; whoever wants its bytes must name the field. Python gives
no way to wipe memory, so nothing here claims to.
"""

from typing import NoReturn


class Secret:
    """Base of every value whose content must not reach a log, a file or a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Name the type, and nothing that is in it."""
        return f"<{type(self).__name__}: secret>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: a secret has no second spelling."""
        raise TypeError(f"A {type(self).__name__} is secret and is never pickled.")
