# SPDX-License-Identifier: BSD-2-Clause
"""gdb commands that read the kernel's own structures: l4 threads, l4 spaces, l4 thread ID, l4 tree FRAME, l4 trace.

Loaded by boot/debug.gdb (make debug); elsewhere: source tools/pilotfish-gdb.py, with build/kernel.elf as symbol file.
"""
import functools
import subprocess

import gdb

VERSION_BITS, PAGE_MASK, TRACE_EVENTS = 14, 0xFFFFF000, 2048  # kernel/kdb/trace.h
STATES = ["waits for", "ready", "inactive", "sends to", "in a string transfer with"]  # kernel/l4/tcb.h
RECEIVING, SENDING, TRANSFER = 0, 3, 4
ANYBODY = (0xFFFFFFFF, 0xFFFFFFC0)  # anythread, anylocalthread


@functools.lru_cache
def addresses(kernel):
    """By name; link-time optimisation may have put `.lto_priv' and a number behind it."""
    listing = subprocess.run(["nm", kernel], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {fields[2].split(".lto_priv")[0]: int(fields[0], 16) for line in listing.splitlines() if len(fields := line.split()) == 3}


def static(name, kind):
    """A variable that only one file knows: link-time optimisation loses where it is, the symbol table does not."""
    kernel = next(file.filename for file in gdb.objfiles() if "kernel" in file.filename)
    return gdb.Value(addresses(kernel)[name]).cast(gdb.lookup_type(kind).pointer()).dereference()


def walk(head, link):
    """The elements of a list, as pointers."""
    node = head
    while int(node):
        yield node
        node = node[link]


def spaces():
    return list(walk(gdb.parse_and_eval("all_spaces"), "next"))


def threads():
    for number, space in enumerate(spaces()):
        for thread in walk(space["threads"], "space_next"):
            yield number, thread


def thread_by_id(text):
    wanted = int(str(text), 16)
    for _, thread in threads():
        if int(thread["global_id"]) == wanted:
            return thread
    raise gdb.GdbError(f"{text}: no such thread; l4 threads lists them")


def state_of(thread):
    if int(thread) == int(gdb.parse_and_eval("current")):
        return "runs"
    state = int(thread["state"])
    other = ""
    if state == RECEIVING:
        wanted = int(thread["from_spec"])
        other = " anybody" if wanted in ANYBODY else f" {wanted:x}"
    elif state in (SENDING, TRANSFER):
        other = f" {int(thread['partner' if state == SENDING else 'peer']['global_id']):x}"
    return STATES[state] + other + (", halted" if int(thread["halted"]) else "")


class L4(gdb.Command):
    """Looks at the kernel's structures: l4 threads, spaces, thread, tree, trace."""

    def __init__(self):
        super().__init__("l4", gdb.COMMAND_STATUS, prefix=True)


class Threads(gdb.Command):
    """l4 threads: all threads, their registers' place and what they do."""

    def __init__(self):
        super().__init__("l4 threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print("id        number.task  space prio ip       sp       state")
        for number, thread in threads():
            ident = int(thread["global_id"])
            name = f"{ident >> VERSION_BITS}.{ident & ((1 << VERSION_BITS) - 1)}"
            print(f"{ident:<9x} {name:12} {number:5} {int(thread['priority']):4} {int(thread['regs']['eip']):08x} "
                  f"{int(thread['regs']['esp']):08x} {state_of(thread)}")


class Thread(gdb.Command):
    """l4 thread ID: one thread's control block."""

    def __init__(self):
        super().__init__("l4 thread", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print(thread_by_id(argument).dereference().format_string(max_depth=2))


class Spaces(gdb.Command):
    """l4 spaces: address spaces and their page tables' entries in use."""

    def __init__(self):
        super().__init__("l4 spaces", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print("space threads first     kernel bytes  CR3      page tables")
        for number, space in enumerate(spaces()):
            first = int(space["threads"]["global_id"]) if int(space["threads"]) else 0
            directory = space["directory"]
            tables = sum(int(directory[i]) & 0x81 == 1 for i in range(768))
            print(f"{number:5} {int(space['thread_count']):7} {first:<9x} {int(space['kmem_bytes']):12}  "
                  f"{int(directory) - 0xC0000000:08x} {tables}")


class Tree(gdb.Command):
    """l4 tree FRAME: who has a frame (physical address), in the order of the mapping tree."""

    def __init__(self):
        super().__init__("l4 tree", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        frame = int(gdb.parse_and_eval(argument)) & PAGE_MASK
        if frame >> 12 >= int(static("frame_count", "unsigned int")):
            raise gdb.GdbError("not a frame of memory")
        frames = gdb.Value(int(static("frames", "unsigned int"))).cast(gdb.lookup_type("struct kpage").pointer())
        descriptor, first = frames[frame >> 12], frames[frame >> 22 << 10]
        if int(descriptor["state"]):
            raise gdb.GdbError("a frame of the kernel")
        big = not int(first["state"]) and int(first["head"]) & 4
        if big:  # HEAD_SUPER: all nodes of these 4 MiB are in the list of the first frame
            print(f"superpage {frame >> 22 << 22:08x}")
        head = int((first if big else descriptor)["head"]) & ~7
        mapping = gdb.lookup_type("struct mapping").pointer()
        print("sigma0")
        for node in walk(gdb.Value(head).cast(mapping), "next"):
            entry = int(node["pte"].dereference())
            print("  " * (int(node["info"]) >> 8) + f"entry at {int(node['pte']):x}: {entry:08x}"
                  f"{' writable' if entry & 2 else ''}{' accessed' if entry & 32 else ''}{' dirty' if entry & 64 else ''}")


class Trace(gdb.Command):
    """l4 trace [COUNT]: the last events of the kernel's trace (kernel command line: trace)."""

    def __init__(self):
        super().__init__("l4 trace", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        written = int(static("written", "unsigned int"))
        room = int(static("ring", "unsigned int"))
        if not room:
            raise gdb.GdbError("no trace: the kernel's command line needs the word trace")
        ring = gdb.Value(room).cast(gdb.lookup_type("struct trace_event").pointer())
        kinds = {field.enumval: field.name for field in gdb.lookup_type("enum trace_kind").fields()}
        for number in range(max(0, written - min(int(argument or 20), TRACE_EVENTS)), written):
            event = ring[number % TRACE_EVENTS]
            time = int(event["time_high"]) << 32 | int(event["time_low"])
            print(f"{number:8} {time:12x} {kinds[int(event['kind'])][6:].lower():10} thread {int(event['thread']):x} "
                  f"{int(event['a']):x} {int(event['b']):x} ({int(event['detail'])})")


for command in (L4, Threads, Thread, Spaces, Tree, Trace):
    command()
