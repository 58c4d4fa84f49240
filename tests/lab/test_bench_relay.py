"""A relay holds every byte up, and a new connection longer, and changes nothing."""

import socket
import threading
import time

from ipse_lab.bench.relay import relayed

DELAY_MS = 60.0


def echo(ear: socket.socket) -> None:
    with ear, ear.accept()[0] as sock:
        while piece := sock.recv(1 << 16):
            sock.sendall(piece)


def test_a_relay_delays_each_way_and_a_connection_by_a_round_trip() -> None:
    ear = socket.create_server(("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    echoing = threading.Thread(target=echo, args=(ear,))
    echoing.start()
    with relayed(DELAY_MS, [(port, ear.getsockname()[1])]):
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port)) as sock:
            for trips in (2, 1):  # the first is preceded by TCP's handshake
                sock.sendall(b"there and back")
                assert sock.recv(64) == b"there and back"
                took_ms = 1_000 * (time.monotonic() - began)
                assert took_ms >= trips * 2 * DELAY_MS
                began = time.monotonic()
            sent = bytes(range(256)) * 4_096
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
            came = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    echoing.join()
    assert came == sent
