"""What the lab's node is made of: names, networks, configuration; nothing is started here."""

from __future__ import annotations

import ipaddress
import json
import tomllib
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from lab import cgroups, containerd, identity, node
from lab.certificates import certificates
from lab.control_plane import _prepare
from lab.errors import LabError
from lab.identity import Identity, free_subnet
from lab.ports import port

POOL = ipaddress.IPv4Network("10.128.0.0/9")


@pytest.fixture
def who() -> Identity:
    return Identity("0123abcd", ipaddress.IPv4Network("10.200.4.0/22"))


def test_names_fit_their_limits(who: Identity) -> None:
    assert len(who.bridge) <= 15
    assert len(str(who.runtime / "containerd.sock.ttrpc")) <= 107
    assert who.gateway == "10.200.4.1"


def test_an_identity_is_kept_and_two_labs_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[ipaddress.IPv4Network] = []
    monkeypatch.setattr(identity, "used", lambda: taken)
    labs = [tmp_path / name for name in ("one", "two")]
    for lab in labs:
        lab.mkdir()
    first, second = (identity.identity(lab) for lab in labs)
    assert first.bridge != second.bridge
    assert first.runtime != second.runtime
    assert not first.subnet.overlaps(second.subnet)
    taken.append(first.subnet)  # its own route, once it is up
    assert identity.identity(labs[0]) == first


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(list(POOL.subnets(new_prefix=12))), max_size=6))
def test_a_chosen_subnet_never_overlaps_a_taken_one(first: int, taken: list[ipaddress.IPv4Network]) -> None:
    chosen = free_subnet(first, taken)
    assert chosen.subnet_of(POOL)
    assert not any(chosen.overlaps(network) for network in taken)


def test_a_machine_without_a_free_network_is_told_so() -> None:
    with pytest.raises(LabError, match="no free network"):
        free_subnet(0, [ipaddress.IPv4Network("10.0.0.0/8")])


def test_each_registry_is_answered_by_its_stand_in_alone(tmp_path: Path, who: Identity) -> None:
    containerd.write(tmp_path, tmp_path / "node", who)
    for registry, name in (("docker.io", "hub"), ("quay.io", "hub"), ("ghcr.io", "ghcr")):
        told = tomllib.loads((tmp_path / "node" / "certs.d" / registry / "hosts.toml").read_text())
        url = f"http://127.0.0.1:{port(tmp_path, name)}"
        assert told["server"] == url
        assert list(told["host"]) == [url]


def test_the_runtime_keeps_its_files_in_this_lab(tmp_path: Path, who: Identity) -> None:
    config = tomllib.loads(containerd.config_toml(tmp_path, who, "overlayfs"))
    assert Path(config["root"]).is_relative_to(tmp_path)
    assert Path(config["state"]).is_relative_to(who.runtime)
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["restrict_oom_score_adj"] is True
    assert cri["sandbox_image"] in containerd.LOCAL_IMAGES
    assert Path(cri["registry"]["config_path"]).is_relative_to(tmp_path)


def test_the_pod_network_turns_on_neither_forwarding_nor_masquerading(tmp_path: Path, who: Identity) -> None:
    bridge = json.loads(json.dumps(containerd.pod_network(tmp_path, who)))["plugins"][0]
    assert (bridge["isGateway"], bridge["ipMasq"]) == (False, False)
    assert bridge["bridge"] == who.bridge
    assert Path(bridge["ipam"]["dataDir"]).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ("overlay / overlay rw 0 0\n", True),
        ("overlay / overlay rw 0 0\n/dev/vda /srv ext4 rw 0 0\n", False),
        ("/dev/vda / ext4 rw 0 0\noverlay /srv overlay rw 0 0\n", True),
        ("/dev/vda / ext4 rw 0 0\noverlay /srv-too overlay rw 0 0\n", False),
        ("", False),
    ],
)
def test_a_folder_on_an_overlay_is_known_by_its_nearest_mount(mounts: str, expected: bool) -> None:
    assert containerd.stacked(Path("/srv/lab"), mounts) is expected


def test_only_packages_of_missing_programs_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    monkeypatch.setattr("lab.node.shutil.which", lambda name, path: name if name in there else None)
    assert node.packages() == ["containerd", "containernetworking-plugins", "iproute2", "runc"]
    there |= {"containerd", "ctr", "runc", "ip"}  # Docker's own, say
    assert node.packages() == ["containernetworking-plugins"]


def test_the_kubelet_touches_nothing_that_labs_share(tmp_path: Path, who: Identity) -> None:
    config = node.kubelet_config(tmp_path, tmp_path / "node", _prepare(tmp_path), who)
    assert config["makeIPTablesUtilChains"] is False
    assert config["cgroupRoot"] == f"/{who.cgroup}"
    for key in ("podLogsDir", "volumePluginDir"):
        assert Path(config[key]).is_relative_to(tmp_path)
    assert set(config["evictionHard"].values()) == {"0%"}


def test_the_first_process_hides_what_the_machine_shares_and_keeps_what_it_needs() -> None:
    script = node.INIT.read_text()
    for line in ("mount -t tmpfs -o mode=755 node /var", "mount -t tmpfs -o mode=755 node /run"):
        assert line in script
    assert script.index('mount --bind "$folder" "/mnt/$number"') < script.index("node /var")


def test_control_group_roots_of_both_versions_are_found() -> None:
    mounts = (
        "tmpfs /sys/fs/cgroup tmpfs rw 0 0",
        "group /sys/fs/cgroup/cpu cgroup rw 0 0",
        "group /sys/fs/cgroup/unified cgroup2 rw 0 0",
    )
    assert cgroups.hierarchies("\n".join(mounts)) == [Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup/unified")]


def test_a_tree_of_groups_is_removed_whole_and_what_is_in_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lab" / "kubepods" / "pod").mkdir(parents=True)
    monkeypatch.setattr(cgroups, "_groups", lambda name: [tmp_path / name])
    (tmp_path / "lab" / "kubepods" / "busy").write_text("a file keeps a plain folder, as a process keeps a group")
    assert cgroups.remove("lab", deadline=0.1) == [tmp_path / "lab"]
    (tmp_path / "lab" / "kubepods" / "busy").unlink()
    assert cgroups.remove("lab") == []
    assert list(tmp_path.iterdir()) == []


def test_certificates_are_made_once_and_hold_together(tmp_path: Path) -> None:
    made = certificates(tmp_path)
    authority, server, client = (
        x509.load_pem_x509_certificate(path.read_bytes()) for path in (made.authority, made.server, made.kubelet_client)
    )
    for leaf in (server, client):
        leaf.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert certificates(tmp_path) == made
    assert x509.load_pem_x509_certificate(made.server.read_bytes()) == server
