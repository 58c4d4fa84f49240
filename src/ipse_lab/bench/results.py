"""bench/RESULTS.md: what one run measured, ratios first.

Everything in it comes from results.json; nothing is measured here. How, and what is
fair in it, stands in docs/bench.md.
"""

from collections.abc import Iterator
from typing import Final, TypeGuard

from ipse_lab.bench import sums, words
from ipse_lab.bench.peers.drive import Entrant
from ipse_lab.bench.peers.listed import NOT_ASKED, PEERS
from ipse_lab.bench.settings import TABLE
from ipse_lab.bench.sums import Told

BY_WORD: Final = {peer.word: peer for peer in PEERS}
RATIOS: Final = (
    "How many comparisons Ipse does in the time in which another does one, on the same "
    "machine, in turns: the middle of the turns (least to greatest). Below 1 the other "
    "is faster. Plaintext peers protect nothing: they show what secrecy costs."
)
IPSE: Final = "**Ipse**"
NOTHING: Final = ""
PICTURES: Final = {
    "speed-by-records.svg": "Comparisons a second against the number of records",
    "speed-by-length.svg": "Comparisons a second against the length of a template",
    "latency.svg": "Waiting against the round-trip time",
    "bytes.svg": "Bytes for a comparison",
}
"""File beside RESULTS.md, and what it shows."""


def written(told: Told) -> str:
    """Write the whole page."""
    settings = [each for each in told["settings"] if each["group"] == TABLE]
    pictures = [f"![{shows}]({name})" for name, shows in PICTURES.items()]
    parts = [
        "# What it costs to compare in secret",
        _about(told),
        "## Ratios",
        RATIOS,
        _ratios(settings),
        "## One verification",
        *_verification(told),
        *pictures,
        "## Each job",
        *(part for setting in settings for part in _job(setting)),
        "## The engine alone",
        *(part for name, own in told["own"].items() for part in _own(name, own)),
        "## Who was compared, and what each protects",
        _who(told),
        "Not asked:",
        "\n".join(f"- {name} {why}." for name, why in NOT_ASKED.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _about(told: Told) -> str:
    machine = told["machine"]
    taken = [
        each["cores_taken_by_others"]
        for each in told["settings"]
        if each["cores_taken_by_others"] is not None
    ]
    others = (
        f"between {min(taken):.2f} and {max(taken):.2f} cores on average of a setting"
        if taken
        else "unknown"
    )
    wrong = sums.wrong_bits(told)
    return (
        f"Written by `make bench` on {told['date']}, at commit `{told['commit']}`, in "
        f"{told['seconds'] / 60:.0f} minutes. {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gb']:g} GB, {machine['system']}, "
        f"Python {machine['python']}. Load before: {machine['load_1min_before']}; "
        f"taken by others meanwhile: {others}. Seed {told['seed']}. Every answer bit "
        f"of every query was held against plain arithmetic: **{wrong} wrong**. How it "
        "is measured: [docs/bench.md](../docs/bench.md); every turn: "
        "[results.json](results.json)."
    )


# --- ratios ---


def _ratios(settings: list[Told]) -> str:
    secret = [peer for peer in PEERS if not peer.is_plain]
    head = [
        "job",
        "Ipse, comparisons a second",
        "fastest plaintext, 1 thread",
        "fastest plaintext, 2 threads",
        *(peer.name for peer in secret),
    ]
    rows = [
        [
            setting["title"],
            words.speed(sums.our_speed(setting).middle),
            _fastest(setting, threads=1),
            _fastest(setting, threads=2),
            *(_ratio_of(setting, peer) for peer in secret),
        ]
        for setting in settings
    ]
    return words.table(head, rows)


def _fastest(setting: Told, threads: int) -> str:
    plain = [
        peer
        for peer in _present(setting)
        if BY_WORD[peer["word"]].is_plain and BY_WORD[peer["word"]].threads == threads
    ]
    if not plain:
        return NOTHING
    fastest = max(plain, key=lambda peer: sums.their_speed(peer).middle)
    name = fastest["name"].split(",")[0]
    return f"{words.spread(sums.ratio(setting, fastest))}, {name}"


def _ratio_of(setting: Told, entrant: Entrant) -> str:
    for peer in setting["peers"]:
        if peer["word"] == entrant.word:
            if peer["rounds"]:
                return words.spread(sums.ratio(setting, peer))
            return "absent"
    return NOTHING


def _present(setting: Told) -> list[Told]:
    return [peer for peer in setting["peers"] if peer["rounds"]]


# --- one verification ---


def _verification(told: Told) -> Iterator[str]:
    secret = [peer for peer in PEERS if not peer.is_plain]
    yield (
        "The whole way: a wallet cuts the probe, seals it to each of three operators, "
        "signs, asks over HTTPS on connections that it keeps; they prove it "
        "well-formed, compare it, sign; the wallet checks that a quorum agrees. Beside "
        "it what a peer takes for one bare comparison, shared beforehand. "
        "Milliseconds, the middle of many."
    )
    head = [
        "round trip",
        "verification, p50",
        "p99",
        "on fresh connections, p50",
        "of it in secret",
        "rounds",
        *(f"one comparison, {peer.name}" for peer in secret),
    ]
    rows = [_waiting(told, each, secret) for each in told["verify"]]
    yield words.table(head, rows)
    near = told["verify"][0]["report"] if told["verify"] else {}
    if "parts_ms" in near:
        yield (
            "Without delay, the middle of each part: "
            + ", ".join(
                f"{name.removesuffix('_ms').replace('_', ', ')} {took:g} ms"
                for name, took in near["parts_ms"].items()
            )
            + f". {near['bytes_up']:,} bytes up, {near['bytes_down']:,} down, "
            f"{near['operator_bytes']:,} from each operator to its neighbours. Not in "
            f"the time: {near['not_in_the_time']}."
        )


def _waiting(told: Told, each: Told, secret: list[Entrant]) -> list[str]:
    report = each["report"]
    bare = {
        peer["word"]: sums.waiting_ms(peer)
        for peer in told["latency"]
        if peer["rtt_ms"] == each["rtt_ms"] and peer["rounds"]
    }
    if "absent" in report:
        ours = [report["absent"], *[NOTHING] * 4]
    else:
        names = ("p50_ms", "p99_ms", "fresh_p50_ms", "engine_ms", "rounds")
        ours = [f"{report[name]:g}" for name in names]
    theirs = [
        words.figure(bare[peer.word]) if peer.word in bare else NOTHING
        for peer in secret
    ]
    return [f"{each['rtt_ms']:g} ms", *ours, *theirs]


# --- each job ---


def _job(setting: Told) -> Iterator[str]:
    yield f"### {setting['title']}"
    head = [
        "who",
        "Ipse is so many times as fast",
        "comparisons a second (worst to best)",
        "records",
        "ms a query",
        "bytes a comparison, each party",
        "ns of processor a comparison, all parties",
        "wrong bits",
    ]
    yield words.table(
        head, [_our_row(setting), *(_their_row(setting, p) for p in setting["peers"])]
    )


def _our_row(setting: Told) -> list[str]:
    comparisons = setting["records"] * setting["probes"]
    speed = sums.our_speed(setting)
    wrong = sum(turn["bits_wrong"] for turn in setting["ours"])
    return [
        IPSE,
        "1",
        words.spread(speed, words.speed),
        f"{setting['records']:,}",
        words.figure(1_000 * comparisons / speed.middle),
        words.figure(sums.our_bytes(setting)),
        words.figure(sums.our_work(setting)),
        str(wrong),
    ]


def _their_row(setting: Told, peer: Told) -> list[str]:
    if not peer["rounds"]:
        return [peer["name"], f"absent: {_one_line(peer['absent'])}", *[NOTHING] * 6]
    entrant = BY_WORD[peer["word"]]
    comparisons = peer["records"] * peer["probes"]
    speed = sums.their_speed(peer)
    is_silent = entrant.is_plain
    return [
        peer["name"],
        words.spread(sums.ratio(setting, peer)),
        words.spread(speed, words.speed),
        f"{peer['records']:,}",
        words.figure(1_000 * comparisons / speed.middle),
        NOTHING if is_silent else words.figure(_their_bytes(peer, entrant)),
        words.figure(sums.their_work(peer)),
        str(sum(turn["bits_wrong"] for turn in peer["rounds"])),
    ]


def _their_bytes(peer: Told, entrant: Entrant) -> float:
    return sums.their_bytes(peer, entrant.processes)


def _one_line(reason: str) -> str:
    return " ".join(reason.replace("|", "/").split())


# --- the engine alone, and the peers ---


def _own(name: str, own: Told) -> Iterator[str]:
    yield f"### {name}"
    if "absent" in own:
        yield f"Not measured: {_one_line(own['absent'])}"
        return
    yield words.table(
        ["measured", "value"],
        [
            [key.replace("_", " "), words.plain(value)]
            for key, value in own.items()
            if key != "machine" and not _is_listed(value)
        ],
    )
    for value in own.values():
        if _is_listed(value):
            yield words.table(
                [key.replace("_", " ") for key in value[0]],
                [[words.plain(each) for each in row.values()] for row in value],
            )


def _is_listed(value: object) -> TypeGuard[list[Told]]:
    """Say whether it is a list of cases that have the same fields."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _who(told: Told) -> str:
    versions = {
        peer["word"]: peer["version"]
        for setting in told["settings"]
        for peer in setting["peers"]
        if peer["version"]
    }
    ours = told["settings"][0]["ours"][0]
    mine = [IPSE, told["commit"], "3 x 1", f"{ours['protocol']}; {ours['transport']}"]
    rows = [
        [
            peer.name,
            versions.get(peer.word, "absent"),
            f"{peer.processes} x {peer.threads}",
            peer.model,
        ]
        for peer in PEERS
    ]
    head = ["who", "version", "processes x threads", "what it protects, and how"]
    return words.table(head, [mine, *rows])
