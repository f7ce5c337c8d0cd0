"""Why a node cannot have an image, in a kubelet's or container runtime's words, and what to do about it.

The words are those of kubelets, containerd (1.x, 2.x) and the registries behind them, as they stand in a container's
``state.waiting`` and in events. Order matters: what says more comes first.
"""

from __future__ import annotations

import re
from typing import Final

VERIFY: Final = "`hub2ghcr verify -s STACK` tells which images the namespace can pull"
"""The remedy where the words alone tell no more."""

_CHAIN: Final = "put its authority's certificate as `ca` into certs.d/HOST/hosts.toml of the node (read at each pull)"

_REMEDIES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), remedy)
    for pattern, remedy in (
        (
            r"^(CreateContainer(Config)?Error|RunContainerError)\b",
            "the image is there, and the node cannot make a container of it: correct what the message names",
        ),
        (
            r"ErrImageNeverPull|not present with pull policy of Never",
            "with `imagePullPolicy: Never` nothing is pulled: set `imagePullPolicy: IfNotPresent` of its namespace, or"
            " import the image on that node",
        ),
        (
            r"https://([^/\s\"]+)/v2/.*server gave HTTP response to HTTPS client",
            r"\1 speaks no TLS, and the node expects it: `hub2ghcr insecure \1` writes what the node needs; where that"
            " is written already, the image is not there",
        ),
        (
            r"server gave HTTP response to HTTPS client",
            "the registry speaks no TLS, and the node expects it: `hub2ghcr insecure HOST` writes what the node needs",
        ),
        (
            r"x509: .*(signed by unknown authority|not trusted)",
            f"the node does not trust the registry's certificate: {_CHAIN}",
        ),
        (
            r"x509: .*(expired|not yet valid)",
            "the registry's certificate is out of date, or the node's clock is wrong: renew one, or set the other",
        ),
        (
            r"x509: .*(is valid for|doesn't contain any IP SANs|not valid for any names|legacy Common Name)",
            "the registry's certificate is for another name: pull by a name that it has, or renew it with this one",
        ),
        (
            r"toomanyrequests|429 Too Many Requests",
            "the registry's pull limit is used up: wait, or pull from GHCR (phase `cutover`), which has no such limit",
        ),
        (
            r"no match for platform in manifest|no matching manifest for",
            "the image lacks the node's platform: publish it for that one, or keep its Pods on other nodes",
        ),
        (
            r"failed to fetch anonymous token.*40[13]|no basic auth credentials",
            f"no pull Secret of the Pod opens this registry, and anyone may not pull it: {VERIFY}",
        ),
        (
            r"failed to fetch oauth token.*40[13]|denied: denied|incorrect username or password",
            "the registry refuses the credential: it has expired, lacks `read:packages`, single sign-on or access to"
            f" this package; {VERIFY}",
        ),
        (
            r"pull access denied|insufficient_scope|unauthorized|(?<!permission )denied|\b40[13]\b",
            f"the registry does not show this image to that credential, or has none of that name; {VERIFY}",
        ),
        (
            r"no such host|Temporary failure in name resolution|server misbehaving",
            "the node cannot resolve the registry's name: look at its DNS, or its proxy",
        ),
        (
            r"connection refused|i/o timeout|no route to host|network is unreachable|TLS handshake timeout",
            "the node does not reach the registry: look at its network and proxy, and whether the registry is up",
        ),
        (r"no space left on device", "the node's disk is full: free some of it"),
        (r"InvalidImageName", "the image's name does not parse: correct it"),
        (
            r"manifest unknown|not found|\b404\b",
            f"the registry has no such image under this name, tag or digest; {VERIFY}",
        ),
        (
            r"no available registry endpoint",
            "no endpoint that the node's containerd is told of has answered: look at certs.d, or (MicroK8s before 1.23)"
            " at the mirrors in args/containerd-template.toml and run `snap restart microk8s`",
        ),
    )
)
"""What a kubelet says -> what to do; the first that fits holds."""


def remedy(said: str) -> str:
    """Return what to do about an image that a node cannot have, `VERIFY` where the words tell no more.

    Args:
        said: the reason a container waits for, and its message; or an event's message.
    """
    for pattern, text in _REMEDIES:
        if found := pattern.search(said):
            return found.expand(text)
    return VERIFY
