"""A checkpoint counts once its log and every witness signed it, and nobody else."""

import pytest

from ipse.ground.errors import IpseError, Malformed, Unproven
from ipse.tlog.note import Note, read_note, write_note
from ipse.tlog.trust import Log, check_cosigned, check_signed
from ipse_lab.logs import AT, MemoryLog, cosigned_by, key_of, log_of, numbered

LOG = MemoryLog(entries=numbered(5))
TEXT = read_note(LOG.note()).text
BOTH = [cosigned_by(name, TEXT) for name in ("example/2", "example/3")]


def test_a_checkpoint_that_both_witnesses_saw_counts() -> None:
    checked = check_cosigned(LOG.cosigned(), LOG.log)
    assert checked.signed.checkpoint == LOG.checkpoint()
    assert checked.at == (AT, AT)


def test_the_order_of_the_signatures_says_nothing() -> None:
    note = read_note(LOG.cosigned())
    turned = write_note(Note(note.text, note.signatures[::-1]))
    assert check_cosigned(turned, LOG.log).signed.checkpoint == LOG.checkpoint()


@pytest.mark.parametrize("missing", [0, 1])
def test_a_witness_that_is_missing_is_named(missing: int) -> None:
    line = BOTH[1 - missing]
    with pytest.raises(Unproven, match=f"example/{missing + 2} did not cosign"):
        check_cosigned(LOG.note(line), LOG.log)


def test_one_witness_twice_is_not_two() -> None:
    later = cosigned_by("example/2", TEXT, AT + 1)
    with pytest.raises(Unproven, match="example/3 did not cosign"):
        check_cosigned(LOG.note(BOTH[0], later), LOG.log)
    with pytest.raises(Unproven, match="twice"):
        check_cosigned(LOG.note(*BOTH, later), LOG.log)


def test_a_key_that_the_charter_does_not_name_is_named() -> None:
    stranger = cosigned_by("stranger/9", TEXT)
    with pytest.raises(Unproven, match=r"stranger/9 with key .* does not name"):
        check_cosigned(LOG.note(BOTH[0], stranger), LOG.log)


def test_a_witness_s_name_with_another_key_is_a_stranger() -> None:
    other = Log("example/1", key_of("example/1"), log_of("example/3").witnesses[:1])
    with pytest.raises(Unproven, match="example/3 with key"):
        check_cosigned(LOG.cosigned(), other)


def test_a_log_that_did_not_sign_is_told_so() -> None:
    note = Note(TEXT, tuple(BOTH))
    with pytest.raises(Unproven, match="not signed by its log"):
        check_signed(write_note(note), LOG.log)


def test_another_log_s_checkpoint_is_not_this_one_s() -> None:
    with pytest.raises(Unproven, match="of example/2, and not of example/1"):
        check_signed(MemoryLog("example/2").note(), LOG.log)


def test_every_bit_of_a_cosigned_checkpoint_counts() -> None:
    good = LOG.cosigned()
    for place in range(len(good)):
        for bit in range(8):
            changed = bytearray(good)
            changed[place] ^= 1 << bit
            with pytest.raises(IpseError):
                check_cosigned(bytes(changed), LOG.log)


def test_a_key_stands_for_its_kind() -> None:
    log = log_of()
    with pytest.raises(Malformed, match="witnesses as witnesses"):
        Log("example/1", log.key, (key_of("example/2"),))
    with pytest.raises(Malformed, match="signs as a log"):
        Log("example/1", log.witnesses[0], ())
