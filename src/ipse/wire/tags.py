"""The first word of everything that is sent, signed, hashed or sealed.

A tag names what the bytes mean, and the version of that meaning. No two meanings
share a tag, so no signature, digest or box for one can be passed off as another
(tests/wire/test_tags.py).
"""

from typing import Final

# Records: the first entry of the array that encodes one.
OPERATOR_ENTRY: Final = "ipse/operator/1"
THRESHOLDS: Final = "ipse/thresholds/1"
CHARTER: Final = "ipse/charter/1"
SIGNED_CHARTER: Final = "ipse/signed-charter/1"
HEADER: Final = "ipse/header/1"
REQUEST: Final = "ipse/request/1"
SUBMISSION: Final = "ipse/submission/1"
COMPONENT: Final = "ipse/component/1"
PART: Final = "ipse/part/1"
CONTENTS: Final = "ipse/contents/1"
FINDING: Final = "ipse/finding/1"
VERDICT: Final = "ipse/verdict/1"
GRANT: Final = "ipse/grant/1"
SIGNED_GRANT: Final = "ipse/signed-grant/1"
RECEIPT: Final = "ipse/receipt/1"
SIGNED_RECEIPT: Final = "ipse/signed-receipt/1"
EVIDENCE: Final = "ipse/evidence/1"
NOTE: Final = "ipse/note/1"
SAVED: Final = "ipse/saved-ledger/1"
SENT: Final = "ipse/sent/1"
KNOWN_ANSWER: Final = "ipse/known-answer/1"
COMPLAINT: Final = "ipse/complaint/1"
SIGNED_COMPLAINT: Final = "ipse/signed-complaint/1"

# Digests: what is hashed is the tag, a zero byte, and the bytes.
CHARTER_DIGEST: Final = "ipse/digest/charter/1"
HEADER_DIGEST: Final = "ipse/digest/header/1"
REQUEST_DIGEST: Final = "ipse/digest/request/1"
BOX_DIGEST: Final = "ipse/digest/box/1"
ANSWER_DIGEST: Final = "ipse/digest/answer/1"
GRANT_DIGEST: Final = "ipse/digest/grant/1"
GRANT_PURPOSE: Final = "ipse/digest/grant-purpose/1"
GRANT_AUDIENCE: Final = "ipse/digest/grant-audience/1"
RECEIPT_DIGEST: Final = "ipse/digest/receipt/1"
LEAF: Final = "ipse/leaf/1"
TRAIL: Final = "ipse/digest/trail/1"
COMPLAINT_DIGEST: Final = "ipse/digest/complaint/1"

# Signatures: what is signed is the tag, a zero byte, and the bytes.
CHARTER_SIGNATURE: Final = "ipse/signature/charter/1"
REQUEST_SIGNATURE: Final = "ipse/signature/request/1"
VERDICT_SIGNATURE: Final = "ipse/signature/verdict/1"
GRANT_SIGNATURE: Final = "ipse/signature/grant/1"
RECEIPT_SIGNATURE: Final = "ipse/signature/receipt/1"
COMPLAINT_SIGNATURE: Final = "ipse/signature/complaint/1"

# What only an owner and the operators can recompute: the key of a record's ledger, and
# what is drawn from it.
LEDGER_KEY: Final = "ipse/ledger-key/1"
RECEIPT_TAG: Final = "ipse/receipt-tag/1"
RECEIPT_BLIND: Final = "ipse/receipt-blind/1"

# Boxes: the HPKE info is the tag, a zero byte, and what the box is bound to.
BOX_INFO: Final = "ipse/box/1"

# Messages between operators, over their links.
HELLO: Final = "ipse/hello/1"
STANCE: Final = "ipse/stance/1"
GONE: Final = "ipse/gone/1"
BEGIN: Final = "ipse/begin/1"
BEGIN_DIGEST: Final = "ipse/digest/begin/1"
SEATED: Final = "ipse/seated/1"
VOTE: Final = "ipse/vote/1"
DECISION: Final = "ipse/decision/1"
ACKNOWLEDGED: Final = "ipse/acknowledged/1"
SETTLED: Final = "ipse/settled/1"
COMPLAINED: Final = "ipse/complained/1"
CHANGE: Final = "ipse/change/1"
PLANNED: Final = "ipse/planned/1"
USE: Final = "ipse/use/1"
CREW: Final = "ipse/crew/1"
WORKER: Final = "ipse/worker/1"
SEEDED_HANDLE: Final = "ipse/digest/seeded-handle/1"

# Keys and digests of a link.
LINK_BOX: Final = "ipse/link-box/1"
PAIR_KEY: Final = "ipse/pair-key/1"
JOB_KEY: Final = "ipse/job-key/1"
TWIN_KEY: Final = "ipse/twin-key/1"
COMPONENT_TAG: Final = "ipse/component-tag/1"
ROLL_ENTRY: Final = "ipse/roll-entry/1"
ROLL_DIGEST: Final = "ipse/digest/roll/1"
