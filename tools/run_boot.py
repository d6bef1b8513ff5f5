# SPDX-License-Identifier: BSD-2-Clause
"""The boot modules of a machine that tools/run starts: what they are called, what is in them,
whether they fit.

A module's name goes through QEMU's command line and the boot records, where blanks and commas mean
something.  What the user named goes into two modules that are data (docs/conventions.md): a bundle
of files and a command."""
import os
import re
import shutil
import stat
import struct
import subprocess

from run_words import Complaint, shown

PAGE, MIB = 4096, 1 << 20
# The bounds of servers/task/bundle.h, servers/task/file.c, lib/loader/startup_record.h and
# protocol/startup.h.
BUNDLE_MAGIC, NAME_MAX, INDEX_MAX = 0x4c494650, 252, 1024 * PAGE
HEADER, RECORD = struct.Struct("<3I"), struct.Struct("<4I")
COMMAND_BYTES_MAX, COMMAND_WORDS_MAX, RECORD_BYTES_MAX, RECORD_HEAD = 6 * 1024, 1500, 2 * PAGE, 64
ALWAYS_FITS = 2048  # bytes of arguments: each may be a word of its own
MODULES_MAX = 4098  # those of servers/task/module.h, and physmem and task themselves

BIOS_BYTES = 128 * 1024         # at the end of memory, which QEMU's BIOS keeps
DIRECT_MAP_BYTES = 896 * MIB    # memory above is not used
POOL_LEAST, POOL_MOST, POOL_FRAME_BYTES = 256 * 1024, 64 * MIB, 20
LIST_BYTES = 2 * PAGE           # the kernel's list of modules
FRAME_BYTES, PAGE_RECORD_BYTES = 12, 24 + 4
BELOW_SERVERS = 3 * MIB // 4    # free between the kernel and the task server
SPARE_BYTES = MIB // 2          # what the first tasks take before anything can go to the swap disk


def pages(size):
    return -(-size // PAGE)


def size_text(size):
    return f"{size / MIB:.1f} MiB" if size >= MIB else f"{-(-size // 1024)} KiB"


class Boot:
    """Modules in a folder, in their order.  memory: bytes of the machine."""

    def __init__(self, folder, memory, memory_name):
        self.folder, self.memory, self.memory_name = folder, memory, memory_name
        self.names, self.files = [], {}

    # ---- modules ----

    def place(self, name):
        return os.path.join(self.folder, name)

    def add(self, path, name=None):
        """A module under a name that needs no quoting."""
        name = name or os.path.basename(path)
        if not can_be_module(name):
            raise Complaint(f"{shown(path)}: a boot module's name is up to 31 letters, digits and ._+-")
        if name in self.names:
            raise Complaint(f"{shown(path)}: a second boot module named {name}")
        self.names.append(name)
        if len(self.names) > MODULES_MAX:
            raise Complaint(f"{shown(path)}: too many boot modules; at most {MODULES_MAX}, physmem and task included")
        self.copy(path, self.place(name), strip=True)

    def has_place(self):
        """Whether one more module can be added, with a bundle behind it."""
        return len(self.names) + 1 < MODULES_MAX

    def add_program(self, path):
        """Programs are known by their name without .elf."""
        self.add(path, re.sub(r"\.elf$", "", os.path.basename(path)))

    def write(self, name, data):
        with open(self.place(name), "wb") as file:
            file.write(data)
        self.names.append(name)

    def copy(self, path, copy, strip):
        """strip: without the symbols, if it is a program."""
        try:
            with open(path, "rb") as file:
                is_program = file.read(4) == b"\x7fELF"
        except OSError as error:
            raise Complaint(f"{shown(path)}: {error.strerror}") from None
        words = ["i686-linux-gnu-strip", "-s", "-o", copy, path]
        if not (strip and is_program) or subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            shutil.copyfile(path, copy)

    # ---- what the user named ----

    def add_command(self, option, words):
        """The program's file, argv[0] and the arguments, as the module `command'."""
        data = b"".join(word + b"\0" for word in words)
        taken = RECORD_HEAD + 4 * len(words) + len(data)
        if len(data) > COMMAND_BYTES_MAX or len(words) > COMMAND_WORDS_MAX or taken > RECORD_BYTES_MAX:
            raise Complaint(f"{option}: too long: {len(data)} bytes; {ALWAYS_FITS} always fit, and up to "
                            f"{COMMAND_BYTES_MAX} where the words are few")
        self.write("command", data)

    def add_file(self, path, option):
        """A file of the bundle, under its base name.  option: what named it, for complaints."""
        name = os.fsencode(os.path.basename(path))
        try:
            kind = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            raise Complaint(f"{shown(path)}: {getattr(error, 'strerror', None) or 'no such file'}") from None
        if not name or stat.S_ISDIR(kind):
            raise Complaint(f"{shown(path)}: a folder; {option} takes files")
        if len(name) > NAME_MAX:
            raise Complaint(f"{shown(path)}: the name has {len(name)} bytes; at most {NAME_MAX}")
        other = self.files.setdefault(name, path)
        if other != path and not os.path.samefile(path, other):
            raise Complaint(f"{shown(path)}: a second file named {shown(name)}, after {shown(other)}")

    def write_bundle(self):
        """The module `files', if there are any; returns whether."""
        if not self.files:
            return False
        files = sorted(self.files.items())
        index_bytes = HEADER.size + RECORD.size * len(files) + sum(len(name) for name, _ in files)
        if index_bytes > INDEX_MAX:
            raise Complaint(f"too many files: {len(files)}; their names and places take {size_text(index_bytes)}, "
                            f"at most {size_text(INDEX_MAX)}")
        known = sum(pages(size_of(path)) for _, path in files) + pages(index_bytes)
        self.check_fit(known * PAGE)
        records, names, page = b"", b"", pages(index_bytes)
        with open(self.place("files"), "wb") as bundle:
            for name, path in files:
                bundle.seek(page * PAGE)
                size = self.append(path, bundle, page)
                records += RECORD.pack(HEADER.size + RECORD.size * len(files) + len(names), len(name), page, size)
                names += name
                page += pages(size)
            bundle.truncate(page * PAGE)
            bundle.seek(0)
            bundle.write(HEADER.pack(BUNDLE_MAGIC, len(files), index_bytes) + records + names)
        self.names.append("files")
        return True

    def append(self, path, bundle, page):
        """The contents of a file behind what is in the bundle.  It may be a pipe, or grow: only
        memory ends it."""
        size = 0
        try:
            with open(path, "rb") as file:
                while data := file.read(MIB):
                    size += len(data)
                    if page * PAGE + size > self.memory:
                        self.check_fit(page * PAGE + size)
                    bundle.write(data)
        except OSError as error:
            raise Complaint(f"{shown(path)}: {error.strerror}") from None
        return size

    # ---- whether it fits ----

    def check_fit(self, more=0):
        """Every module takes whole pages.  more: bytes of a module that is not there yet."""
        taken = sum(pages(os.path.getsize(self.place(name))) * PAGE for name in self.names) + more
        servers_end = max((image_end(self.place(name)) for name in self.names[:2]), default=0)
        has = room(self.memory, servers_end, taken)
        if taken <= has:
            return
        fitting = next((mib for mib in range(1, 1025) if room(mib * MIB, servers_end, taken) >= taken), None)
        what = f"programs and files take {size_text(taken)}" if has > 0 else "programs and files have no place"
        advice = f"{self.memory_name}{fitting} would do" if fitting else "no machine has as much"
        raise Complaint(f"too large: {what}, a machine of {self.memory // MIB} MiB has room for "
                        f"{size_text(max(0, has))} of them; {advice}")


def can_be_module(name):
    return re.fullmatch(r"[A-Za-z0-9._+-]{1,31}", name) is not None


def size_of(path):
    """0 for what has no size of its own, as a pipe."""
    try:
        return os.path.getsize(path)
    except OSError as error:
        raise Complaint(f"{shown(path)}: {error.strerror}") from None


# ---- the layout of a booting machine (kernel/ia32/kickstart.c, servers/physmem/boot) ----

def image_end(path):
    """Where a server's image ends in memory; 0 if it is no program, which the kernel will say."""
    with open(path, "rb") as file:
        data = file.read(4 * PAGE)
    if len(data) < 52 or data[:4] != b"\x7fELF":
        return 0
    at, size, count = struct.unpack_from("<I", data, 28)[0], *struct.unpack_from("<2H", data, 42)
    ends = [0]
    for i in range(count):
        if at + i * size + 32 <= len(data):
            kind, _, _, physical, _, memory = struct.unpack_from("<6I", data, at + i * size)
            ends.append(physical + memory if kind == 1 else 0)
    return max(ends)


def room(memory, servers_end, taken):
    """Bytes that boot modules can take, whole pages each, if they take about as much as `taken'.
    Modules lie between the servers' images and the kernel's pool.  physmem then needs its table of
    frames in one piece, and a record for each page of a module; below the servers it has the rest
    of the first 2 MiB for that."""
    top = min(memory - BIOS_BYTES, DIRECT_MAP_BYTES)
    frames = pages(top)
    pool = max(top // 32, POOL_LEAST + pages(frames * POOL_FRAME_BYTES) * PAGE)
    between = top - min(pool, POOL_MOST) - LIST_BYTES - pages(servers_end) * PAGE
    table = pages(frames * FRAME_BYTES) * PAGE
    records = pages(pages(taken) * PAGE_RECORD_BYTES) * PAGE
    left = BELOW_SERVERS - table - records - SPARE_BYTES
    return between + min(0, left)
