"""Pictures and files of a report: told by their content, cleaned of hidden details, or refused.

A picture is decoded and written anew, so that only its points are left: no place, no camera, no
time, no name, and nothing that was hung behind it (an archive, a page, a programme). Voice and
other files stay as they are; what kind they are is told by their first bytes, never by a name.

Decoding is the only place where somebody else's bytes meet a large library. So the size is read
from the head of the picture first, four formats are known and no others, and a picture that would
not fit is refused before it is unfolded.
"""

import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from bot.errors import Refusal

MOST_FILES = 10
MOST_BYTES = 20 * 1024 * 1024
"""Of one file. Telegram gives a bot no larger ones."""
MOST_BYTES_TOGETHER = 20 * 1024 * 1024
"""Of one report, so that it can be sealed in one piece."""
MOST_PIXELS = 40_000_000
"""About 160 MB while it is unfolded: larger than what phones take by themselves."""
LONGEST_SIDE = 4_000
"""Points of the longer side that are kept: a number plate on a photo of a street stays readable."""
_LOSSLESS_PIXELS = 4_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "MPO")


class FileTooLarge(Refusal):
    """A file has more bytes than a report takes."""


class TooManyFiles(Refusal):
    """A report has as many files as it takes, or as many bytes."""


class PictureTooLarge(Refusal):
    """A picture has more points than we unfold. It may be a trap, or a very large scan."""


class PictureBroken(Refusal):
    """A picture that cannot be read: cut off, damaged, or only made to look like one."""


class EmptyFile(Refusal):
    """There is nothing in the file."""


class Sort(StrEnum):
    """What a file is, as far as its first bytes tell."""

    PICTURE = "picture"
    SEALED_PICTURE = "sealed picture"  # a picture in a format that we cannot clean
    VOICE = "voice"
    VIDEO = "video"
    DOCUMENT = "document"
    OTHER = "other"


class Hidden(StrEnum):
    """What was found in a picture beside its points."""

    PLACE = "place"
    CAMERA = "camera"
    TIME = "time"
    NAME = "name"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture written anew: its bytes, their media type, and what was found and left out."""

    data: bytes
    media_type: str
    width: int
    height: int
    hidden: tuple[Hidden, ...]


_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"heim": "image/heic",
    b"heis": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic", b"avif": "image/avif",
    b"avis": "image/avif", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp",
    "image/heic": "heic", "image/avif": "avif", "image/tiff": "tif", "image/bmp": "bmp",
    "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav",
    "audio/flac": "flac", "audio/amr": "amr", "video/mp4": "mp4", "video/quicktime": "mov",
    "video/webm": "webm", "application/pdf": "pdf", "application/zip": "zip", "text/plain": "txt",
}  # fmt: skip
_CLEANABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def media_type(data: bytes) -> str:
    """The media type that the first bytes tell; ``application/octet-stream`` for anything else."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[4:8] == b"ftyp":
        return _BRANDS.get(bytes(data[8:12]), "video/mp4")
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(
            bytes(data[8:12]), "application/octet-stream"
        )
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "audio/mpeg"  # MPEG sound of layer III without a head of its own
    return "text/plain" if _is_text(data) else "application/octet-stream"


def _is_text(data: bytes) -> bool:
    head = data[:4096]
    if not head or b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # only a letter that was cut at the end
    return True


def sort_of(data: bytes) -> Sort:
    """What to do with a file: clean it, or keep it as it is."""
    kind = media_type(data)
    if kind in _CLEANABLE:
        return Sort.PICTURE
    family = kind.partition("/")[0]
    if family == "image":
        return Sort.SEALED_PICTURE
    if family in {"audio", "video"}:
        return Sort.VOICE if family == "audio" else Sort.VIDEO
    return Sort.OTHER if kind == "application/octet-stream" else Sort.DOCUMENT


def file_name(number: int, kind: str) -> str:
    """A name that says nothing about anybody: "2.jpg". What the file was called is not kept."""
    return f"{number}.{_ENDINGS.get(kind, 'bin')}"


def check_size(size: int) -> None:
    """Let a file pass by its size. Raises ``EmptyFile`` or ``FileTooLarge``."""
    if size == 0:
        raise EmptyFile
    if size > MOST_BYTES:
        raise FileTooLarge


def check_room(sizes: list[int], more: int) -> None:
    """Let one more file into a report that has these. Raises ``TooManyFiles``."""
    if len(sizes) >= MOST_FILES or sum(sizes) + more > MOST_BYTES_TOGETHER:
        raise TooManyFiles


def clean(data: bytes) -> Cleaned:
    """A picture written anew without anything hidden.

    Takes up to a second and 200 MB; call it in a thread, one at a time. Raises ``EmptyFile``,
    ``FileTooLarge``, ``PictureTooLarge`` or ``PictureBroken``.
    """
    check_size(len(data))
    with warnings.catch_warnings():
        # Pillow only warns of a bomb below twice its own limit; ours is the one that counts.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise PictureTooLarge
                # Photos from phones are unfolded at a half or a quarter, which costs far less.
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.load()
                return _written(picture, _hidden(picture))
        except Image.DecompressionBombError:
            raise PictureTooLarge from None
        except Refusal:
            raise
        except UnidentifiedImageError:
            raise PictureBroken from None
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError):
            # What decoders raise for damaged pictures; the words may hold parts of the file.
            raise PictureBroken from None
        except (OverflowError, MemoryError, AttributeError, ZeroDivisionError):
            raise PictureBroken from None


def _written(picture: Image.Image, hidden: tuple[Hidden, ...]) -> Cleaned:
    drawn = picture.format in {"PNG", "GIF"}
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    see_through = upright.has_transparency_data
    lossless = drawn and upright.width * upright.height <= _LOSSLESS_PIXELS
    mode = "RGBA" if see_through else "RGB"
    points = upright.convert(mode)
    # Onto a new sheet: whatever the old one carried along stays behind.
    sheet = Image.new("RGBA" if see_through and lossless else "RGB", points.size, "white")
    if see_through and not lossless:
        sheet.paste(points, mask=points.getchannel("A"))
    else:
        sheet.paste(points)
    out = io.BytesIO()
    if lossless:
        sheet.save(out, "PNG", optimize=False)
    else:
        sheet.save(out, "JPEG", quality=88)
    kind = "image/png" if lossless else "image/jpeg"
    return Cleaned(out.getvalue(), kind, sheet.width, sheet.height, hidden)


_CAMERA = {
    ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software, ExifTags.Base.BodySerialNumber,
    ExifTags.Base.LensModel, ExifTags.Base.LensSerialNumber, ExifTags.Base.HostComputer,
    ExifTags.Base.MakerNote,
}  # fmt: skip
_TIME = {
    ExifTags.Base.DateTime, ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized,
}  # fmt: skip
_NAME = {
    ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.CameraOwnerName,
    ExifTags.Base.XPAuthor,
}  # fmt: skip
_PACKETS = ("xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Raw profile type exif")
_IN_PACKETS = (
    (Hidden.PLACE, (b"GPSL", b"Iptc4xmpExt:LocationCreated", b"photoshop:City")),
    (Hidden.CAMERA, (b"tiff:Model", b"tiff:Make", b"CreatorTool")),
    (Hidden.TIME, (b"CreateDate", b"DateCreated", b"DateTimeOriginal")),
    (Hidden.NAME, (b"dc:creator", b"dc:rights", b"OwnerName")),
)


def _hidden(picture: Image.Image) -> tuple[Hidden, ...]:
    """What the picture carries besides its points, for the person to know."""
    found: set[Hidden] = set()
    exif = picture.getexif()
    tags = dict(exif)
    tags.update(exif.get_ifd(ExifTags.IFD.Exif))
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        found.add(Hidden.PLACE)
    for tag, value in tags.items():
        if value in (None, "", b""):
            continue
        if tag in _CAMERA:
            found.add(Hidden.CAMERA)
        elif tag in _TIME:
            found.add(Hidden.TIME)
        elif tag in _NAME:
            found.add(Hidden.NAME)
    for name, value in picture.info.items():
        if name in _PACKETS or isinstance(value, str):
            packet = value if isinstance(value, bytes) else str(value).encode()
            named = {what for what, marks in _IN_PACKETS if any(mark in packet for mark in marks)}
            found |= named or ({Hidden.OTHER} if packet.strip() else set())
    return tuple(what for what in Hidden if what in found)
