"""The one error of the lab: what is wrong, and what to do about it."""


class LabError(Exception):
    """Something the lab needs is missing or failed.

    ``what`` names the place and the fault in one line; ``remedy`` says what to do, in one line; ``details`` are further
    lines (the end of a log, say) that are shown indented below.
    """

    def __init__(self, what: str, *, remedy: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.details = details

    def __str__(self) -> str:
        lines = [self.what]
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        lines.extend(f"  | {line}" for line in self.details)
        return "\n".join(lines)
