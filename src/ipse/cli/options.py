"""Options that several commands share, spelled and explained once."""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

DEFAULT_HOME: Final = Path(".ipse")
DEFAULT_WALLET: Final = "me"

Home: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="IPSE_HOME",
        help="Folder of the local network and of the wallets.",
    ),
]
Json: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object and nothing else on standard output."
    ),
]
Wallet: TypeAlias = Annotated[
    str,
    typer.Option("--wallet", help="Name of the wallet: HOME/wallets/NAME.wallet."),
]
Charter: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--charter",
        help="The network's charter, if it is not HOME/charter.cbor. "
        "Pinned at first use.",
    ),
]
PassphraseFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File whose first line opens the wallet. Else IPSE_PASSPHRASE, "
        "else you are asked.",
    ),
]
Face: TypeAlias = Annotated[
    Path,
    typer.Option("--face", help="Photo with exactly one face (JPEG, PNG, ...)."),
]
Grant: TypeAlias = Annotated[
    Path | None,
    typer.Option("--grant", help="The grant to use, a file that `ipse grant` wrote."),
]
Voice: TypeAlias = Annotated[
    Path | None,
    typer.Option("--voice", help="Recording with 3 s of speech or more (WAV, FLAC)."),
]
