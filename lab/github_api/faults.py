"""What a test wants to go wrong: an answer of its own, or a delay, for the next calls that match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from lab.github_api.exchange import DOCUMENTATION, Answer, Document


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the next ``count`` calls (-1: with all) that match.

    ``path`` is a regular expression searched in the path without ``/api/v3``; ``method`` is empty for any. A ``status``
    of 0 answers as usual, after ``seconds``.
    """

    path: str = ""
    method: str = ""
    count: int = 1
    status: int = 500
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

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
UNAVAILABLE = Fault(status=503, message="Service unavailable")


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
