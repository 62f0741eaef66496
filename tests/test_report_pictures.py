"""Pictures lose what they carry along; hostile files are refused without harm."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from bot.errors import Refusal
from bot.reports.pictures import (
    MOST_BYTES,
    EmptyFile,
    FileTooLarge,
    Hidden,
    PictureBroken,
    PictureTooLarge,
    Sort,
    TooManyFiles,
    check_room,
    check_size,
    clean,
    file_name,
    media_type,
    sort_of,
)

SECRET = b"Zwetschgen-Hans"


def photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG") -> bytes:
    """A photo as a phone makes it: place, camera, owner, time, a comment."""
    picture = Image.new("RGB", size, (200, 120, 40))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Zwetschgen-Hans Phones"
    exif[ExifTags.Base.Artist] = "Zwetschgen-Hans"
    exif[ExifTags.Base.DateTime] = "2026:11:20 14:30:00"
    exif[ExifTags.Base.Orientation] = 6
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (49.0, 55.0, 12.5)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E"
    gps[ExifTags.GPS.GPSLongitude] = (8.0, 28.0, 55.1)
    out = io.BytesIO()
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Author", SECRET.decode())
        picture.save(out, kind, exif=exif, pnginfo=notes)
    elif kind == "WEBP":
        picture.save(out, kind, exif=exif)
    else:
        picture.save(out, kind, exif=exif, comment=SECRET)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_its_points_only(kind: str) -> None:
    """Place, camera, time and names are found, said and gone; the picture stands upright."""
    before = photo(kind=kind)
    assert SECRET in before
    cleaned = clean(before)
    assert set(cleaned.hidden) >= {Hidden.PLACE, Hidden.CAMERA, Hidden.TIME, Hidden.NAME}
    assert SECRET not in cleaned.data
    with Image.open(io.BytesIO(cleaned.data)) as after:
        assert not after.getexif()
        assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert after.size == (480, 640)
        red, green, blue = after.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert abs(red - 200) < 8
        assert abs(green - 120) < 8
        assert abs(blue - 40) < 8


def test_a_picture_without_secrets_says_so() -> None:
    """Nothing found is nothing claimed."""
    out = io.BytesIO()
    Image.new("L", (20, 20)).save(out, "PNG")
    assert clean(out.getvalue()).hidden == ()


def test_a_large_photo_becomes_smaller() -> None:
    """Large enough to read a number plate, small enough to be sealed ten times."""
    out = io.BytesIO()
    Image.new("RGB", (6000, 5000), "navy").save(out, "JPEG")
    cleaned = clean(out.getvalue())
    assert max(cleaned.width, cleaned.height) <= 4000
    assert len(cleaned.data) < 2_000_000


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "CMYK", "I;16", "1"])
def test_every_way_of_storing_points(mode: str) -> None:
    """Screenshots, scans, drawings with holes."""
    out = io.BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (30, 20)).save(out, kind)
    assert clean(out.getvalue()).width == 30


def chunk(name: bytes, data: bytes) -> bytes:
    """One part of a PNG."""
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def bomb(width: int, height: int) -> bytes:
    """A few kilobytes that unfold to gigabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20), 9) * 4
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (100_000, 500), (7_000, 7_000)])
def test_a_bomb_does_not_go_off(width: int, height: int) -> None:
    """The size is read before anything is unfolded."""
    tracemalloc.start()
    with pytest.raises(PictureTooLarge):
        clean(bomb(width, height))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


def test_words_that_unfold_are_no_bomb_either() -> None:
    """A PNG whose compressed note unfolds to 300 MB."""
    note = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(300 << 20), 9))
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    data = picture.getvalue()
    trap = data[:33] + note + data[33:]
    try:
        cleaned = clean(trap)
    except PictureBroken:
        return
    assert len(cleaned.data) < 10_000


def test_a_picture_with_an_archive_behind_it_is_only_a_picture() -> None:
    """Re-encoding leaves what hangs behind."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("run.sh", SECRET)
    cleaned = clean(photo() + archive.getvalue())
    assert b"PK\x03\x04" not in cleaned.data
    assert not zipfile.is_zipfile(io.BytesIO(cleaned.data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.9])
def test_a_picture_that_is_cut_off_is_refused(kind: str, part: float) -> None:
    """Kindly, and without an error that nobody expected."""
    whole = photo((800, 600), kind)
    cut = whole[: max(12, int(len(whole) * part))]
    with pytest.raises(PictureBroken):
        clean(cut)


def test_no_damage_leads_to_an_unexpected_error() -> None:
    """Every byte of a small picture turned, one after another."""
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = photo((16, 16), kind)
        for at in range(0, len(whole), 3):
            damaged = bytearray(whole)
            damaged[at] ^= 0xFF
            try:
                clean(bytes(damaged))
            except Refusal:
                continue


@pytest.mark.parametrize(
    ("data", "kind", "sort"),
    [
        (b"%PDF-1.7 ...", "application/pdf", Sort.DOCUMENT),
        (b"PK\x03\x04....", "application/zip", Sort.DOCUMENT),
        (b"OggS....", "audio/ogg", Sort.VOICE),
        (b"ID3\x04....", "audio/mpeg", Sort.VOICE),
        (b"\x00\x00\x00\x20ftypM4A ....", "audio/mp4", Sort.VOICE),
        (b"\x00\x00\x00\x20ftypisom....", "video/mp4", Sort.VIDEO),
        (b"\x00\x00\x00\x20ftypheic....", "image/heic", Sort.SEALED_PICTURE),
        (b"RIFF....WAVEfmt ", "audio/wav", Sort.VOICE),
        (b"MZ\x90\x00programme", "application/octet-stream", Sort.OTHER),
        ("Er hat gesagt …".encode(), "text/plain", Sort.DOCUMENT),
        (b"<html><script>", "text/plain", Sort.DOCUMENT),
        (b"II*\x00....", "image/tiff", Sort.SEALED_PICTURE),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, kind: str, sort: Sort) -> None:
    """Whatever it is called."""
    assert (media_type(data), sort_of(data)) == (kind, sort)


def test_names_say_nothing() -> None:
    """The name of a file may be somebody's."""
    assert file_name(2, "image/jpeg") == "2.jpg"
    assert file_name(3, "application/x-unknown") == "3.bin"


def test_sizes() -> None:
    """Announced or real."""
    check_size(MOST_BYTES)
    with pytest.raises(FileTooLarge):
        check_size(100 << 20)
    with pytest.raises(EmptyFile):
        check_size(0)
    check_room([1] * 9, 1)
    with pytest.raises(TooManyFiles):
        check_room([1] * 10, 1)
    with pytest.raises(TooManyFiles):
        check_room([12 << 20], 9 << 20)
