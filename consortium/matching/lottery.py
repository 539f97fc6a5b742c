"""The lottery of a round: one number per student, decided by a seed that was committed to before anybody ranked.

What is published when. (1) When a round is announced, before lists open: its `commitment`. (2) While lists are open: to each student the
own `number`, which reveals nothing of the seed as long as that has `LEAST_SEED_BITS` of chance in it (New York shows them before ranking
since 2022). (3) With the results: seed, nonce and, where one was named in the announcement, the public draw; now anybody can check that
`keeps` is true and recompute every number. Who makes the seed could still try many before committing; a public draw that is held
after the commitment (`mixed`) takes even that away. Ties fall to the smaller number, everywhere and on every post: single tie-breaking
(Abdulkadiroğlu, Pathak & Roth 2009), which costs students less than a draw per post.
"""

from __future__ import annotations

import hashlib
import hmac

LEAST_SEED_BITS = 128
LEAST_NONCE = 16


def commitment(seed: int, nonce: bytes) -> str:
    """SHA-256, in hex, of the seed in decimal, a colon and the nonce. Raises ValueError for a nonce short enough to be tried out."""
    if len(nonce) < LEAST_NONCE:
        raise ValueError(f"a nonce of at least {LEAST_NONCE} random bytes keeps the seed secret ({len(nonce)} given)")
    if seed < 0:
        raise ValueError(f"a seed is a whole number, 0 or more ({seed} given)")
    return hashlib.sha256(f"{seed}:".encode() + nonce).hexdigest()


def keeps(published: str, seed: int, nonce: bytes) -> bool:
    """Whether a revealed seed and nonce are those that were committed to."""
    return len(nonce) >= LEAST_NONCE and seed >= 0 and hmac.compare_digest(published.strip().lower(), commitment(seed, nonce))


def mixed(seed: int, draw: str) -> int:
    """The seed of the round from the committed one and a public draw that nobody could know then; without a draw the committed one."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{draw}".encode()).digest()[:16], "big") if draw else seed


def number(seed: int, key: str) -> str:
    """The lottery number of a student: 64 hex digits, the smaller the earlier; `similarity.lottery` is the order of these."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()


def shown(seed: int, key: str) -> str:
    """The number as people read it: its first twelve digits in threes, enough to tell ten million students apart."""
    digits = number(seed, key)[:12].upper()
    return " ".join(digits[at : at + 3] for at in range(0, 12, 3))
