"""What is packed inside a text: base64, gzip or zlib in it, JSON that was escaped into a string."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from codecs import getincrementaldecoder
from typing import Any

from serverless_tax.audit.read.unpack import Broken, narrow
from serverless_tax.audit.read.unpack import unpacked as unpacked_blocks

_BASE64 = re.compile("[0-9A-Za-z+/_-]{16,}={0,2}")
_NOT_IN_BASE64 = re.compile(r"\s|\\+[rn]|\\+(?=/)")
_AS_JSON = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null"}
#: What stands in an object as Python, Node or Ruby prints it, and in none of JSON's: a text in
#: single quotes, texts in pieces, a word, an arrow, a key without quotes, a last comma.
PRINTED = re.compile(
    r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|\b(True|False|None|nil|undefined)\b|(=>)"
    r"|\b([A-Za-z_]\w*)(?=\s*:)|,(?=\s*[}\]])"
)
#: Two pieces of a text, as Python prints one that is long; and a sign that JSON writes otherwise.
PIECES, PRINTED_SIGN = re.compile(r'"\s*\n\s*"'), re.compile(r"\\(?:x([0-9a-f]{2})|.)|\"")
_GZIP, _OTHER_MARKS = b"\x1f\x8b", (b"BZh", b"\xfd7zXZ\x00")
#: Digits, and what a database or a program puts before them.
_HEX, _HEX_SIGN = re.compile("(?:[0-9A-Fa-f]{2})+"), re.compile(r"^\\?[0x]?x(?=[0-9A-Fa-f]{16})")
#: What base64 of gzip begins with, and base64 of a log: START, REPORT.
GZIP_IN_BASE64 = "H4sI"
BEGINS_BASE64 = (GZIP_IN_BASE64, "U1RBUlQ", "UkVQT1J")
#: The words of a record behind others: three bytes are four signs, so there are two more ways.
WITHIN_BASE64 = ("SVCBSZXF1ZX", "SRVBPUlQgUm", BEGINS_BASE64[-1])
#: What bz2 begins with in base64.
BZ2_IN_BASE64 = "QlpoO"
#: So begin bz2, xz and gzip in base64 twice, and the three in hexadecimal digits.
PACKED_TWICE = (BZ2_IN_BASE64, "/Td6WFoA", "SDRzSU", "1f8b0800", "425a6839", "fd377a58")
#: A word that is so long may be packed in any way; no packed record is shorter.
LONG_SIGNS = 60
LONG_WORD = re.compile(rf"[\w+/-]{{{LONG_SIGNS}}}", re.ASCII)
_LONG_WORD_BEHIND = re.compile(rf"[^\w+/-]{LONG_WORD.pattern}", re.ASCII)
_LONG_WORDS = re.compile(rf"(?<![\w+/-])[\w+/-]{{{LONG_SIGNS},}}", re.ASCII)
IN_BASE64 = (*BEGINS_BASE64, *WITHIN_BASE64[:2])
#: Signs from which it is told whether anything is packed in a word at all.
_HEAD_SIGNS = 128
_ZLIB = r"e(?:A[E-H]|F[4-7]|J[w-z]|N[o-r])(?=[\w+/-]{40})"
#: How what is packed begins, in a regular expression.
PACKED_BEGIN = "|".join((*BEGINS_BASE64, *PACKED_TWICE, _ZLIB))
#: Base64 on a line, in which line breaks and slashes may be escaped; and what else may be packed.
PACKED_TEXT = re.compile(
    rf"(?:(?<![\w+/])|(?<=\\[nrt])|(?<=[0\\]x))(?:{PACKED_BEGIN}"
    rf"|[\w+/-]*?(?:{'|'.join(WITHIN_BASE64)}))"
    r"(?:[\w+/-]|\\+/|\\+[rn](?=\\|[\w+/-])){10,}={0,2}"
)
ANY_PACKED = re.compile(rf"{PACKED_TEXT.pattern}|{LONG_WORD.pattern}[\w+/-]*={{0,2}}", re.ASCII)


def may_be_packed(text: str) -> bool:
    """Whether a text may hold a packed log: base64 of its words, or a long word that begins so."""
    if any(word in text for word in IN_BASE64):
        return True
    return has_long_word(text) and any(
        _may_begin(one[0][:_HEAD_SIGNS]) for one in _LONG_WORDS.finditer(text)
    )


def _may_begin(word: str) -> bool:
    """Whether what is packed or text may begin so, in base64 or in hexadecimal digits."""
    word = _HEX_SIGN.sub("", word)
    try:
        data = bytes.fromhex(word[: len(word) & ~1])
    except ValueError:
        try:
            data = _of_base64(word[: len(word) & ~3])
        except (binascii.Error, ValueError):
            return False
    if data.startswith((_GZIP, *_OTHER_MARKS)) or 0 in data or _is_zlib(data):
        return True
    try:
        return bool(getincrementaldecoder("utf-8")().decode(data))
    except UnicodeDecodeError:
        pass
    try:
        zlib.decompressobj(-15).decompress(data)
    except zlib.error:
        return False
    return True


def _is_zlib(data: bytes) -> bool:
    return data[:1] == b"x" and not int.from_bytes(data[:2], "big") % 31


def has_long_word(text: str) -> bool:
    """Whether a word of a text is long enough to hold a record."""
    return _LONG_WORD_BEHIND.search(f" {text}") is not None


def packed_in(line: str, pattern: re.Pattern[str] = PACKED_TEXT) -> list[re.Match[str]]:
    """Return where base64 of a log may stand in a line: words are found sooner than a pattern."""
    return [*pattern.finditer(line)] if may_be_packed(line) else []


#: What stands behind a log that was cut off while it was packed: a record that cannot be read.
CUT_OFF = "\nREPORT RequestId: what is packed here cannot be read to its end"
OF_LOGS = re.compile("logEvents|REPORT|platform[.]")
#: Unpacked, no event of a log is larger.
_MOST_BYTES = 1 << 26


def unpacked(text: str) -> str | None:
    """Return the text that is packed in base64 or hexadecimal digits; None if there is none.

    It may be packed in gzip, zlib, bz2 or xz within, be of wide characters, or packed once more.

    >>> unpacked("UkVQT1JUIFJlcXVlc3RJZDogMWE="), unpacked(b"REPORT RequestId: 1a".hex())
    ('REPORT RequestId: 1a', 'REPORT RequestId: 1a')
    """
    begin = _NOT_IN_BASE64.sub("", text[: 2 * _HEAD_SIGNS])[:_HEAD_SIGNS]
    if not (_may_begin(begin) or any(word in text for word in IN_BASE64)):
        return None
    text = _HEX_SIGN.sub("", _NOT_IN_BASE64.sub("", text))
    if not _BASE64.fullmatch(text):
        return None
    if len(text) % 4 == 1:  # a sign that is left of four says nothing
        text = text[:-1]
    try:
        data = bytes.fromhex(text) if _HEX.fullmatch(text) else _of_base64(text)
    except (binascii.Error, ValueError):
        return None
    if data.startswith(_GZIP):
        data = _members(data, _GZIP, 31)
    elif _is_zlib(data):
        data = _members(data, data[:2], 15) or data
    elif data.startswith(_OTHER_MARKS):
        data = _opened(data)
    try:
        inside = narrow(data).decode()
    except UnicodeDecodeError:
        inside = _members(data, b"", -15).decode("utf-8", "replace")
        if not OF_LOGS.search(inside):
            return data.decode("utf-8", "replace") if b"REPORT RequestId" in data else None
    return unpacked(inside) or inside


def _of_base64(text: str) -> bytes:
    is_of_addresses = "-" in text or "_" in text
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_" if is_of_addresses else None
    )


def _opened(data: bytes) -> bytes:
    """Return what bz2 or xz holds, as far as it can be read."""
    found = b""
    try:
        for block in unpacked_blocks(iter([data])):
            found += block
    except Broken:
        return found + CUT_OFF.encode()
    return found


def _members(data: bytes, begin: bytes, bits: int) -> bytes:
    """Return what members hold, one behind another, as far as they can be read.

    They are of gzip, of zlib, or have no mark. What is cut off ends as a record that cannot be
    read, if it is of a log.
    """
    found, is_whole = b"", True
    while data and data.startswith(begin):
        member = zlib.decompressobj(bits)
        try:
            found += member.decompress(data, _MOST_BYTES)
            is_whole = member.eof
        except zlib.error:
            is_whole = False
            break
        data = member.unused_data.lstrip(b"\n\r\x00") if begin else member.unused_data
        if not begin and not OF_LOGS.search(found.decode("utf-8", "replace")):
            break
    of_logs = not is_whole and OF_LOGS.search(found.decode("utf-8", "replace"))
    return found + CUT_OFF.encode() if of_logs else found


def parsed(text: str) -> Any:
    """Return JSON that is a whole text, or None."""
    text = text.strip()
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def printed(text: str) -> Any:
    """Return what Python, Node or Ruby prints of an object of names and figures; or None.

    >>> printed("{'a': True, 'b': [1.5, None]}"), printed("{ a: 'b', c: undefined, }")
    ({'a': True, 'b': [1.5, None]}, {'a': 'b', 'c': None})
    >>> printed('{"a"=>nil}')
    {'a': None}
    """
    return parsed(PIECES.sub("", PRINTED.sub(_in_json, text)))


def _in_json(found: re.Match[str]) -> str:
    one, other, word, arrow, key = found.groups()
    text = other if one is None else one
    if text is None:
        return _AS_JSON.get(word) or (":" if arrow else f'"{key}"' if key else "")
    return f'"{PRINTED_SIGN.sub(_sign_in_json, text)}"'


def _sign_in_json(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\u00{found[1]}"
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])
