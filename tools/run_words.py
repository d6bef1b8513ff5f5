# SPDX-License-Identifier: BSD-2-Clause
"""What a person typed for tools/run: words split as a shell splits them, and numbers.  Whatever is
wrong is a Complaint: one line that names what was typed as it was typed."""
import math


class Complaint(Exception):
    """One line for the user; nothing has been started."""


def shown(text):
    """Bytes or text as they can stand in a line: what would break it is written as an escape."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def unquote(text, start, name):
    """The text in quotes that begin at start: (what it stands for, the place behind it)."""
    mark, at, word = text[start], start + 1, bytearray()
    while at < len(text) and text[at] != mark:
        if mark == ord('"') and text[at] == ord("\\") and text[at + 1:at + 2] in (b"$", b"`", b'"', b"\\", b"\n"):
            at += 1
            if text[at] != ord("\n"):
                word.append(text[at])
        else:
            word.append(text[at])
        at += 1
    if at == len(text):
        kind = "double" if mark == ord('"') else "single"
        raise Complaint(f"{name}: a {kind} quote ({chr(mark)}) is not closed: {shown(text[start:start + 40])}")
    return word, at + 1


def split(text, name):
    """Splits bytes as a POSIX shell does: blanks, single and double quotes, backslashes.  Nothing
    is expanded, and no character means anything else.  name is what the text is called in
    complaints."""
    words, word, at = [], None, 0
    while at < len(text):
        byte = text[at:at + 1]
        if byte in b" \t\n":
            if word is not None:
                words.append(bytes(word))
            word = None
            at += 1
            continue
        if byte == b"\\" and text[at + 1:at + 2] == b"\n":
            at += 2  # a line goes on
            continue
        word = bytearray() if word is None else word
        if byte in b"'\"":
            part, at = unquote(text, at, name)
            word += part
        else:
            if byte == b"\\" and at + 1 < len(text):
                at += 1
            word.append(text[at])
            at += 1
    if word is not None:
        words.append(bytes(word))
    return words


def number(text, name, unit, least, most):
    """A whole number from least to most.  name: how the user calls it, with the sign that stands
    before the number."""
    wanted = f"{name.rstrip(' =')} takes a number of {unit} from {least} to {most}"
    if not text.strip().isascii() or not text.strip().isdigit():
        raise Complaint(f"{name}{shown(text)}: not a whole number; {wanted}")
    value = int(text) if len(text.strip()) < 20 else most + 1
    if not least <= value <= most:
        raise Complaint(f"{name}{shown(text)}: too {'small' if value < least else 'large'}; {wanted}")
    return value


def seconds(text, name, most):
    """A positive time, which need not be whole."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= most:
        raise Complaint(f"{name}{shown(text)}: {name.rstrip(' =')} takes a number of seconds, more than 0 and at most {most}")
    return value
