"""Names for C: nothing from a model reaches C text without passing through here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

LONGEST_NAME = 40
"""Characters that are kept of a name from the model."""

_RESERVED_WORDS = """
    auto break case char const continue default do double else enum extern float for
    goto if inline int long register restrict return short signed sizeof static struct
    switch typedef union unsigned void volatile while asm typeof fortran main offsetof
    bool true false nullptr alignas alignof constexpr static_assert thread_local
    unix linux i386 errno stdin stdout stderr complex imaginary noreturn arenas
"""

_CPP_WORDS = """
    and and_eq bitand bitor catch class co_await co_return co_yield compl concept
    const_cast consteval constinit decltype delete dynamic_cast explicit export friend
    mutable namespace new noexcept not not_eq operator or or_eq private protected public
    reinterpret_cast requires static_cast template this throw try typeid typename using
    virtual xor xor_eq
"""

RESERVED = frozenset(_RESERVED_WORDS.split() + _CPP_WORDS.split())
"""
Keywords of C11, C23 and C++, macros of compilers and the standard headers, and what
emitted code declares.
"""

_HEADER_NAMES = """
    assert complex ctype deploy errno fenv float inttypes iso646 limits locale math
    setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib
    stdnoreturn string tgmath threads time uchar wchar wctype platform
"""

HEADERS = frozenset(_HEADER_NAMES.split())
"""Headers that `NAME.h` would hide from what includes them."""

_PLAIN = re.compile(r"[A-Za-z0-9_ .:;/,+()=\[\]{}<>|~^!@#$%&'-]")


@cache
def identifier(text: str) -> str:
    """
    A C identifier that looks like `text`.

    Never a keyword, never reserved for the implementation, never all upper case (the
    standard headers define macros like that), and not longer than `LONGEST_NAME`.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    name = name[:LONGEST_NAME].rstrip("_")
    if not name or name[0].isdigit() or not re.search("[a-z]", name):
        name = f"t_{name}".rstrip("_")
    is_taken = name in RESERVED or name.startswith("deploy_") or name.endswith("_t")
    return f"{name}_" if is_taken else name


def program_name(text: str) -> str:
    """
    The C name of a program called `text`: what all its external symbols begin with.

    Case is kept, since something always follows it.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    name = name[:LONGEST_NAME].rstrip("_")
    is_taken = name.startswith("deploy") or name.lower() in HEADERS
    if not name or name[0].isdigit() or is_taken:
        name = f"model_{name}".rstrip("_")
    return name


def macro_part(text: str) -> str:
    """`text` as a part of the name of a macro."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper() or "UNNAMED"


def comment_text(text: str) -> str:
    """`text` for the inside of a comment: it can neither end nor begin one."""
    return "".join(c if _PLAIN.match(c) else ascii_escape(c) for c in text)


def ascii_escape(character: str) -> str:
    r"""`character` as `\x2a`, `\u2022` or `\U0001f600`."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def string_literal(text: str) -> str:
    """`text` in UTF-8 as a C string literal."""
    data = text.encode("utf-8", "surrogatepass")
    plain = {ord(c) for c in " !#$&'()*+,-./:;<=>@[]^_`{|}~"}
    plain |= {c for c in range(128) if chr(c).isalnum()}
    return '"' + "".join(chr(c) if c in plain else f"\\{c:03o}" for c in data) + '"'


@dataclass
class Names:
    """Gives out names that are unique in one scope of C."""

    taken: set[str] = field(default_factory=set[str])
    """To be added to; what is given back goes through `free`."""
    _numbers: dict[str, int] = field(default_factory=dict[str, int])
    """The last number behind each identifier: it and all before are taken."""

    def unique(self, text: str) -> str:
        """An identifier like `text` that has not been given out yet."""
        wanted = identifier(text)
        number = self._numbers.get(wanted, 1)
        name = wanted if number == 1 else f"{wanted}_{number}"
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self._numbers[wanted] = number
        self.taken.add(name)
        return name

    def copy(self) -> Names:
        """The same names, to come back to at the end of a scope inside."""
        return Names(set(self.taken), dict(self._numbers))

    def free(self, name: str) -> None:
        """Gives a name back."""
        self.taken.remove(name)
        for wanted in [one for one in self._numbers if name.startswith(one)]:
            del self._numbers[wanted]
