"""The small knowledge folder as a fixture."""

from pathlib import Path

import pytest

from tests.test_knowledge.knowledge_folder import build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder in which nothing is wrong."""
    return build(tmp_path)
