"""UTF-8 and nothing else: a file's encoding, and where its characters stand."""

from __future__ import annotations

import codecs
from typing import Final

from ..errors import ManifestError

_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_PIECE: Final = 1 << 20


def check(data: bytes, place: str) -> None:
    """Refuse what is not UTF-8 (with or without a byte order mark).

    Raises:
        ManifestError: UTF-16 or UTF-32, or the first byte that is not UTF-8.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\0\0\xfe\xff" or b"\0" in (data[:1], data[1:2]):
        raise ManifestError("UTF-16 or UTF-32 text, or no text", place, remedy="save the file as UTF-8")
    if data.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for begin in range(0, len(data), _PIECE):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[begin : begin + _PIECE], final=begin + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            at = begin - pending + error.start
            where = f"{place}:{data.count(10, 0, at) + 1}"
            raise ManifestError(f"not UTF-8 at byte {at}", where, remedy="save the file as UTF-8") from None


class Offsets:
    """Byte offsets of characters, asked for from front to back: all answers together cost one pass over the text."""

    __slots__ = ("_ascii", "_byte", "_character", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ascii = data.isascii()
        self._byte = self._character = 0

    def at(self, character: int) -> int:
        """Return the byte offset of a character; one that lies before the last asked for costs a pass of its own."""
        if self._ascii:
            return character
        data = self._data
        if character < self._character:
            self._byte = self._character = 0
        byte, missing = self._byte, character - self._character
        while missing > 0:
            piece = data[byte : byte + missing]
            byte += len(piece)
            if not piece:
                break
            missing -= len(piece) if piece.isascii() else len(piece.translate(None, _CONTINUATION))
        while byte < len(data) and 0x80 <= data[byte] < 0xC0:
            byte += 1
        self._byte, self._character = byte, character
        return byte
