"""What of a checkpoint can be believed, in numbered steps.

    check_signed      (1) a note  (2) a checkpoint  (3) of this log  (4) signed by it
    check_cosigned    and (5) signed by nobody else but (6) all of its witnesses

A log's word alone says what it chose to show us. That two others, who refuse a log that
shrinks or forks, signed the same root says that it shows everybody the same.

C2SP tells readers to skip signatures of keys that they don't know. A charter names
every key that may sign, so step 5 is stricter: no bit of a checkpoint goes unread.

Specification: docs/spec/log.md, section 7.
"""

from dataclasses import dataclass

from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.checkpoint import Checkpoint, read_checkpoint
from ipse.tlog.cosignature import Seconds, check_cosignature
from ipse.tlog.note import Kind, Note, NoteKey, Signature, read_note


@dataclass(frozen=True, slots=True)
class Log:
    """A log as a charter presents it: its name, its key, and who watches it."""

    origin: str
    key: NoteKey
    witnesses: tuple[NoteKey, ...]

    def __post_init__(self) -> None:
        """Check that each key is of its kind."""
        if self.key.kind is not Kind.LOG or any(
            one.kind is not Kind.WITNESS for one in self.witnesses
        ):
            raise Malformed("A log signs as a log, and its witnesses as witnesses.")


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that its log signed. Made by `check_signed` alone."""

    checkpoint: Checkpoint
    note: Note
    line: Signature  # the log's own


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint that all witnesses cosigned. Made by `check_cosigned` alone."""

    signed: SignedCheckpoint
    at: tuple[Seconds, ...]  # when each witness did, in their order


def check_signed(content: bytes, log: Log) -> SignedCheckpoint:
    """Check that a note is a checkpoint of this log, signed by it.

    Raises: Malformed, Unproven: naming what is wrong with it.
    """
    # (1) it is a note, (2) whose text is a checkpoint
    note = read_note(content)
    checkpoint = read_checkpoint(note.text)
    # (3) of this log
    if checkpoint.origin != log.origin:
        raise Unproven(
            f"This is a checkpoint of {checkpoint.origin}, and not of {log.origin}."
        )
    # (4) which signed it; a signature in its name that does not hold spoils the note
    signed = note.by(log.key)
    if not signed:
        raise Unproven(f"The checkpoint of {log.origin} is not signed by its log.")
    for one in signed:
        log.key.verify(one.proof, note.text)
    return SignedCheckpoint(checkpoint, note, signed[0])


def check_cosigned(content: bytes, log: Log) -> CosignedCheckpoint:
    """Check that all who watch this log saw this checkpoint of it.

    Raises: Malformed, Unproven: naming what is wrong with it.
    """
    signed = check_signed(content, log)
    # (5) nobody else signed it, and nobody twice
    known = (log.key, *log.witnesses)
    for one in signed.note.signatures:
        if not any(one.is_by(key) for key in known):
            raise Unproven(
                f"The checkpoint of {log.origin} is signed by {one.name} with key "
                f"{one.id.hex()}, which the charter does not name."
            )
    if len(signed.note.signatures) > len(known):
        raise Unproven(f"A key signed the checkpoint of {log.origin} twice.")
    # (6) each witness cosigned it
    return CosignedCheckpoint(
        signed,
        tuple(check_witness(signed, witness) for witness in log.witnesses),
    )


def check_witness(signed: SignedCheckpoint, witness: NoteKey) -> Seconds:
    """Return when a witness cosigned. Raises: Unproven: it did not."""
    lines = signed.note.by(witness)
    if not lines:
        raise Unproven(
            f"{witness.name} did not cosign the checkpoint of "
            f"{signed.checkpoint.origin}: what it shows you may not be what it shows "
            "others."
        )
    return max(check_cosignature(line, signed.note.text, witness) for line in lines)
