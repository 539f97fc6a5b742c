"""One number per student and round: committed to, shown, revealed, checked."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from consortium.matching import lottery, similarity

NONCE = bytes(range(32))


def test_a_commitment_is_kept_by_its_own_seed_and_nonce_alone() -> None:
    published = lottery.commitment(20261124, NONCE)
    assert lottery.keeps(published, 20261124, NONCE)
    assert lottery.keeps(f" {published.upper()}\n", 20261124, NONCE)
    assert not lottery.keeps(published, 20261125, NONCE)
    assert not lottery.keeps(published, 20261124, NONCE[::-1])
    assert not lottery.keeps(published, -1, NONCE)
    assert not lottery.keeps(published, 20261124, b"short")


def test_a_commitment_is_what_anybody_can_work_out_with_sha256sum() -> None:
    assert lottery.commitment(7, b"0123456789abcdef") == hashlib.sha256(b"7:0123456789abcdef").hexdigest()


@pytest.mark.parametrize(("seed", "nonce"), [(7, b""), (7, bytes(15)), (-1, NONCE)])
def test_a_commitment_that_could_be_guessed_is_refused(seed: int, nonce: bytes) -> None:
    with pytest.raises(ValueError, match=r"random bytes|0 or more"):
        lottery.commitment(seed, nonce)


def test_the_numbers_shown_are_the_order_in_which_ties_are_broken() -> None:
    keys = np.array([f"s{i:03}" for i in range(300)], dtype=object)
    turns = similarity.lottery(2**100 + 5, keys)
    by_number = sorted(keys, key=lambda key: lottery.number(2**100 + 5, key))
    assert [str(keys[i]) for i in np.argsort(turns)] == by_number
    assert sorted(keys, key=lambda key: lottery.shown(2**100 + 5, key)) == by_number


def test_a_public_draw_makes_another_seed_and_none_leaves_it() -> None:
    assert lottery.mixed(5, "") == 5
    assert len({lottery.mixed(5, "03 09 17"), lottery.mixed(5, "03 09 18"), lottery.mixed(6, "03 09 17")}) == 3
    assert lottery.mixed(5, "03 09 17").bit_length() > 64
