"""Pictures of events: made small, and freed of what the camera wrote into them."""

import io

from bot.errors import PictureNotUsable

LARGEST_FILE = 8 << 20
"""Bytes that are downloaded for a picture; Telegram's own photos are smaller."""
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 1280
_SHORTEST_SIDE = 20
_MOST_TIMES_LONGER = 20  # Telegram refuses a photo that is longer
_FORMATS = ("JPEG", "PNG", "WEBP")


def small_picture(content: bytes) -> bytes:
    """A picture as JPEG of at most 1280 pixels a side, without place, time and camera.

    What the file is is found by its content, not by its name. Costs up to a second and is to be
    run in a thread. Raises ``PictureNotUsable``.
    """
    # Imported here: most processes never see a picture.
    from PIL import Image, ImageOps

    if len(content) > LARGEST_FILE:
        raise PictureNotUsable
    try:
        # Opening reads only the head: how large it would be is known before it is unpacked.
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > _MOST_PIXELS or min(width, height) < _SHORTEST_SIDE:
                raise PictureNotUsable
            if max(width, height) > _MOST_TIMES_LONGER * min(width, height):
                raise PictureNotUsable
            picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            flat = Image.new("RGB", upright.size, "white")
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                clear = upright.convert("RGBA")
                flat.paste(clear, mask=clear.getchannel("A"))
            else:
                flat.paste(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise PictureNotUsable from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
