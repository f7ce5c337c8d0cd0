from __future__ import annotations

import pytest

from hub2ghcr.errors import SettingsError
from hub2ghcr.platforms.kaniko.ignoring import Ignored

CASES = [
    ("node_modules", "node_modules/a/b", True),
    ("node_modules", "web/node_modules", False),
    ("**/node_modules", "web/node_modules/x", True),
    ("**/node_modules", "node_modules", True),
    ("*.md", "README.md", True),
    ("*.md", "docs/README.md", False),
    ("*/*.md", "docs/README.md", True),
    ("docs/**", "docs/a/b", True),
    ("/target/", "target/x", True),
    ("./target", "target", True),
    ("a?c", "abc", True),
    ("a?c", "a/c", False),
    ("[ab].txt", "b.txt", True),
    ("[ab].txt", "c.txt", False),
    ("\\*.txt", "*.txt", True),
    ("\\*.txt", "a.txt", False),
    ("*\n!keep", "keep", False),
    ("*\n!keep", "keep/below", False),
    ("*\n!keep\nkeep/secret", "keep/secret", True),
    ("# a comment\n\n.\n", "# a comment", False),
    ("\ufeffsecret", "secret", True),
]


@pytest.mark.parametrize(("text", "path", "out"), CASES)
def test_patterns_mean_what_docker_takes_them_for(text: str, path: str, out: bool) -> None:
    assert Ignored.parse(text, ".dockerignore")(path) is out


def test_only_an_exception_lets_in() -> None:
    assert Ignored.parse("a\n!b", "f").lets_in
    assert not Ignored.parse("a", "f").lets_in


@pytest.mark.parametrize("pattern", ["[a", "[z-a]"])
def test_a_pattern_that_is_none_is_told_with_its_line(pattern: str) -> None:
    with pytest.raises(SettingsError, match=r"\.dockerignore:2: is no pattern"):
        Ignored.parse(f"fine\n{pattern}", ".dockerignore")
