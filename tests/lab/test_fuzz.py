"""The fuzzer finds what is there to be found, and nothing in the decoders of today."""

from ipse_lab.fuzz import Target, _find, fuzz, targets


def test_a_second_of_broken_bytes_finds_nothing() -> None:
    counts, finds = fuzz(seconds=1.0, seed=1)
    assert finds == []
    assert counts["refused"] > 100
    assert counts["read"] > 10


def test_a_lax_decoder_and_a_crashing_one_are_found() -> None:
    def crash(_thrown: bytes) -> bytes:
        raise ValueError

    assert _find(Target("lax", b"", lambda _: b"other"), b"thrown") is not None
    assert _find(Target("crash", b"", crash), b"thrown") is not None
    assert _find(Target("exact", b"", bytes), b"thrown") is None


def test_every_example_is_read() -> None:
    for target in targets():
        assert target.again(target.example) == target.example
