"""Names and addresses have one spelling."""

import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.wire.kinds import NETWORK, OWNER_ADDRESS, PEER_ADDRESS, expect_ordered

HOSTS = ["localhost", "127.0.0.1", "a.b-c.example", "x", "[::1]", "1.example"]
NOT_HOSTS = ["", "-a", "a-", "a..b", ".a", "a.", "A", "a_b", "a b", "ä", "::1", "[]"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("port", ["1", "443", "9999", "65535"])
def test_an_address_is_a_host_and_a_port(host: str, port: str) -> None:
    PEER_ADDRESS.check("address", f"{host}:{port}")
    OWNER_ADDRESS.check("address", f"https://{host}:{port}")


@pytest.mark.parametrize("host", NOT_HOSTS)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(Malformed):
        PEER_ADDRESS.check("address", f"{host}:443")


@pytest.mark.parametrize(
    "port", ["", "0", "00", "01", "65536", "99999", "100000", "-1", "+1", "1 ", "x"]
)
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(Malformed):
        PEER_ADDRESS.check("address", f"localhost:{port}")


@pytest.mark.parametrize(
    "address",
    [
        "localhost:1",
        "http://localhost:1",
        "HTTPS://localhost:1",
        "https://localhost",
        "https://localhost:1/",
        "https://localhost:1/path",
        "https://a@localhost:1",
        "https://localhost:1?x",
        "https://localhost:1#x",
        "https://localhost:1@evil.example:2",
        " https://localhost:1",
    ],
)
def test_an_owner_address_is_https_and_nothing_after_the_port(address: str) -> None:
    with pytest.raises(Malformed):
        OWNER_ADDRESS.check("address", address)


@pytest.mark.parametrize("name", ["local", "a", "1", "a-b", "x" * 63])
def test_a_network_name_is_one_label(name: str) -> None:
    NETWORK.check("network", name)


@pytest.mark.parametrize("name", ["", "Local", "a.b", "a b", "-a", "a-", "x" * 64, "é"])
def test_what_is_no_label_is_no_network(name: str) -> None:
    with pytest.raises(Malformed):
        NETWORK.check("network", name)


def test_forms_have_one_order() -> None:
    expect_ordered("forms", ())
    expect_ordered("forms", (Form.FACE, Form.CODE))
    for forms in [(Form.VOICE, Form.FACE), (Form.FACE, Form.FACE)]:
        with pytest.raises(Malformed, match="each form once"):
            expect_ordered("forms", forms)
