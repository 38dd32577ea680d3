"""API keys: the lock on recognitions and corrections, for operators who want one."""

import hmac
from collections.abc import Iterable
from hashlib import sha256


class Keys:
    """The API keys, any of which will do; several at once so that they can be rotated."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [sha256(key.encode()).digest() for key in keys]

    def include(self, key: bytes) -> bool:
        """Whether `key` is one of them."""
        digest = sha256(key).digest()
        # Every key is compared, and each in constant time: the time taken tells nothing.
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0
