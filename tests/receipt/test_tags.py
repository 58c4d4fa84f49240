"""Only who has the handle recognises a receipt, or finds it in a log."""

import hashlib
import hmac

from ipse.ground.names import Handle
from ipse.receipt.tags import ledger_key
from ipse.wire.receipt import receipt_digest
from ipse_lab.chains import KEY, receipts_of
from ipse_lab.examples import header


def hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt, for 32 bytes."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def test_tags_and_leaves_are_those_of_the_specification() -> None:
    key = hkdf(header().handle, b"ipse/ledger-key/1\x00")
    for receipt in receipts_of():
        number = receipt.number.to_bytes(8, "big")
        tag = hmac.digest(key, b"ipse/receipt-tag/1\x00" + number, hashlib.sha256)
        assert receipt.tag == KEY.tag(receipt.number) == tag
        blind = hmac.digest(key, b"ipse/receipt-blind/1\x00" + number, hashlib.sha256)
        content = b"ipse/leaf/1\x00" + blind + receipt_digest(receipt)
        assert KEY.leaf(receipt) == hashlib.sha256(content).digest()


def test_no_two_numbers_and_no_two_records_share_a_tag() -> None:
    keys = [ledger_key(Handle(bytes([n]) * 16)) for n in range(20)]
    tags = {key.tag(number) for key in keys for number in range(1, 20)}
    assert len(tags) == 20 * 19


def test_a_key_shows_nothing_of_itself() -> None:
    assert KEY.key.hex() not in repr(KEY)
