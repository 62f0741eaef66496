"""Pictures for tests, made on the spot."""

import io
from typing import Any

from PIL import Image


def photo(width: int = 800, height: int = 600, kind: str = "JPEG", **more: Any) -> bytes:
    """A picture in one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#1f5fa8").save(out, kind, **more)
    return out.getvalue()
