"""What every lab's GitHub has from the start: the organisation acme with its repository shop."""

from __future__ import annotations

from lab.github_api import people, repositories, tokens
from lab.github_api.store import Store

FILES = {
    "README.md": b"# shop\n\nThe shop of Acme. Its image is built from the Dockerfile beside this file.\n",
    "Dockerfile": b'FROM busybox:1.36\nCOPY . /srv\nCMD ["/done"]\n',
}


def plant(store: Store) -> None:
    """Add what is missing; a lab that was used before keeps what it has."""
    for login, owners in people.OWNERS.items():
        if store.read("organizations", login) is None:
            store.write({"login": login, "owners": list(owners)}, "organizations", login)
    tokens.seed(store)
    if store.read("repositories", "acme", "shop") is None:
        repositories.seed(store, repositories.new(store, "acme", "shop", about="The shop of Acme"), FILES)
