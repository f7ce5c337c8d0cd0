"""``python -m tests``: two runs, one verdict."""

from __future__ import annotations

import sys

import pytest

from tests import __main__ as both

SAYS = """
import sys
e2e = sys.argv[-1] == "tests/e2e"
print("e2e" if e2e else "unit")
print(f"{3 if e2e else 40} passed, {FAILED} failed, 1 skipped")
sys.exit(1 if FAILED else 0)
"""


@pytest.mark.parametrize(
    ("fails", "code", "last"),
    [
        ("0", 0, "43 passed, 0 failed, 2 skipped"),
        ("2 if e2e else 0", 1, "43 passed, 2 failed, 2 skipped"),
        ("0 if e2e else 5", 1, "43 passed, 5 failed, 2 skipped"),
    ],
)
def test_either_run_fails_both_and_the_last_line_counts_all(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fails: str, code: int, last: str
) -> None:
    script = SAYS.replace("FAILED", f"({fails})")
    monkeypatch.setattr(both, "PYTEST", (sys.executable, "-c", script))
    assert both.main() == code
    said = capfd.readouterr().out.splitlines()
    assert (said[0], said[2], said[-1]) == ("e2e", "unit", last)


def test_a_run_that_broke_off_is_not_counted_and_fails(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = "import sys; sys.exit(0 if sys.argv[-1] == 'tests/e2e' else 'broken')"
    monkeypatch.setattr(both, "PYTEST", (sys.executable, "-c", broken))
    assert both.main() == 1
    assert capfd.readouterr().out.splitlines() == ["broken", "0 passed, 0 failed, 0 skipped"]
