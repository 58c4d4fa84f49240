"""A wallet opens with its passphrase, and is never lost on the way."""

import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ipse.crypto import signature
from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Form, Handle
from ipse.keys import durable
from ipse.keys.passphrase import Cost, seal_under
from ipse.keys.wallet import (
    WALLET,
    Wallet,
    create_wallet,
    load_wallet,
    save_wallet,
)
from ipse_lab.fakes import CountedEntropy

CHEAP = Cost(passes=1, memory=8, lanes=1)
DICE = CountedEntropy("wallet")
WALLET_HELD = Wallet(
    network="example",
    charter_digest=bytes(range(32)),
    handle=Handle(bytes(range(16))),
    owner_seed=b"a seed that nobody should see...",
    forms=(Form.FACE, Form.VOICE),
    standing="pending",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "eileen.wallet"
    create_wallet(path, WALLET_HELD, "correct horse", DICE, CHEAP)
    return path


def test_what_is_kept_is_found_again(path: Path) -> None:
    assert load_wallet(path, "correct horse") == WALLET_HELD
    later = replace(WALLET_HELD, standing="confirmed")
    save_wallet(path, later, "another horse", DICE, CHEAP)
    assert load_wallet(path, "another horse") == later
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_wrong_passphrase_loses_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(Refused, match="does not open the wallet"):
        load_wallet(path, "wrong horse")
    assert path.read_bytes() == before
    assert load_wallet(path, "correct horse") == WALLET_HELD


def test_a_wallet_is_not_overwritten_by_a_new_one(path: Path) -> None:
    with pytest.raises(Refused, match="exists already"):
        create_wallet(path, WALLET_HELD, "new horse", DICE, CHEAP)
    assert load_wallet(path, "correct horse") == WALLET_HELD


def test_a_wallet_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"Cannot read eileen\.wallet"):
        load_wallet(tmp_path / "eileen.wallet", "correct horse")


def test_a_wallet_cut_short_or_flipped_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:10], b"", whole[:-1] + b"\0", b"\0" + whole):
        durable.replace(path, damaged, DICE)
        with pytest.raises((Malformed, Refused)):
            load_wallet(path, "correct horse")


SAVE_FOREVER = """
import sys
from dataclasses import replace
from pathlib import Path
from ipse.keys.passphrase import Cost
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import load_wallet, save_wallet
path, cost = Path(sys.argv[1]), Cost(passes=1, memory=8, lanes=1)
wallet = load_wallet(path, "correct horse")
print("saving", flush=True)
while True:
    for standing in ("pending", "confirmed"):
        changed = replace(wallet, standing=standing)
        save_wallet(path, changed, "correct horse", SystemEntropy(), cost)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.011, 0.05])
def test_a_wallet_survives_whoever_is_killed_while_saving_it(
    path: Path, delay_s: float
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SAVE_FOREVER, str(path)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"saving\n"
        time.sleep(delay_s)
        child.kill()
    assert child.wait() == -signal.SIGKILL
    found = load_wallet(path, "correct horse")
    assert replace(found, standing="pending") == WALLET_HELD
    save_wallet(path, WALLET_HELD, "correct horse", DICE, CHEAP)
    assert load_wallet(path, "correct horse") == WALLET_HELD


def test_something_else_under_the_right_passphrase_is_no_wallet(path: Path) -> None:
    durable.replace(path, seal_under("correct horse", b"hi", DICE, CHEAP), DICE)
    with pytest.raises(Malformed):
        load_wallet(path, "correct horse")


def test_the_file_shows_nothing_of_the_wallet(path: Path) -> None:
    content = path.read_bytes()
    for hidden in (WALLET_HELD.owner_seed, WALLET_HELD.handle, b"example", b"pending"):
        assert hidden not in content


def test_a_wallet_does_not_show_itself_and_is_not_pickled() -> None:
    assert repr(WALLET_HELD) == "<Wallet: secret>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(WALLET_HELD)


def test_the_wallet_signs_as_its_owner() -> None:
    signed = WALLET_HELD.sign("tag", b"message")
    signature.verify(WALLET_HELD.owner_key, signed, "tag", b"message")


def test_the_record_has_one_spelling() -> None:
    encoded = WALLET.encode(WALLET_HELD)
    assert WALLET.decode(encoded) == WALLET_HELD
    with pytest.raises(Malformed):
        WALLET.decode(encoded + b"\0")
    with pytest.raises(Malformed, match="each form once"):
        replace(WALLET_HELD, forms=(Form.VOICE, Form.FACE))
    with pytest.raises(Malformed, match="owner_seed"):
        replace(WALLET_HELD, owner_seed=bytes(31))
