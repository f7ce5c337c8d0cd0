"""What a test wants to go wrong: an answer of its own, or a delay, for the next calls that match."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from lab.github_api.exchange import DOCUMENTATION, Answer, Document


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the next ``count`` calls (-1: with all) that match.

    ``path`` is a regular expression searched in the path without ``/api/v3``; ``method`` is empty for any. A ``status``
    of 0 answers as usual, after ``seconds``. ``after`` lets the call be carried out first, and only its answer be lost.
    """

    path: str = ""
    method: str = ""
    count: int = 1
    status: int = 500
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    after: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether the fault concerns this call."""
        return self.method in ("", method) and re.search(self.path, path) is not None

    def answer(self) -> Answer:
        """What is answered in place of the usual."""
        body: Document = {"message": self.message, "documentation_url": DOCUMENTATION, "status": str(self.status)}
        return Answer(self.status, body, self.headers)


BAD_CREDENTIALS = Fault(status=401, message="Bad credentials")
NO_SSO = Fault(
    status=403,
    message=(
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this "
        "organization."
    ),
    headers={"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=lab"},
)
NOT_FOUND = Fault(status=404, message="Not Found")
CONFLICT = Fault(status=409, message="is at another commit than expected")
INVALID = Fault(status=422, message="Validation Failed")
SECONDARY_LIMIT = Fault(
    status=429,
    message=("You have exceeded a secondary rate limit. Please wait a few minutes before you try again."),
    headers={"Retry-After": "1"},
)
SECONDARY_LIMIT_403 = replace(SECONDARY_LIMIT, status=403)
SERVER_ERROR = Fault(status=500, message="Server Error")
BAD_GATEWAY = Fault(status=502, message="Server Error")
UNAVAILABLE = Fault(status=503, message="Service unavailable")


def primary_limit(seconds: int = 2, *, status: int = 403) -> Fault:
    """The hour's calls are used up, and the next hour begins in so many seconds."""
    headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Used": "5000",
        "X-RateLimit-Reset": str(int(time.time()) + seconds),
        "X-RateLimit-Resource": "core",
    }
    return Fault(status=status, message="API rate limit exceeded for user ID 1.", headers=headers)


def no_sso(organization: str) -> Fault:
    """The token is not authorised for an organisation's single sign-on."""
    page = f"https://github.com/orgs/{organization}/sso?authorization_request=lab"
    return replace(NO_SSO, headers={"X-GitHub-SSO": f"required; url={page}"})


class Faults:
    """Those still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls. Raises ``re.error`` for a path that is no regular expression."""
        re.compile(fault.path)
        self._waiting.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that befalls this call, None for none."""
        for index, fault in enumerate(self._waiting):
            if fault.matches(method, path):
                if fault.count > 0:
                    left = [Fault(**{**asdict(fault), "count": fault.count - 1})] if fault.count > 1 else []
                    self._waiting[index : index + 1] = left
                return fault
        return None

    def waiting(self) -> list[Document]:
        """All of them as JSON."""
        return [asdict(fault) for fault in self._waiting]
