"""Messages as kubelets and containerd write them, and the remedy that each leads to."""

from __future__ import annotations

import pytest

from hub2ghcr.cluster.pull_failures import VERIFY, remedy

PULLED = 'failed to pull and unpack image "{0}": failed to resolve reference "{0}": '
NODE = "10.141.241.175:32000"
TOKEN = "https://ghcr.io/token?scope=repository%3Aacme%2Fshop%3Apull&service=ghcr.io"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            PULLED.format(f"{NODE}/shop:1")
            + f'failed to do request: Head "https://{NODE}/v2/shop/manifests/1": http: server gave HTTP response to'
            " HTTPS client",
            f"`hub2ghcr insecure {NODE}` writes what the node needs",
        ),
        (
            f'failed to resolve image "{NODE}/shop:1": no available registry endpoint: failed to do request: Head'
            f" https://{NODE}/v2/shop/manifests/1: http: server gave HTTP response to HTTPS client",
            f"`hub2ghcr insecure {NODE}` writes what the node needs",
        ),
        ("Get ...: http: server gave HTTP response to HTTPS client", "`hub2ghcr insecure HOST`"),
        ('failed to resolve image "a/b:1": no available registry endpoint: EOF', "snap restart microk8s"),
        (
            PULLED.format("r.example.com/a:1") + 'Head "https://r.example.com/v2/a/manifests/1": tls: failed to verify'
            " certificate: x509: certificate signed by unknown authority",
            "put its authority's certificate",
        ),
        ("x509: certificate has expired or is not yet valid: current time …", "out of date"),
        ("x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs", "another name"),
        (
            PULLED.format("docker.io/library/nginx:1.27")
            + "pulling from host registry-1.docker.io failed with status code [manifests 1.27]: 429 Too Many Requests",
            "pull limit",
        ),
        ("toomanyrequests: You have reached your pull rate limit.", "pull limit"),
        (
            'ErrImageNeverPull: Container image "mynginx:local" is not present with pull policy of Never',
            "`imagePullPolicy: IfNotPresent`",
        ),
        (
            PULLED.format("ghcr.io/acme/shop:1")
            + f"failed to authorize: failed to fetch anonymous token: unexpected status from GET request to {TOKEN}:"
            " 403 Forbidden",
            "no pull Secret of the Pod opens this registry",
        ),
        (
            PULLED.format("ghcr.io/acme/shop:1")
            + f"failed to authorize: failed to fetch oauth token: unexpected status from GET request to {TOKEN}:"
            " 403 Forbidden",
            "the registry refuses the credential",
        ),
        ("ErrImagePull: 401 Unauthorized", "does not show this image"),
        (
            PULLED.format("docker.io/acme/worker:3.1") + "pull access denied, repository does not exist or may require"
            " authorization: server message: insufficient_scope: authorization failed",
            "does not show this image",
        ),
        (
            'failed to pull and unpack image "docker.io/acme/shop:1": no match for platform in manifest: not found',
            "lacks the node's platform",
        ),
        (PULLED.format("ghcr.io/acme/shop:9") + "ghcr.io/acme/shop:9: not found", "no such image"),
        ("dial tcp: lookup ghcr.io on 10.43.0.10:53: no such host", "cannot resolve"),
        ("dial tcp 127.0.0.1:5000: connect: connection refused", "does not reach"),
        ("write /var/lib/containerd/…: no space left on device", "disk is full"),
        ('InvalidImageName: Failed to apply default image tag "Shop": …', "does not parse"),
        ("ErrImagePull: something new", VERIFY),
    ],
)
def test_what_a_node_says_of_an_image_that_it_cannot_have_is_told_with_its_remedy(said: str, told: str) -> None:
    assert told in remedy(said)


@pytest.mark.parametrize(
    "said",
    [
        "failed to extract layer sha256:3404a9: write /usr/lib/x: read-only file system",
        "failed to create temporary file: open /var/lib/containerd/io.containerd.content/x: permission denied",
        "failed to pull ghcr.io/acme/shop:1: unexpected EOF, sha256:0ab4040c",
    ],
)
def test_a_node_that_cannot_write_is_not_taken_for_a_registry_that_refuses(said: str) -> None:
    """Digits of a digest are no status, and a file that may not be written is no image that may not be read."""
    assert remedy(said) == VERIFY


@pytest.mark.parametrize(
    "said",
    [
        'CreateContainerConfigError: secret "database" not found',
        'RunContainerError: failed to create containerd task: exec: "serve": executable file not found in $PATH',
        "CreateContainerError: mkdir /data: permission denied",
    ],
)
def test_a_container_that_cannot_be_made_is_no_matter_of_its_registry(said: str) -> None:
    assert "the image is there" in remedy(said)
