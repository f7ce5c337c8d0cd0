"""Tables in Markdown."""

from __future__ import annotations

from hub2ghcr.markdown import table


def test_a_table_has_a_head_a_rule_and_its_rows_as_they_are() -> None:
    assert table(["a", "b"], [["1", "`x`"], ["", "2"]]) == ["| a | b |", "| --- | --- |", "| 1 | `x` |", "|  | 2 |"]
