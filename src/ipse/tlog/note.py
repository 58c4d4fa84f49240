"""Notes: a text, and the signatures of keys that have names.

    the text, whose last line is ended
                                             an empty line
    — KEY-NAME base64(key id ‖ signature)    one line for each signature

A key's id is the first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ key): it tells one
key of a name from another, and proves nothing. So one Ed25519 key serves as two keys,
one of each kind, without anybody taking the word of one for that of the other.

Nothing is believed here: whoever has a key calls `note_key.verify`.

Source: c2sp.org/signed-note. Specification: docs/spec/log.md, section 2.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ipse.crypto import signature
from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.lines import read_bytes, read_text, write_bytes

NOTE_BYTES: Final = 16_384
"""Bytes of a note: three lines, and signatures as many as any reader must take."""

SIGNATURES: Final = 16
"""Signatures that a note may have: what c2sp.org/signed-note asks a reader to take."""

SIGNED_BYTES: Final = 4_096
"""Bytes of one signature: ML-DSA-44 has 2,420, which others may use."""

NAME: Final = 255
"""Characters of a key's name."""

ID_BYTES: Final = 4
_DASH: Final = "\u2014"


class Kind(IntEnum):
    """What a key's signature says: the byte that its id is computed with."""

    LOG = 0x01  # this is my text
    WITNESS = 0x04  # I saw this log grow up to here, and no other


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with a name: `NAME+ID in hex+base64(kind ‖ key)`."""

    name: str  # no space, no plus
    kind: Kind
    key: bytes  # 32 bytes, Ed25519

    def __post_init__(self) -> None:
        """Check the name, and that the key can prove something."""
        check_name(self.name)
        signature.check_key(self.key)

    @property
    def id(self) -> bytes:
        """The 4 bytes that stand before each of this key's signatures."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.key
        return hashlib.sha256(named).digest()[:ID_BYTES]

    def spell(self) -> str:
        """Write the key as others configure it."""
        content = write_bytes(bytes([self.kind]) + self.key)
        return f"{self.name}+{self.id.hex()}+{content}"

    def verify(self, proof: bytes, text: bytes) -> None:
        """Return if the signature is this key's over a text. Raises: Unproven."""
        try:
            signature.verify_text(self.key, proof, text)
        except Unproven:
            raise Unproven(f"The signature of {self.name} does not hold.") from None


def read_key(text: str) -> NoteKey:
    """Read a key as others configure it. Raises: Malformed: another spelling."""
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 (name, id, key)
        raise Malformed("A key is spelled NAME+ID+KEY.")
    content = read_bytes("The key of a note", parts[2])
    try:
        kind = Kind(content[0])
    except (IndexError, ValueError):
        raise Malformed("The key is of a kind that is not used here.") from None
    key = NoteKey(parts[0], kind, content[1:])
    if key.spell() != text:
        raise Malformed(f"The id of key {key.name} is not that of its name and bytes.")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note: who is said to have signed, and with what."""

    name: str
    id: bytes  # 4 bytes
    proof: bytes  # as the kind of key asks

    def __post_init__(self) -> None:
        """Check what can be checked without the key."""
        check_name(self.name)
        if len(self.id) != ID_BYTES or not 1 <= len(self.proof) <= SIGNED_BYTES:
            raise Malformed(f"The signature of {self.name} has a wrong length.")

    def is_by(self, key: NoteKey) -> bool:
        """Say whether this claims to be a key's."""
        return (self.name, self.id) == (key.name, key.id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and what stands under it: not checked yet."""

    text: bytes  # ended
    signatures: tuple[Signature, ...]  # at least one

    def by(self, key: NoteKey) -> tuple[Signature, ...]:
        """Return the signatures that claim to be a key's."""
        return tuple(one for one in self.signatures if one.is_by(key))


def write_note(note: Note) -> bytes:
    """Write a note."""
    return note.text + b"\n" + b"".join(map(write_signature, note.signatures))


def write_signature(signed: Signature) -> bytes:
    """Write one line under a note."""
    return f"{_DASH} {signed.name} {write_bytes(signed.id + signed.proof)}\n".encode()


def read_note(content: bytes) -> Note:
    """Read a note. Raises: Malformed: naming the first rule broken."""
    text = read_text("A note", content, NOTE_BYTES)
    body, divided, under = text.rpartition("\n\n")
    if not divided or not body:
        raise Malformed("A note is a text, an empty line, and signatures.")
    return Note(f"{body}\n".encode(), read_signatures(under))


def read_signatures(text: str) -> tuple[Signature, ...]:
    """Read the lines under a note. Raises: Malformed."""
    *lines, rest = text.split("\n")
    if rest or not 1 <= len(lines) <= SIGNATURES:
        raise Malformed(f"A note has 1 to {SIGNATURES} signatures, each line ended.")
    return tuple(map(_read_signature, lines))


def _read_signature(line: str) -> Signature:
    match line.split(" "):
        case [dash, name, encoded] if dash == _DASH:
            content = read_bytes(f"The signature of {name}", encoded)
            return Signature(name, content[:ID_BYTES], content[ID_BYTES:])
        case _:
            raise Malformed("A signature's line is: em dash, name, base64.")


def check_name(name: str) -> None:
    """Return if a key can have this name. Raises: Malformed."""
    is_plain = name.isprintable() and "+" not in name and name.split() == [name]
    if not is_plain or len(name) > NAME:
        raise Malformed(
            f"A key's name has 1 to {NAME} characters, none of them a space or a plus."
        )
