"""The interpreter pool through the front door, from all sides."""
