"""The only error tree: a family for each thing that a caller can do about it.

The message names the thing, the rule and the mend, in one plain sentence, and
never contains a secret. Every family but the root may be raised as it is.
"""


class IpseError(Exception):
    """Root; never raised itself."""


class Malformed(IpseError):
    """Breaks a rule that anyone can check: drop it, blame the sender."""


class Refused(IpseError):
    """Well-formed, but a named policy says no: tell the asker which."""


class Unproven(IpseError):
    """A signature, quorum or proof is not there: keep nothing, wait or walk away."""


class Misbehaved(IpseError):
    """A named party broke the protocol: keep the evidence, publish it."""


class Unavailable(IpseError):
    """The world failed: try again later."""


class OutOfTurn(IpseError):
    """This event cannot happen in this state; the caller has a bug."""
