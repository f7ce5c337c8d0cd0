r"""The commands of a shell script, each word with its place in the script.

As bash reads them, as far as words need it: quotes, escapes, continued lines, comments, here-documents, pipes,
redirections, command substitutions (whose commands are listed, too). GitHub fills ``${{ }}`` in before bash reads the
script; here it is one piece of its word, whatever it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["text", "variable", "expression", "opaque"]

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_BRACED: Final = re.compile(r"\{([A-Za-z_]\w*)(,,?|:?-[^{}$`\"']*)?\}")
_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_ENDS: Final = "\n;&|()"
_OPENS: Final = frozenset({"if", "for", "while", "until", "case", "select"})
_CLOSES: Final = frozenset({"fi", "done", "esac"})
_PREFIXES: Final = frozenset(
    {"if", "then", "elif", "else", "do", "while", "until", "!", "time", "{", "sudo", "exec", "command", "nohup"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a word: the characters ``[start, end)`` of the script; ``name``: of a variable."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    default: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its pieces, without quotes, and the characters ``[start, end)`` that say it, quotes included."""

    pieces: tuple[Piece, ...]
    start: int
    end: int


@dataclass(slots=True)
class Command:
    """A simple command.

    Attributes:
        words: the program and its arguments, without variables set for it alone and without ``sudo`` and the like.
        stdin: the word of a here-string.
        outputs: the files that its output goes to.
        source: the command whose output it reads, by a pipe.
        branch: whether it may be passed over: it stands within ``if``, ``for``, ``case``.
        keywords: ``for`` and the like before it.
    """

    words: list[Word] = field(default_factory=list)
    stdin: Word | None = None
    outputs: list[Word] = field(default_factory=list)
    source: Command | None = None
    branch: bool = False
    keywords: list[str] = field(default_factory=list)


def commands(script: str) -> list[Command]:
    """Return the commands of a script in its order; those of a substitution before the one that uses it."""
    scanner = _Scanner(script)
    scanner.sequence("")
    return scanner.found


class _Scanner:
    def __init__(self, script: str) -> None:
        self.script, self.at = script, 0
        self.found: list[Command] = []
        self.depth = 0
        self.heredocs: list[tuple[str, bool]] = []

    def sequence(self, closing: str) -> None:
        """Read commands up to the sign that closes them."""
        command, source = Command(), None
        piped = False
        while self.at < len(self.script):
            sign = self.script[self.at]
            if sign == closing:
                break
            if sign in " \t\r":
                self.at += 1
            elif self.script.startswith("\\\n", self.at):
                self.at += 2
            elif sign == "#":
                self._line()
            elif sign == "\n" and not command.words and not self.heredocs:
                self.at += 1  # a pipe goes on behind it
            elif sign in _ENDS:
                self._done(command, source if piped else None)
                source = command if command.words else source
                piped = sign == "|" and not self.script.startswith("||", self.at)
                self.at += 2 if self.script[self.at : self.at + 2] in ("||", "&&", ";;", "|&") else 1
                command = Command()
                if sign == "\n":
                    self._skip_heredocs()
            elif sign in "<>":
                self._redirection(command)
            else:
                self._argument(command, closing)
        self._done(command, source if piped else None)
        self.at += 1

    def _argument(self, command: Command, closing: str) -> None:
        start = self.at
        word = self._word(closing)
        text = self.script[start : self.at]
        if text.isdigit() and self.script[self.at : self.at + 1] in ("<", ">"):
            return
        if not command.words and text in _PREFIXES | _OPENS | _CLOSES | {"}"}:
            self.depth += (text in _OPENS) - (text in _CLOSES)
            command.keywords.append(text)
            if text not in ("for", "select", "case"):
                return
        command.words.append(word)

    def _done(self, command: Command, source: Command | None) -> None:
        command.source = source
        command.branch = self.depth > 0
        if command.words or command.outputs:
            self.found.append(command)

    def _line(self) -> None:
        end = self.script.find("\n", self.at)
        self.at = len(self.script) if end < 0 else end

    def _blanks(self) -> None:
        while self.at < len(self.script) and self.script[self.at] in " \t":
            self.at += 1

    def _redirection(self, command: Command) -> None:
        for sign in ("<<<", "<<-", "<<", ">>", ">&", "<&", ">|", "<(", ">(", "<>", "<", ">"):
            if self.script.startswith(sign, self.at):
                break
        self.at += len(sign)
        if sign in ("<(", ">("):
            self.sequence(")")
            return
        self._blanks()
        start = self.at
        word = self._word("")
        if sign == "<<<":
            command.stdin = word
        elif sign in ("<<", "<<-"):
            self.heredocs.append((self.script[start : self.at].strip("'\"\\"), sign == "<<-"))
        elif sign in (">", ">>", ">|"):
            command.outputs.append(word)

    def _skip_heredocs(self) -> None:
        for name, tabs in self.heredocs:
            while self.at < len(self.script):
                start = self.at
                self._line()
                line = self.script[start : self.at].rstrip("\r")
                self.at += 1
                if (line.lstrip("\t") if tabs else line) == name:
                    break
        self.heredocs.clear()

    def _word(self, closing: str) -> Word:
        start = self.at
        pieces: list[Piece] = []
        while self.at < len(self.script):
            sign = self.script[self.at]
            if sign in " \t\r<>" or sign in _ENDS or sign == closing:
                break
            if sign == "'":
                self._single(pieces)
            elif sign == '"':
                self._double(pieces)
            elif sign == "\\":
                if self.script[self.at + 1 : self.at + 2] != "\n":
                    _text(pieces, self.at + 1, self.at + 2)
                self.at += 2
            else:
                self._piece(pieces)
        if self.at == start:  # a sign that begins nothing: goes on behind it
            self.at += 1
        return Word(tuple(pieces), start, min(self.at, len(self.script)))

    def _single(self, pieces: list[Piece]) -> None:
        self.at += 1
        while self.at < len(self.script) and self.script[self.at] != "'":
            if not self._expression(pieces):
                _text(pieces, self.at, self.at + 1)
                self.at += 1
        self.at += 1

    def _double(self, pieces: list[Piece]) -> None:
        self.at += 1
        while self.at < len(self.script) and self.script[self.at] != '"':
            if self.script[self.at] == "\\" and self.script[self.at + 1 : self.at + 2] in ("$", '"', "\\", "`", "\n"):
                if self.script[self.at + 1] != "\n":
                    _text(pieces, self.at + 1, self.at + 2)
                self.at += 2
            else:
                self._piece(pieces)
        self.at += 1

    def _expression(self, pieces: list[Piece]) -> bool:
        found = _EXPRESSION.match(self.script, self.at)
        if found is not None:
            pieces.append(Piece("expression", found.start(), found.end()))
            self.at = found.end()
        return found is not None

    def _piece(self, pieces: list[Piece]) -> None:
        script, start = self.script, self.at
        sign = script[start]
        if sign == "`":
            self.at += 1
            self.sequence("`")
            pieces.append(Piece("opaque", start, self.at))
        elif sign != "$":
            _text(pieces, start, start + 1)
            self.at += 1
        elif self._expression(pieces):
            pass
        elif script.startswith("$((", start):
            self._until("))")
            pieces.append(Piece("opaque", start, self.at))
        elif script.startswith("$(", start):
            self.at += 2
            outer, self.depth = self.depth, self.depth
            self.sequence(")")
            self.depth = outer
            pieces.append(Piece("opaque", start, min(self.at, len(script))))
        elif (braced := _BRACED.match(script, start + 1)) is not None:
            self.at = braced.end()
            default = None
            if braced[2] and "-" in braced[2]:
                default = (braced.start(2) + braced[2].index("-") + 1, braced.end(2))
            pieces.append(Piece("variable", start, self.at, braced[1], default))
        elif script.startswith("${", start):
            self._braces()
            pieces.append(Piece("opaque", start, self.at))
        elif (name := _NAME.match(script, start + 1)) is not None:
            self.at = name.end()
            pieces.append(Piece("variable", start, self.at, name[0]))
        elif script[start + 1 : start + 2] and script[start + 1] in "@*#?-$!0123456789":
            self.at += 2
            pieces.append(Piece("opaque", start, self.at))
        else:
            _text(pieces, start, start + 1)
            self.at += 1

    def _braces(self) -> None:
        """Go behind ``${…}``, whose text may hold others."""
        depth = 0
        while self.at < len(self.script):
            sign = self.script[self.at]
            depth += (sign == "{") - (sign == "}")
            self.at += 2 if sign == "\\" else 1
            if sign == "}" and depth == 0:
                break

    def _until(self, closing: str) -> None:
        end = self.script.find(closing, self.at)
        self.at = len(self.script) if end < 0 else end + len(closing)


def _text(pieces: list[Piece], start: int, end: int) -> None:
    """Add characters that stand for themselves, to the last piece where they go on from it."""
    if pieces and pieces[-1].kind == "text" and pieces[-1].end == start:
        pieces[-1] = Piece("text", pieces[-1].start, end)
    else:
        pieces.append(Piece("text", start, end))
