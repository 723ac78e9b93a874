"""Bytes to text: unpacked within bounds, and read in the charset that they are in."""

import io
import re
import zipfile
import zlib

from forecast.errors import Fault, InputError
from forecast.files._limits import most

MOST_BYTES = most("news", "bytes")
"""Bytes of a file, or of an answer."""
MOST_UNPACKED = most("news", "bytes unpacked")
"""Bytes of what is packed in it."""

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
NOT_NEWS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"\xd0\xcf\x11\xe0": "a document of an old office program, such as .xls",
    b"SQLite format 3": "a database (SQLite)",
    b"PAR1": "a Parquet file",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}
"""How files begin that are none of the layouts."""

BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, RuntimeError, EOFError, OSError
)  # fmt: skip
"""What unpacking raises where an archive is broken, or locked by a password."""

_CHARSET = re.compile(
    r"utf-?8|us-?ascii|iso-?8859-?\d{1,2}|latin-?1|windows-?125\d|cp125\d|koi8-?[ru]"
    r"|utf-?16(-?[lb]e)?|gb(2312|k|18030)|big5(-hkscs)?|shift[-_]?jis|euc-?(jp|kr)|iso-?2022-?jp"
    r"|tis-?620",
    re.IGNORECASE,
)
"""Charsets of text alone: Python knows codecs by other names that do other things."""
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]{2,40})"
    rb"|<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})",
    re.IGNORECASE,
)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def unpacked(data: bytes, via: str) -> tuple[bytes, str]:
    """Return what is packed as gzip, or as the one file of a zip, and its name if it has one.

    Raises
    ------
    InputError
        If it is broken, holds several files or another archive, or is too large.
    """
    try:
        if data.startswith(GZIP):
            return _inflated(data, via), ""
        if data.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return _only_member(archive, via)
    except BROKEN as error:
        told = str(error)[:100]
        raise InputError(Fault(f"is a broken archive: {told}", "Get it anew.", file=via)) from error
    return data, ""


def _inflated(data: bytes, via: str) -> bytes:
    packed = zlib.decompressobj(16 + zlib.MAX_WBITS)
    plain = packed.decompress(data, MOST_UNPACKED + 1)
    if len(plain) > MOST_UNPACKED:
        raise InputError(too_large(via))
    if not packed.eof:
        msg = "it is cut off"
        raise EOFError(msg)
    return _no_archive(plain, via)


def _only_member(archive: zipfile.ZipFile, via: str) -> tuple[bytes, str]:
    members = [each for each in archive.infolist() if not each.is_dir()]
    if len(members) != 1:
        problem = f"is a zip of {len(members)} files"
        raise InputError(Fault(problem, "Unpack it, and add those that are wanted.", file=via))
    with archive.open(members[0]) as stream:
        plain = stream.read(MOST_UNPACKED + 1)
    if len(plain) > MOST_UNPACKED:
        raise InputError(too_large(via))
    return _no_archive(plain, via), members[0].filename


def _no_archive(plain: bytes, via: str) -> bytes:
    if plain.startswith((GZIP, ZIP)):
        remedy = "Unpack the outer one, and add what it holds."
        raise InputError(Fault("is an archive within an archive", remedy, file=via))
    return plain


def too_large(via: str) -> Fault:
    """Return the fault of what unpacks to far more than it seems."""
    problem = f"unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB"
    return Fault(problem, "Split it, or check that it is the right file.", file=via)


def decoded(data: bytes, via: str, content_type: str) -> tuple[str, str]:
    """Return bytes as text, and what to note of it.

    By the mark at its beginning, else the charset that the server, the XML or the page states, else
    UTF-8, else Windows-1252.

    Raises
    ------
    InputError
        If it is no text.
    """
    for beginning, what in NOT_NEWS.items():
        if data.startswith(beginning):
            raise InputError(_no_layout(f"is {what}", via))
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    in_header = _IN_HEADER.search(content_type)
    in_text = _DECLARED.search(data[:2048])
    stated = [in_header[1]] if in_header else []
    if in_text:
        stated.append((in_text[1] or in_text[2]).decode("ascii"))
    known = [name for name in stated if _CHARSET.fullmatch(name)]
    notes = [f"its charset '{name}' is not known" for name in stated if name not in known]
    for charset in dict.fromkeys([*([marked] if marked else known), "utf-8"]):
        try:
            text = data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            if charset != "utf-8" or known:
                notes.append(f"is not the {charset} that it is said to be")
            continue
        return _no_binary(text, via), "; ".join(notes)
    notes.append("is not UTF-8 and was read as Windows-1252; letters with accents may be wrong")
    return _no_binary(data.decode("cp1252", "replace"), via), "; ".join(notes)


def _no_binary(text: str, via: str) -> str:
    """Refuse text with more control characters than stray into it: five, and one in a hundred."""
    sample = text[:100_000]
    odd = sum(sample.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f\v")
    if odd > 5 + len(sample) // 100:
        raise InputError(_no_layout("is no text", via))
    return text


def _no_layout(problem: str, via: str) -> Fault:
    remedy = (
        "The inbox reads RSS, Atom, JSON Feed, GDELT, ACLED, UCDP, CSV, TSV, XLSX, JSON lines, "
        "HTML and plain text."
    )
    return Fault(problem, remedy, file=via)
