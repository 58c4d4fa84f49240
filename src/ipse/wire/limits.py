"""How large anything on the wire may be: value, unit, reason.

A limit is checked before a byte is read, so that nobody makes a party work or
remember more than it chose to.
"""

from typing import Final

INTEGER: Final = 2**53 - 1
"""Largest whole number in a record: the largest that JavaScript, which the browser's
wallet will be written in, counts exactly."""

DEPTH: Final = 10
"""Arrays within arrays. The deepest record (a decision, down to a grant) has 8."""

TEXT: Final = 120
"""Characters of a name or an address."""

ENCODER: Final = 400
"""Characters that name the models of a network's templates."""

DETAIL: Final = 600
"""Characters of a problem's explanation: a sentence or three."""

NETWORK: Final = 63
"""Characters of a network's name, so that it fits a certificate's names."""

CERTIFICATE: Final = 4_096
"""Bytes of an operator's certificate. A self-signed P-256 one has about 500."""

CHARTER: Final = 32_768
"""Bytes of a signed charter: three operators of at most 6 kB, and some change."""

FORM_SETS: Final = 16
"""Sets of forms for which a charter may give thresholds."""

PROVED_SEARCH: Final = 100_000
"""Records that an enrolment is proved against: a minute and more of computing."""

PARTS: Final = 32_768
"""Parts in one box. A seeding request carries many references."""

COMPONENT: Final = 102_452
"""Bytes of a component that is spelled out: a code's 25,613 numbers of 4 bytes."""

BOX: Final = 16 * 2**20
"""Bytes of one operator's sealed box. A face, a voice and a code make 104 kB; what is
above that is for seeding."""

SUBMISSION: Final = BOX + 4_096
"""Bytes of a submission: its box, a request and a grant of under 1 kB each."""

ONE_BODY: Final = 2**18
"""Bytes of a submission in a network of people: one body's parts, every component
spelled out, have 209 kB."""

SENT: Final = 3 * ONE_BODY + 2**17
"""Bytes of a request that is opened as evidence: three boxes of one body, the body, and
verdicts of 1 kB."""

SEATED: Final = 64
"""Requests that one job may answer (ipse.operator.schedule says how many it does)."""

BITS: Final = 2**17
"""Bytes of match bits in a finding: a million records of a laboratory network."""

VERDICT: Final = BITS + 4_096
"""Bytes of a verdict."""

RECEIPT: Final = 512
"""Bytes of a receipt: at most 340, and some room."""

COMPLAINT: Final = 320
"""Bytes of a complaint: at most 250, and some room."""

COMPLAINTS: Final = 24
"""Complaints that operators tell each other when they meet: eight of each."""

PAGE: Final = 128
"""Receipts that one verdict may hand over: 60 kB. Whoever has more asks again."""

NOTES: Final = 50_000
"""Grants, or receipts by one operator, in a notebook or a saved ledger: of a hundred
uses a day, for more than a year."""

NOTEBOOK: Final = 128 * 2**20
"""Bytes of a notebook, or a saved ledger: as many receipts by three operators, of 450
bytes, and notes of 700."""

USES: Final = 1_000
"""Uses that one grant may allow: three a day for a year."""

GRANT_WINDOW: Final = 366 * 24 * 60 * 60 * 1_000
"""Milliseconds for which a grant may hold: a year, so that consent is asked again. An
operator remembers what was used of a grant until then."""

PROBLEM: Final = 8_192
"""Bytes of a problem, all of it escaped."""

WORKERS: Final = 1_024
"""Workers of one operator: at a thousand times a machine's rows, somebody should have
asked whether the design still holds (docs/scale.md)."""

WORKER: Final = CERTIFICATE + 256
"""Bytes of a worker's address and certificate."""

CREW: Final = WORKERS * WORKER + 256
"""Bytes of what an operator tells about its workers."""

WINDOW: Final = 10 * 60 * 1_000
"""Milliseconds between a request's not_before and not_after. Operators remember each
request id until then, so it bounds what they remember; a wallet needs a minute."""
