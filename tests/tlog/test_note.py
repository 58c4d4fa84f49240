"""Notes have one spelling, and a key signs for its own name and kind alone."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.signing import Vkey

from ipse.crypto import signature
from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.note import (
    SIGNATURES,
    Kind,
    Note,
    NoteKey,
    Signature,
    read_key,
    read_note,
    write_note,
    write_signature,
)
from ipse_lab.arbitrary import mutated
from ipse_lab.logs import key_of, seed_of

GO = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
LINE = Signature("a/b", b"1234", b"proof")
NOTE = Note(b"a text\n\nof three lines\n", (LINE,))
names = st.text("aZ09/.-\u00e9\u4e2d", min_size=1, max_size=9)
lines = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1)
)
notes = st.builds(
    Note,
    st.text("ab \n\u2014\u00e9", min_size=1).map(lambda text: f"{text}.\n".encode()),
    st.lists(lines, min_size=1, max_size=SIGNATURES).map(tuple),
)


def test_the_key_of_the_go_checksum_database_is_read() -> None:
    key = read_key(GO)
    assert (key.name, key.kind, key.spell()) == ("sum.golang.org", Kind.LOG, GO)


@pytest.mark.parametrize("kind", Kind)
def test_a_key_is_spelled_as_another_implementation_does(kind: Kind) -> None:
    key = key_of("example/1", kind)
    assert Vkey(key.name, None, kind, key.key).serialize() == key.spell()
    assert read_key(key.spell()) == key


def test_one_key_of_two_kinds_has_two_ids() -> None:
    assert key_of("a").id != key_of("a", Kind.WITNESS).id


KEYS = {
    "no id": "sum.golang.org+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    "another id": GO.replace("+033de0ae+", "+033de0af+"),
    "an id in capitals": GO.replace("+033de0ae+", "+033DE0AE+"),
    "another name": GO.replace("golang", "go1ang"),
    "a space in the name": GO.replace("golang", "go lang"),
    "another kind": GO.replace("+Ac4", "+As4"),
    "no key": "a+033de0ae+",
    "a short key": GO[:-4],
    "no base64": GO[:-1] + "!",
}


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS)
def test_a_key_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        read_key(text)


@given(notes)
def test_what_is_written_is_read_back(note: Note) -> None:
    assert read_note(write_note(note)) == note


@given(st.binary() | mutated(notes.map(write_note)))
def test_whatever_is_read_has_no_other_spelling(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert write_note(read_note(content)) == content


GOOD = write_note(NOTE)
BROKEN = {
    "nothing": (b"", "a text, an empty line"),
    "no text": (b"\n\n\xe2\x80\x94 a AAAAAAA=\n", "a text, an empty line"),
    "no signatures": (b"a text\n\n", "1 to 16"),
    "no empty line": (b"a text\n\xe2\x80\x94 a AAAAAAA=\n", "a text, an empty line"),
    "too many signatures": (GOOD + SIGNATURES * write_signature(LINE), "1 to 16"),
    "an end without a line break": (GOOD[:-1], "each line ended"),
    "a hyphen for the dash": (GOOD.replace("\u2014".encode(), b"-"), "em dash"),
    "two spaces": (GOOD.replace(b" a/b ", b"  a/b "), "em dash"),
    "a tab": (GOOD.replace(b" a/b ", b" a/b\t"), "control character"),
    "a carriage return": (GOOD.replace(b"\n", b"\r\n"), "control character"),
    "a zero byte": (GOOD.replace(b"text", b"te\0t"), "control character"),
    "no UTF-8": (GOOD.replace(b"text", b"te\xfft"), "UTF-8"),
    "a plus in a name": (GOOD.replace(b"a/b", b"a+b"), "plus"),
    "a wide space in a name": (GOOD.replace(b"a/b", "a\u3000b".encode()), "space"),
    "no padding": (b"t\n\n\xe2\x80\x94 a MTIzNDE\n", "base64"),
    "only an id": (b"t\n\n\xe2\x80\x94 a MTIzNA==\n", "wrong length"),
    "stray bits": (b"t\n\n\xe2\x80\x94 a MTIzNDF=\n", "stray bits"),
}


@pytest.mark.parametrize(("content", "why"), BROKEN.values(), ids=BROKEN)
def test_what_is_forgiven_elsewhere_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_note(content)


def test_a_key_verifies_what_it_signed_and_nothing_else() -> None:
    key = key_of("a")
    proof = signature.sign_text(seed_of("a"), b"text\n")
    key.verify(proof, b"text\n")
    for text, other in ((b"text", key), (b"text\n", key_of("b"))):
        with pytest.raises(Unproven, match=f"signature of {other.name}"):
            other.verify(proof, text)


def test_a_note_s_signature_is_no_signature_over_a_tag() -> None:
    """What one key says in a note, it can't be made to say in a message."""
    proof = signature.sign_text(seed_of("a"), b"tag\nmessage")
    with pytest.raises(Unproven):
        signature.verify(key_of("a").key, proof, "tag", b"message")
    with pytest.raises(Malformed, match="zero byte"):
        signature.sign_text(seed_of("a"), b"tag\0message")
    with pytest.raises(Malformed, match="zero byte"):
        signature.verify_text(key_of("a").key, proof, b"tag\0message")


def test_a_key_that_proves_nothing_is_no_note_key() -> None:
    with pytest.raises(Malformed, match="proves nothing"):
        NoteKey("a", Kind.LOG, bytes(32))
