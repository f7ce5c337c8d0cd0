"""The phase of a stack file: found, changed, put back; every other byte stays."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr import phasing
from hub2ghcr.errors import SettingsError

PLACE = "stacks/Pulumi.t.yaml"

FILE = """\
# the shop
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: "prepare"   # until Monday

  hub2ghcr:clusters:
    - name: one
      namespaces:
        shop:
          phase: cutover
          manifests: [shop.yaml]
        cart: {manifests: [cart.yaml]}   # later
        blog:
          # kept
          manifests:
            - blog.yaml
    - name: two
      namespaces: {shop: {manifests: [shop.yaml]}}
"""


def change(text: str, phase: str, *namespaces: str) -> str:
    return phasing.changed(text.encode(), PLACE, phase, namespaces).decode()


def test_the_phase_of_a_stack_is_one_value_of_the_file() -> None:
    assert change(FILE, "cutover") == FILE.replace('"prepare"', '"cutover"')
    assert phasing.phases(FILE.encode(), PLACE) == {"": "prepare"}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_phase_that_was_not_written_gets_a_line_before_the_first(ending: str) -> None:
    before = FILE.replace('  hub2ghcr:phase: "prepare"   # until Monday\n', "").replace("\n", ending)
    after = before.replace("  pulumi:dis", f"  hub2ghcr:phase: seal{ending}  pulumi:dis")
    assert change(before, "seal") == after
    assert phasing.phases(before.encode(), PLACE) == {"": None}


@pytest.mark.parametrize(
    ("namespace", "old", "new"),
    [
        ("one/shop", "phase: cutover", "phase: seal"),
        ("cart", "cart: {manifests", "cart: {phase: seal, manifests"),
        ("blog", "          manifests:\n", "          phase: seal\n          manifests:\n"),
        ("two/shop", "namespaces: {shop: {manifests", "namespaces: {shop: {phase: seal, manifests"),
    ],
)
def test_a_namespace_has_a_phase_of_its_own(namespace: str, old: str, new: str) -> None:
    assert change(FILE, "seal", namespace) == FILE.replace(old, new)


def test_a_name_alone_is_the_namespace_of_every_cluster() -> None:
    found = phasing.phases(change(FILE, "seal", "shop").encode(), PLACE, ["shop"])
    assert found == {"one/shop": "seal", "two/shop": "seal"}


@pytest.mark.parametrize(
    ("text", "namespaces", "words"),
    [
        (FILE, ["nope"], "one/blog, one/cart, one/shop, two/shop"),
        ("config: [1]\n", [], "has the key `config`"),
        ("- 1\n", [], "has the key `config`"),
        ("config: {a: [\n", [], "not valid YAML"),
        ("config: {}\n", [], "by hand"),
        (
            FILE.replace("cart: {manifests: [cart.yaml]}", "cart: &a {phase: seal}\n        copy: *a"),
            ["cart"],
            "by hand",
        ),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str, namespaces: list[str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        phasing.changed(text.encode(), PLACE, "cutover", namespaces)


@pytest.mark.parametrize("namespaces", [[], ["shop"], ["cart", "two/shop"]])
def test_the_way_back_keeps_what_was_edited_meanwhile(namespaces: list[str]) -> None:
    before = FILE.encode()
    edited = phasing.changed(before, PLACE, "seal", namespaces).replace(b"blog.yaml", b"other.yaml")
    after = phasing.back(edited, before, PLACE, namespaces, "prepare")
    was = phasing.phases(before, PLACE, namespaces)
    assert phasing.phases(after, PLACE, namespaces) == {title: phase or "prepare" for title, phase in was.items()}
    assert b"other.yaml" in after


def test_the_way_back_of_what_nobody_changed_is_the_same_bytes() -> None:
    assert phasing.back(FILE.encode(), FILE.encode(), PLACE, ["cart"], "prepare") == FILE.encode()


@given(
    names=st.lists(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), min_size=1, max_size=4, unique=True),
    flow=st.booleans(),
    indent=st.integers(2, 6),
    data=st.data(),
)
def test_a_change_means_that_phase_and_nothing_else(
    names: list[str], flow: bool, indent: int, data: st.DataObject
) -> None:
    namespaces = {name: {"manifests": [f"{name}.yaml"]} for name in names}
    document = {"config": {"hub2ghcr:clusters": [{"name": "one", "namespaces": namespaces}], "a:b": 1}}
    text = yaml.safe_dump(document, default_flow_style=flow, indent=indent, sort_keys=False)
    chosen = data.draw(st.sampled_from(names))
    namespaces[chosen] = {"phase": "seal", **namespaces[chosen]}  # type: ignore[dict-item]
    assert yaml.safe_load(change(text, "seal", chosen)) == document


STACK = """\
config:
  hub2ghcr:extends: stacks/base.yaml   # the company's
  hub2ghcr:clusters:
    - name: one
      context: one
    - name: two
      namespaces:
        cart: {manifests: [cart.yaml]}
"""
INHERITED: phasing.Effective = {
    "": "cutover",
    "one/shop": "prepare",
    "two/shop": None,
    "two/cart": None,
    "far/shop": "seal",
}
"""What applies with a base that has the namespace of every cluster, and a cluster."""


def over(text: str, phase: str, *namespaces: str) -> str:
    return phasing.changed(text.encode(), PLACE, phase, namespaces, INHERITED).decode()


@pytest.mark.parametrize(
    ("namespaces", "old", "new"),
    [
        ([], "  hub2ghcr:extends", "  hub2ghcr:phase: seal\n  hub2ghcr:extends"),
        (["one/shop"], "      context", "      namespaces: {shop: {phase: seal}}\n      context"),
        (["two/shop"], "        cart:", "        shop: {phase: seal}\n        cart:"),
        (["two/cart"], "{manifests", "{phase: seal, manifests"),
    ],
)
def test_an_inherited_phase_is_written_into_the_stacks_own_file(namespaces: list[str], old: str, new: str) -> None:
    assert over(STACK, "seal", *namespaces) == STACK.replace(old, new)


def test_a_cluster_with_nothing_but_a_name_gets_a_line_before_it() -> None:
    text = STACK.replace("      context: one\n", "")
    assert over(text, "seal", "one/shop") == text.replace(
        "- name: one", "- namespaces: {shop: {phase: seal}}\n      name: one"
    )


def test_a_cluster_of_a_base_file_has_its_phase_there() -> None:
    with pytest.raises(SettingsError, match=r"far/shop: its cluster stands in a base file: 'seal'; write"):
        over(STACK, "seal", "far/shop")


@pytest.mark.parametrize("namespaces", [[], ["one/shop"], ["two/cart"]])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_way_back_to_a_base_takes_the_phase_out_again(namespaces: list[str], ending: str) -> None:
    before = STACK.replace("\n", ending).encode()
    inherited = {**INHERITED, "two/cart": "cutover"}
    edited = phasing.changed(before, PLACE, "seal", namespaces, inherited) + b"# kept"
    after = phasing.back(edited, before, PLACE, namespaces, "prepare", inherited)
    assert b"seal" not in after and after.endswith(b"# kept")
    assert phasing.phases(after, PLACE, namespaces, inherited) == dict.fromkeys(namespaces or [""])
    if namespaces != ["one/shop"]:  # braces that held it alone stay, and say nothing
        assert after == before + b"# kept"


def test_what_settings_say_of_phases_is_told_by_cluster_and_namespace() -> None:
    clusters = [
        {"name": "one", "namespaces": {"shop": {"phase": "seal"}, "cart": {}, "blog": None}},
        {"name": "two"},
        3,
    ]
    assert phasing.effective({"phase": "cutover", "clusters": clusters}) == {
        "": "cutover", "one/shop": "seal", "one/cart": None, "one/blog": None,
    }  # fmt: skip
    assert phasing.effective({"phase": 3, "clusters": {}}) == {"": None}
