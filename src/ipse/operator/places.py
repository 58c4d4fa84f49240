"""A seat at the table for one job: its streams, which are never drawn from twice.

    job key = HKDF-SHA256(pair key, tag ‖ 0x00 ‖ job, 8 bytes)

The pair key is fresh with every connection, and a job's number rises on it.
"""

from ipse.crypto.derive import derive
from ipse.crypto.stream import Stream
from ipse.ground.errors import OutOfTurn
from ipse.ground.names import Seat
from ipse.matching.seat import Place
from ipse.net.links import Links
from ipse.wire import tags


def place_for(links: Links, seat: Seat, job: int) -> Place:
    """Return a seat with the streams of one job, which are never drawn again.

    Raises: OutOfTurn: the job's number did not rise on these links.
    """
    if job <= links.last_job:
        raise OutOfTurn(f"Job {job} comes after job {links.last_job}.")
    links.last_job = job
    number = job.to_bytes(8, "big")
    following = derive(links.next.pair_key, tags.JOB_KEY, number)
    before = derive(links.prev.pair_key, tags.JOB_KEY, number)
    return Place(seat, Stream(following), Stream(before))
