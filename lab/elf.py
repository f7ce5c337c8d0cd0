"""The demo's programs: tiny static Linux executables, assembled by hand and kept here as bytes.

The lab's images must have the same bytes on every machine, so nothing in them comes from a compiler or a distribution.
Each listing pairs machine code with what it does; ``tests/lab/test_elf.py`` runs the results. System call numbers are
those of the kernel's ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
"""

from __future__ import annotations

import struct

Listing = tuple[tuple[str, str], ...]
"""Machine code in hexadecimal, and its meaning."""

X86_64 = 62
"""``EM_X86_64`` of elf(5)."""

AARCH64 = 183
"""``EM_AARCH64`` of elf(5)."""

_BASE = 0x400000
_HEADERS = 64 + 56

_SERVE_X86_64: Listing = (
    ("4881ec00200000", "8 KiB of stack for the body and for a request"),
    (
        "6a00488d051701000050680000000450",
        "on the stack: {quit, SA_RESTORER, restorer quit, no mask}, as x86-64 wants it (rt_sigaction(2))",
    ),
    (
        "6a0f5f4889e631d26a08415a6a0d580f05",
        "rt_sigaction(SIGTERM, that, NULL, 8): pid 1 dies of no signal that it does not handle",
    ),
    ("488d3d0401000031f66a02580f05", 'open("/image", O_RDONLY)'),
    ("89c7488d742420ba0010000031c00f0531c94885c0480f48c14989c6", "r14 = read(it, body, 4096), 0 if that fails"),
    ("6a025f6a015e31d26a29580f054189c4", "r12 = socket(AF_INET, SOCK_STREAM, 0)"),
    (
        "6a006a014989e24489e76a015e6a0f5a6a0441586a36580f05",
        "setsockopt(r12, SOL_SOCKET, SO_REUSEPORT, 1): two containers of one Pod share the port",
    ),
    ("6a00b802001f90504489e74889e66a105a6a31580f0585c00f8592000000", "bind(r12, 0.0.0.0:8080), to fail on error"),
    ("4489e76a105e6a32580f05", "listen(r12, 16)"),
    ("4489e731f631d26a2b580f0585c078f0", "next: r13 = accept(r12), again on error"),
    (
        "4189c589c76a015e6a145a4c8d5424106a1041586a36580f05",
        "setsockopt(r13, SOL_SOCKET, SO_RCVTIMEO, 1 s): a silent client holds nobody up for long",
    ),
    (
        "4489ef488db42440100000ba0010000031c00f05",
        "read(r13, request, 4096): unread data would turn the close into a reset",
    ),
    ("488d35520000006a2d5ae822000000", "send(head, 45)"),
    ("488d7424404c89f2e815000000", "send(body, r14)"),
    ("4489ef6a015e6a30580f05", "shutdown(r13, SHUT_WR)"),
    ("4489ef6a03580f05eb92", "close(r13), back to next"),
    ("4489ef41ba004000004531c04531c96a2c580f05c3", "send: sendto(r13, rsi, rdx, MSG_NOSIGNAL, NULL, 0)"),
    ("31ffeb03", "quit: exit(0)"),
    ("6a015f", "fail: edi = 1"),
    ("6a3c580f05", "exit(edi)"),
    ("2f696d61676500", 'path: "/image"'),
    (
        "485454502f312e3020323030204f4b0d0a436f6e74656e742d547970653a20746578742f706c61696e0d0a0d0a",
        "head: status line, Content-Type, empty line",
    ),
)

_PAUSE_X86_64: Listing = (
    ("6a00488d051f00000050680000000450", "on the stack: {quit, SA_RESTORER, restorer quit, no mask}"),
    ("6a0f5f4889e631d26a08415a6a0d580f05", "rt_sigaction(SIGTERM, that, NULL, 8)"),
    ("6a22580f05ebf9", "pause() for ever"),
    ("31ff6a3c580f05", "quit: exit(0)"),
)

_DONE_X86_64: Listing = (("31ff6a3c580f05", "exit(0)"),)

_PAUSE_AARCH64: Listing = (
    ("000080d2010080d2020080d2030080d2040080d2", "x0 to x4 = 0"),
    ("280980d2010000d4", "ppoll(NULL, 0, NULL, NULL, 0): there is no pause(2) on this architecture"),
    ("f9ffff17", "again"),
)

_DONE_AARCH64: Listing = (("000080d2a80b80d2010000d4", "exit(0)"),)


def executable(machine: int, listing: Listing) -> bytes:
    """A static ELF file with one readable and executable segment that holds the headers and the code (elf(5))."""
    code = bytes.fromhex("".join(text for text, _ in listing))
    size = _HEADERS + len(code)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 2, machine, 1, _BASE + _HEADERS, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x10000)
    return header + segment + code


PROGRAMS: dict[str, dict[str, bytes]] = {
    "amd64": {
        "done": executable(X86_64, _DONE_X86_64),
        "pause": executable(X86_64, _PAUSE_X86_64),
        "serve": executable(X86_64, _SERVE_X86_64),
    },
    "arm64": {
        "done": executable(AARCH64, _DONE_AARCH64),
        "pause": executable(AARCH64, _PAUSE_AARCH64),
        "serve": executable(AARCH64, _PAUSE_AARCH64),
    },
}
"""Architecture to file name to executable.

``serve`` answers every connection to TCP port 8080 with the text of ``/image`` and ends at SIGTERM (on arm64, where the
lab has no kubelet, it only waits); ``done`` ends at once with 0; ``pause`` waits for SIGTERM, as a Pod's sandbox does.
"""
