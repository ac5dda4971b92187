"""Lines in which bytes are written as signs or numbers: which alphabet they use, and what they say.

Each reading of the standard library that fits is tried; the one that names a record is it.
"""

from __future__ import annotations

import binascii
import re
from base64 import a85decode, b32decode, b64encode, b85decode
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from serverless_tax.audit.read.payload import unpacked
from serverless_tax.audit.read.words import WORDS

#: No packed record takes fewer signs, and no line of several is shorter than the second.
FEWEST_SIGNS, SHORTEST_LINE = 100, 40
_GROUP_OF_BASE32 = 8
_IS_JSON = re.compile(rb"[\"'][\w@. -]+[\"']\s*:|\\\"")
#: Bytes one by one: what may stand before each, its digits, and what lines of them are made of.
_MARK, _DIGITS = re.compile(rb"0[xbo]|\\u00|\\x|&#x?|[\\%=x]"), re.compile(rb"[0-9A-Fa-f]+")
_IN_NUMBERS = b"0123456789abcdefABCDEFxou\\%=&#;:, \t-[]"
_FEWEST_NUMBERS = 16
_TOP = {2: 16, 3: 8, 8: 2}
#: What makes a long word a text of words, or known: JSON, an address, markup, pairs of a key and
#: its value, a picture, a password's hash, bytes as Python prints them, a pattern.
_IS_TEXT = re.compile(
    rb"""["']\s*[:,]\s*["'{\[\d].*["']\s*[:,]|://|</\w+>|\w=["']|(?:\w{3,}=[^;&]+[;&]){2}"""
    rb"|(?:[a-z]{4,}[./_:(-]){3}|%[2-7][0-9A-F]|;base64,|^[$]\w+[$]|\\x[0-9a-f]{2}"
    rb"|[(][?][:=!]|\[[0-9A-Za-z]-[0-9A-Za-z]"
)
#: Of random signs more than half are of another kind than the one before; and many are different.
_KINDS = bytes(
    0 if chr(k).isupper() else 1 if chr(k).islower() else 2 if chr(k).isdigit() else 3
    for k in range(128)
) + bytes([3] * 128)
_MOST_ALIKE, _FEWEST_DIFFERENT = 0.55, 30
#: Words have more blanks; and so much of a long text is looked at to know that.
_MOST_BLANKS, _LOOKED_AT = 0.08, 2000
_UU_LINE = re.compile(rb"[ -`]{2,}\Z")
#: What stands between lines that something joined.
_BETWEEN_LINES, _ASCII = re.compile(rb"\s*[|,]?\s+"), re.compile(rb"[!-~]+\Z")
_PRINTED = re.compile(rb"""\bb(['"])((?:[^'"\\]|\\.|(?!\1)['"])*)\1""")
_TO_85 = bytes.maketrans(
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
)


class Alphabet(NamedTuple):
    """How lines may be written.

    Attributes:
        part: what a line has of such a text; nothing if it is none.
        end: what a shorter line behind them has.
        readings: what a text of such lines may say, given their parts.
        is_odd: whether such a text that says nothing is to be called unread.
        is_even: whether all lines of one text but the last are as long.
    """

    part: Callable[[bytes], bytes]
    end: Callable[[bytes], bytes]
    readings: Callable[[Sequence[bytes]], Iterator[bytes]]
    is_odd: Callable[[Sequence[bytes]], bool]
    is_even: bool = False


def said_in(alphabet: Alphabet, parts: Sequence[bytes]) -> str | None:
    """Return what lines say that names a record; None if no reading of them does."""
    for data in alphabet.readings(parts):
        for text in (data.decode("utf-8", "replace"), unpacked(b64encode(data).decode()) or ""):
            if any(word in text for word in WORDS):
                return text
    return None


def _signs(of: re.Pattern[bytes], fewest: int) -> Callable[[bytes], bytes]:
    """Return what finds the last word of a line, if it is of some signs, and of so many."""

    def last_word(line: bytes) -> bytes:
        one = (line.split()[-1:] or [b""])[0].replace(b"\\n", b"").strip(b"\"'")
        is_one = len(one) >= fewest and of.match(one) and not _IS_JSON.search(line)
        return one if is_one else b""

    return last_word


def _of_base32(parts: Sequence[bytes]) -> Iterator[bytes]:
    whole = b"".join(parts)
    for begin in range(_GROUP_OF_BASE32):  # where lines before are missing, it begins anywhere
        text = whole[begin:].rstrip(b"=")
        missing = -len(text) % _GROUP_OF_BASE32
        ends = (text + b"=" * missing, text[: len(text) - len(text) % _GROUP_OF_BASE32])
        yield from _decoded(b32decode, ends)


def _is_odd_base32(parts: Sequence[bytes]) -> bool:
    """Whether it is long, and has digits too: by chance no text of capitals has only these."""
    whole = b"".join(parts)
    return len(whole) > FEWEST_SIGNS and len(set(whole)) > 2 * _GROUP_OF_BASE32


def _of_base64(parts: Sequence[bytes]) -> Iterator[bytes]:
    text = unpacked(b"".join(parts).decode())
    texts = [text] if text else [unpacked(one.decode()) for one in parts]
    yield "\n".join(filter(None, texts)).encode()


def _of_base85(parts: Sequence[bytes]) -> Iterator[bytes]:
    bare = b"".join(parts).removeprefix(b"<~").removesuffix(b"~>")
    yield from _decoded(b85decode, (bare, bare.translate(_TO_85)))
    yield from _decoded(a85decode, (bare,))


def _is_odd(parts: Sequence[bytes]) -> bool:
    """Whether signs come at random, and are no text of words."""
    whole, begin = b"".join(parts), b"".join(parts)[:_LOOKED_AT]
    if len(whole) < FEWEST_SIGNS or _IS_TEXT.search(begin):
        return False
    changes = sum(a != b for a, b in pairwise(begin.translate(_KINDS)))
    return changes > _MOST_ALIKE * len(begin) and len(set(begin)) >= _FEWEST_DIFFERENT


def _decoded(decode: Callable[[bytes], bytes], texts: Sequence[bytes]) -> Iterator[bytes]:
    for text in texts:
        try:
            yield decode(text)
        except ValueError:
            continue


def _numbers(line: bytes) -> bytes:
    """Return the numbers that a line ends with, if they are many."""
    numbers = line[len(line.rstrip(_IN_NUMBERS)) :]
    return numbers if len(_bytes_of(numbers)) >= _FEWEST_NUMBERS else b""


def _last_numbers(line: bytes) -> bytes:
    return b"" if line.rstrip(_IN_NUMBERS) else line


def _bytes_of(text: bytes) -> list[bytes]:
    return _DIGITS.findall(_MARK.sub(b" ", text))


def _of_numbers(parts: Sequence[bytes]) -> Iterator[bytes]:
    whole = b" ".join(parts)
    if b"%" in whole or b"=" in whole:
        yield unquote_to_bytes(whole.replace(b"=", b"%"))
    numbers = _bytes_of(whole)
    sizes = {len(one) for one in numbers}
    bases = [_TOP[size] for size in sizes if size in _TOP] if len(sizes) == 1 else []
    for base in (*bases, 10):
        try:
            yield bytes(int(one, base) for one in numbers)
        except ValueError:
            continue
    if sizes == {4}:
        words = bytes.fromhex(b"".join(numbers).decode())
        yield words
        yield bytes(words[at ^ 1] for at in range(len(words)))


def _uu(line: bytes) -> bytes:
    """Return a line of uuencode: its first sign says how long it is."""
    if not _UU_LINE.match(line):
        return b""
    count = (line[0] - ord(" ")) & 63
    size = (count + 2) // 3 * 4
    return line if count and size - 3 <= len(line.rstrip()) - 1 <= size + 1 else b""


def _of_uu(parts: Sequence[bytes]) -> Iterator[bytes]:
    found = b""
    for line in parts:
        count = (line[0] - ord(" ")) & 63
        size = (count + 2) // 3 * 4
        try:
            found += binascii.a2b_uu(line[: size + 1])
        except binascii.Error:
            continue
    yield found


def _is_odd_uu(parts: Sequence[bytes]) -> bool:
    return len(parts) > 1 and b"".join(parts).count(b" ") < _MOST_BLANKS * len(b"".join(parts))


def _printed(line: bytes) -> bytes:
    """Return bytes as Python prints them."""
    found = _PRINTED.search(line) if b"\\x" in line else None
    return found[2] if found and len(found[2]) > FEWEST_SIGNS else b""


def _of_printed(parts: Sequence[bytes]) -> Iterator[bytes]:
    for one in parts:
        yield from _decoded(lambda text: text.decode("unicode_escape").encode("latin-1"), (one,))


def _of_signs(
    signs: re.Pattern[bytes],
    readings: Callable[[Sequence[bytes]], Iterator[bytes]],
    is_odd: Callable[[Sequence[bytes]], bool],
) -> Alphabet:
    return Alphabet(_signs(signs, SHORTEST_LINE), _signs(signs, 1), readings, is_odd, is_even=True)


def _joined(line: bytes) -> bytes:
    """Return a line in which lines of one text stand behind another, all but the last as long."""
    words = _BETWEEN_LINES.split(line.strip(b" \t\r|,"))
    sizes = {len(word) for word in words[:-1]}
    is_one = len(sizes) == 1 and len(words[-1]) <= max(sizes) and min(sizes) >= SHORTEST_LINE
    return line if is_one else b""


def _of_joined(parts: Sequence[bytes]) -> Iterator[bytes]:
    words = _BETWEEN_LINES.split(b" ".join(parts).strip(b" \t\r|,"))
    for readings in (_of_base32, _of_base64, _of_base85):
        if all(map(_ASCII.match, words)):
            yield from readings(words)


def _never(_: Sequence[bytes]) -> bool:
    return False


#: What much else is written in, and is no sign of a log by itself.
BASE64 = _of_signs(re.compile(rb"[\w+/=.,:-]+\Z", re.ASCII), _of_base64, _never)
#: By how they are told; a line is of the first that it fits.
ALPHABETS = (
    Alphabet(_uu, _uu, _of_uu, _is_odd_uu),
    Alphabet(_numbers, _last_numbers, _of_numbers, _never),
    Alphabet(_joined, lambda _: b"", _of_joined, _never),
    Alphabet(_printed, lambda _: b"", _of_printed, _never),
    _of_signs(re.compile(rb"[A-Z2-7]+={0,6}\Z"), _of_base32, _is_odd_base32),
    BASE64,
    _of_signs(re.compile(rb"(?=.*[^\w+/=.,:-])[!-~]+\Z", re.ASCII), _of_base85, _is_odd),
)
