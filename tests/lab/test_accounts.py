"""The fixed accounts of a lab."""

from __future__ import annotations

import re

from lab.accounts import ACCOUNTS, CLUSTER_DEMO, MIGRATION, SHOP_PUBLISHER, known_at

REAL_TOKEN = re.compile(r"\b(gh[pousr]_|github_pat_|dckr_pat_)")


def test_no_token_looks_like_a_real_one_and_no_two_are_the_same() -> None:
    assert not [account.user for account in ACCOUNTS if REAL_TOKEN.search(account.token)]
    assert len({account.token for account in ACCOUNTS}) == len(ACCOUNTS)
    assert REAL_TOKEN.search("ghp_0123456789"), "negative control"


def test_each_place_knows_its_own_accounts() -> None:
    assert known_at("ghcr") == (CLUSTER_DEMO, MIGRATION, SHOP_PUBLISHER)
    assert {account.user for account in known_at("hub", "quay")} == {"acme-quay", "acmehub", "acmehub-ci"}


def test_the_clusters_account_may_only_pull() -> None:
    assert {action for _, actions in CLUSTER_DEMO.grants for action in actions} == {"pull"}
    assert {action for _, actions in MIGRATION.grants for action in actions} == {"pull", "push"}
