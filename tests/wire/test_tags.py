"""No two meanings share a tag, and none can be read as part of another."""

import re

from ipse.wire import tags
from ipse_lab.examples import shapes

ALL = {name: value for name, value in vars(tags).items() if name.isupper()}


def test_no_two_meanings_share_a_tag() -> None:
    assert len(set(ALL.values())) == len(ALL)


def test_tags_are_words_and_a_version_so_that_a_zero_byte_ends_them() -> None:
    for tag in ALL.values():
        assert re.fullmatch(r"ipse(/[a-z-]+)+/[1-9][0-9]*", tag)


def test_every_record_of_the_wire_takes_its_tag_from_the_list() -> None:
    assert set(shapes()) <= set(ALL.values())
