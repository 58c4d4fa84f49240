"""Which peers there are, what each protects, and whom we could not ask."""

from typing import Final

from ipse_lab.bench.peers.drive import OWN, Entrant

PLAIN: Final = "plaintext: no secrecy; one process, nothing sent"
PEERS: Final = (
    Entrant("NumPy BLAS, 1 thread", "numpy", "numpy_blas", OWN, 1, 1, PLAIN),
    Entrant("NumPy BLAS, 2 threads", "numpy2", "numpy_blas", OWN, 1, 2, PLAIN),
    Entrant("faiss flat, 1 thread", "faiss", "faiss_flat", "bench", 1, 1, PLAIN),
    Entrant("faiss flat, 2 threads", "faiss2", "faiss_flat", "bench", 1, 2, PLAIN),
    Entrant("popcount, compiled, 1 thread", "popcount", "popcount", OWN, 1, 1, PLAIN),
    Entrant(
        "popcount, NumPy, 1 thread",
        "bitwise",
        "popcount",
        OWN,
        1,
        1,
        PLAIN,
        arguments=("numpy",),
    ),
    Entrant(
        "SecretFlow SPU, ABY3",
        "spu",
        "spu_aby3",
        "bench-spu",
        3,
        1,
        "semi-honest, one corrupted of three; three processes, brpc on loopback, no "
        "TLS; ring of 32 bits; probes shared beforehand",
    ),
    Entrant(
        "MPyC, Shamir",
        "mpyc",
        "mpyc_shamir",
        "bench",
        3,
        1,
        "semi-honest, one corrupted of three; three processes, TCP on loopback, no "
        "TLS; prime field, Python; probes shared beforehand",
    ),
)

NOT_ASKED: Final = {
    "MP-SPDZ": "is not on the package index; it would have to be built here",
    "iris-mpc": "is not on the package index and wants a cluster; its authors "
    "publish 690,000 rotations a second for each core",
    "CrypTen": "wants PyTorch, over a gigabyte, for a peer that was slower than SPU",
    "homomorphic encryption": "(TenSEAL, Concrete) opens the score, or takes minutes "
    "for a comparison of scores: not this job",
}
"""Others that one might expect, and why they are not here."""
