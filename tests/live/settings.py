"""What a run has to be told, all of it through the environment, and why it cannot start without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "HUB2GHCR_LIVE_"
MUST: Final = None
"""The default of a variable that has none."""


class NotReady(Exception):
    """The run cannot start; each of ``args`` is one reason, with its remedy."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment, without ``PREFIX``."""

    name: str
    meaning: str
    default: str | None = ""


VARIABLES: Final = (
    Variable("GHCR_OWNER", "user or organisation that owns the throw-away package, in lower case", MUST),
    Variable("GHCR_REPOSITORY", "name of that package, such as hub2ghcr-smoke: there must be none of that name", MUST),
    Variable("GHCR_USER", "whose token it is", MUST),
    Variable("GHCR_TOKEN", "classic token with write:packages and delete:packages", MUST),
    Variable("GITHUB_TOKEN", "another token for GitHub's API (default: GHCR_TOKEN)"),
    Variable("SOURCE_REPOSITORY", "a repository of that owner: checks that a label links a package to it"),
    Variable("FINE_GRAINED_TOKEN", "a fine-grained token: checks that GHCR refuses it"),
    Variable("APP_TOKEN", "an installation token of a GitHub App: checks that GHCR refuses its pulls"),
    Variable("HUB_USER", "Docker Hub account: checks its pull limit"),
    Variable("HUB_TOKEN", "an access token of that account"),
    Variable("GHCR_PUBLIC", "any public image on GHCR", "oras-project/oras:v1.2.0"),
    Variable("HUB_IMAGE", "any public image on Docker Hub with platforms and several tags", "library/busybox:1.36"),
    Variable("GHCR_URL", "where GHCR answers", "https://ghcr.io"),
    Variable("GITHUB_URL", "where GitHub's API answers", "https://api.github.com"),
    Variable("HUB_URL", "where Docker Hub's registry answers", "https://registry-1.docker.io"),
)


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a secret that ``repr`` does not show."""

    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's settings; what is optional and was not set is None or empty."""

    owner: str
    package: str
    ghcr: Login
    github_token: str = field(repr=False)
    source_repository: str
    fine_grained: Login | None
    app: Login | None
    hub: Login | None
    public: str
    image: str
    ghcr_url: str
    github_url: str
    hub_url: str

    @property
    def repository(self) -> str:
        """The throw-away repository as the registry names it."""
        return f"{self.owner}/{self.package}"


def read(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises ``NotReady`` with every reason at once."""
    value = {each.name: environ.get(PREFIX + each.name, "").strip() or each.default or "" for each in VARIABLES}
    wrong = [
        f"{PREFIX}{each.name} is not set: {each.meaning}"
        for each in VARIABLES
        if each.default is MUST and not value[each.name]
    ]
    for name in ("GHCR_OWNER", "GHCR_REPOSITORY"):
        if value[name] != value[name].lower():
            wrong.append(f"{PREFIX}{name} is {value[name]}: write it in lower case, as GHCR does")
    for name in ("GHCR_PUBLIC", "HUB_IMAGE"):
        if ":" not in value[name]:
            wrong.append(f"{PREFIX}{name} is {value[name]}: write REPOSITORY:TAG, without a host")
    if bool(value["HUB_USER"]) != bool(value["HUB_TOKEN"]):
        wrong.append(f"{PREFIX}HUB_USER and {PREFIX}HUB_TOKEN: set both or none")
    if wrong:
        raise NotReady(*wrong)

    def login(user: str, name: str) -> Login | None:
        return Login(user, value[name]) if value[name] else None

    return Settings(
        owner=value["GHCR_OWNER"],
        package=value["GHCR_REPOSITORY"],
        ghcr=Login(value["GHCR_USER"], value["GHCR_TOKEN"]),
        github_token=value["GITHUB_TOKEN"] or value["GHCR_TOKEN"],
        source_repository=value["SOURCE_REPOSITORY"],
        fine_grained=login(value["GHCR_USER"], "FINE_GRAINED_TOKEN"),
        # The user name that GitHub documents for installation tokens.
        app=login("x-access-token", "APP_TOKEN"),
        hub=login(value["HUB_USER"], "HUB_TOKEN"),
        public=value["GHCR_PUBLIC"],
        image=value["HUB_IMAGE"],
        ghcr_url=value["GHCR_URL"].rstrip("/"),
        github_url=value["GITHUB_URL"].rstrip("/"),
        hub_url=value["HUB_URL"].rstrip("/"),
    )
