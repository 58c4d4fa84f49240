"""An operator's keys are drawn once, kept together, and never shown."""

import pickle
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ipse.crypto import hpke, signature
from ipse.ground.errors import Malformed, Refused, Unavailable, Unproven
from ipse.ground.names import Instant, OperatorId
from ipse.keys import durable
from ipse.keys.operator import (
    KEYRING,
    KEYRING_FILE,
    TLS_FILE,
    draw_keyring,
    load_keyring,
    save_keyring,
)
from ipse.wire.charter import OPERATOR_ENTRY
from ipse_lab.examples import keyrings
from ipse_lab.fakes import CountedEntropy

DICE = CountedEntropy("keyring")
FIRST, SECOND, _ = keyrings()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "keys"
    save_keyring(FIRST, directory, DICE)
    return directory


def test_what_is_kept_is_found_again(directory: Path) -> None:
    assert load_keyring(directory) == FIRST


def test_only_the_operator_may_read_its_keys(directory: Path) -> None:
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {path.name for path in directory.iterdir()} == {KEYRING_FILE, TLS_FILE}
    for path in directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_are_never_overwritten(directory: Path) -> None:
    with pytest.raises(Refused, match="already, and they are not overwritten"):
        save_keyring(SECOND, directory, DICE)
    assert load_keyring(directory) == FIRST
    assert [path.name for path in directory.parent.iterdir()] == ["keys"]


def test_keys_that_cannot_be_written_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Cannot write keys"):
        save_keyring(FIRST, tmp_path / "nowhere" / "keys", DICE)
    assert not list(tmp_path.iterdir())


def test_keys_that_are_not_there_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"Cannot read keyring\.cbor"):
        load_keyring(tmp_path)


@pytest.mark.parametrize("name", [KEYRING_FILE, TLS_FILE])
def test_keys_that_others_may_read_are_not_used(directory: Path, name: str) -> None:
    (directory / name).chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        load_keyring(directory)


@pytest.mark.parametrize("name", [KEYRING_FILE, TLS_FILE])
def test_damaged_keys_are_not_used(directory: Path, name: str) -> None:
    whole = (directory / name).read_bytes()
    for damaged in (whole[:-1], whole + b"\n", b"", whole[:100] + whole[101:]):
        durable.replace(directory / name, damaged, DICE)
        with pytest.raises(Malformed):
            load_keyring(directory)


def test_files_of_two_operators_do_not_mix(directory: Path, tmp_path: Path) -> None:
    save_keyring(SECOND, tmp_path / "other", DICE)
    (tmp_path / "other" / TLS_FILE).replace(directory / TLS_FILE)
    with pytest.raises(Malformed, match="differ"):
        load_keyring(directory)


def test_a_certificate_of_another_key_makes_no_keyring() -> None:
    with pytest.raises(Malformed, match="another key"):
        replace(FIRST, certificate=SECOND.certificate)


@pytest.mark.parametrize("name", KEYRING.fields)
def test_no_keyring_exists_with_a_field_of_another_kind(name: str) -> None:
    with pytest.raises(Malformed, match=f"{name} must"):
        replace(FIRST, **{name: None})  # type: ignore[arg-type]  # that is the point


def test_the_same_dice_draw_the_same_keys_and_others_others() -> None:
    def draw(name: str) -> bytes:
        dice, now = CountedEntropy(name), Instant(0)
        return KEYRING.encode(draw_keyring("example", OperatorId(1), dice, now))

    assert draw("a") == draw("a")
    assert draw("a") != draw("b")


def test_the_charter_says_what_the_keyring_does() -> None:
    entry = FIRST.entry("First", "localhost:1", "https://localhost:2")
    assert OPERATOR_ENTRY.decode(OPERATOR_ENTRY.encode(entry)) == entry
    signed = FIRST.sign("tag", b"message")
    signature.verify(entry.signing_key, signed, "tag", b"message")
    note = FIRST.sign_note(b"a note\n")
    signature.verify_text(entry.log_key, note, b"a note\n")
    assert entry.log_origin == "ipse/example/1"
    box = hpke.seal(entry.sealing_key, b"info", b"plain")
    assert FIRST.unseal(b"info", box) == b"plain"
    with pytest.raises(Unproven):
        SECOND.unseal(b"info", box)


def test_a_keyring_does_not_show_itself_and_is_not_pickled() -> None:
    assert repr(FIRST) == "<OperatorKeyring: secret>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(FIRST)


def test_private_keys_are_not_in_what_is_handed_out() -> None:
    entry = OPERATOR_ENTRY.encode(
        FIRST.entry("First", "localhost:1", "https://localhost:2")
    )
    private = (FIRST.sealing_private[:64], FIRST.tls_private)
    for secret in (FIRST.signing_seed, FIRST.log_seed, *private):
        assert secret not in entry
