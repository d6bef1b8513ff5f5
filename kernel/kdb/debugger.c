/* SPDX-License-Identifier: BSD-2-Clause */
/* The command loop of the debugger, its commands, and the ways in. */
#include "kdb.h"

#include "console.h"
#include "show.h"
#include "symbols.h"

#include "arch.h"
#include "ia32/devices.h"
#include "ia32/io.h"
#include "l4/interrupt_ipc.h"
#include "l4/thread.h"

enum { LINE_BYTES = 80, WORDS_MAX = 4, KEY = 'K' - '@', ERASE_LINE = 'U' - '@', DELETE = 0x7f, UART_IRQ = 4 };

bool kdb_key_enabled;
static bool enabled, inside;

struct command_line {
    char *words[WORDS_MAX];
    unsigned count;
};

/* ---- words of a command ---- */

static bool begins_with(const char *s, const char *start)
{
    while (*start && *s == *start) {
        s++;
        start++;
    }
    return *start == 0;
}

static bool equal(const char *a, const char *b)
{
    return begins_with(a, b) && begins_with(b, a);
}

/* A number in hexadecimal, with or without 0x. */
static bool parse_hex(const char *s, word_t *value)
{
    *value = 0;
    s += s[0] == '0' && s[1] == 'x' ? 2 : 0;
    for (const char *start = s; *s; s++) {
        char lower = (char)(*s | 0x20);
        word_t digit = *s >= '0' && *s <= '9'         ? (word_t)(*s - '0')
                       : lower >= 'a' && lower <= 'f' ? (word_t)(lower - 'a' + 10)
                                                      : 16;
        if (digit == 16 || s - start == 8) {
            return false;
        }
        *value = *value << 4 | digit;
    }
    return true;
}

static bool argument(const struct command_line *c, unsigned i, word_t *value)
{
    if (i >= c->count) {
        print("%s: something is missing; see help\n", c->words[0]);
        return false;
    }
    if (!parse_hex(c->words[i], value)) {
        print("%s: not a hexadecimal number\n", c->words[i]);
        return false;
    }
    return true;
}

static struct space *space_argument(const struct command_line *c, unsigned i)
{
    word_t number;
    if (!argument(c, i, &number)) {
        return NULL;
    }
    struct space *space = show_find_space(number);
    if (!space) {
        print("%s: no such space: give a number of the command spaces, or a thread's id\n", c->words[i]);
    }
    return space;
}

/* ---- commands ---- */

static void command_help(const struct command_line *c);

static void command_threads(const struct command_line *c)
{
    const struct space *space = c->count > 1 ? space_argument(c, 1) : NULL;
    if (c->count == 1 || space) {
        show_threads(space);
    }
}

static void command_thread(const struct command_line *c)
{
    word_t id = current ? current->global_id : 0;
    if (c->count > 1 && !argument(c, 1, &id)) {
        return;
    }
    const struct tcb *t = thread_find(id);
    if (t) {
        show_thread(t);
    } else {
        print("%x: no such thread; threads lists them\n", (unsigned)id);
    }
}

static void command_spaces(const struct command_line *c)
{
    (void)c;
    show_spaces();
}

static void command_map(const struct command_line *c)
{
    struct space *space = space_argument(c, 1);
    word_t address;
    if (space && argument(c, 2, &address)) {
        show_map(space, address);
    }
}

static void command_ready(const struct command_line *c)
{
    (void)c;
    show_ready();
}

static void command_timers(const struct command_line *c)
{
    (void)c;
    show_timers();
}

static void command_memory(const struct command_line *c)
{
    (void)c;
    show_memory();
}

static void command_layout(const struct command_line *c)
{
    (void)c;
    show_layout();
}

static void command_trace(const struct command_line *c)
{
    word_t count = 20;
    if (c->count > 1 && equal(c->words[1], "dump")) {
        show_trace_dump();
    } else if (c->count == 1 || argument(c, 1, &count)) {
        show_trace(count);
    }
}

static void command_counters(const struct command_line *c)
{
    (void)c;
    show_counters();
}

static void command_dump(const struct command_line *c)
{
    word_t address;
    const struct space *space = c->count > 2 ? space_argument(c, 2) : current ? current->space : NULL;
    if ((c->count <= 2 || space) && argument(c, 1, &address)) {
        show_dump(space, address);
    }
}

static void command_reboot(const struct command_line *c)
{
    enum { KEYBOARD = 0x64, RESET = 0xfe };
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) nothing = {0, 0};
    (void)c;
    outb(KEYBOARD, RESET);
    for (unsigned i = 0; i < 1000000; i++) {
        __asm__ volatile("pause");
    }
    __asm__ volatile("lidt %0\n\tint3" : : "m"(nothing)); /* which is a triple fault */
}

static const struct command {
    const char *name, *arguments, *text;
    void (*run)(const struct command_line *c); /* NULL: continue */
} commands[] = {
    {"help", "", "these lines; all numbers are hexadecimal", command_help},
    {"threads", "[SPACE]", "all threads (of a space), and what each does", command_threads},
    {"thread", "[ID]", "one thread: registers, pager, its IPC, who waits for it (default: the running one)",
     command_thread},
    {"spaces", "", "address spaces: number, threads, kernel memory, KIP and UTCB area", command_spaces},
    {"map", "SPACE ADDRESS", "who has the page there, from whom, with which rights", command_map},
    {"ready", "", "the running thread and the ready queues", command_ready},
    {"timers", "", "threads with a timeout that runs, and when it ends", command_timers},
    {"memory", "", "kernel memory by owner", command_memory},
    {"layout", "", "the kernel's addresses, with rights", command_layout},
    {"trace", "[COUNT | dump]", "the last events; dump: all, for tools/trace2json", command_trace},
    {"counters", "", "what the kernel has counted since boot", command_counters},
    {"dump", "ADDRESS [SPACE]", "bytes of memory (of a space; default: the running thread's)", command_dump},
    {"continue", "", "leave the debugger", NULL},
    {"reboot", "", "reset the machine", command_reboot},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void command_help(const struct command_line *c)
{
    (void)c;
    for (unsigned i = 0; i < COMMANDS; i++) {
        print("%-9s%-16s %s\n", commands[i].name, commands[i].arguments, commands[i].text);
    }
    print("SPACE is a number of the command spaces, or the id of a thread in it.  Unique beginnings of names "
          "do.\n");
}

/* The command with this name, or the only one that begins so.  NULL: there is none, or more than
 * one. */
static const struct command *find_command(const char *name)
{
    const struct command *found = NULL;
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (equal(commands[i].name, name)) {
            return &commands[i];
        }
        if (begins_with(commands[i].name, name)) {
            if (found) {
                return NULL;
            }
            found = &commands[i];
        }
    }
    return found;
}

/* ---- the loop ---- */

static void read_line(char line[LINE_BYTES])
{
    unsigned length = 0;
    for (;;) {
        int c = uart_get(); /* the character that console.h holds is a program's */
        if (c == '\r' || c == '\n') {
            break;
        }
        if ((c == '\b' || c == DELETE) && length > 0) {
            console_put_text("\b \b");
            length--;
        } else if (c == ERASE_LINE) {
            while (length > 0) {
                console_put_text("\b \b");
                length--;
            }
        } else if (c >= ' ' && c < DELETE && length < LINE_BYTES - 1) {
            console_put((char)c);
            line[length++] = (char)c;
        }
    }
    line[length] = 0;
    console_put('\n');
}

static struct command_line split(char *line)
{
    struct command_line c = {.count = 0};
    while (c.count < WORDS_MAX) {
        while (*line == ' ') {
            *line++ = 0;
        }
        if (!*line) {
            break;
        }
        c.words[c.count++] = line;
        while (*line && *line != ' ') {
            line++;
        }
    }
    *line = 0;
    return c;
}

void kdb_enter(const char *why, bool may_continue)
{
    char line[LINE_BYTES];
    if (inside) {
        return; /* an NMI has come in here */
    }
    inside = true;
    trace_note_clocks();
    print("kdb: entered by %s; help lists the commands\n", why);
    for (;;) {
        console_put_text("kdb> ");
        read_line(line);
        struct command_line c = split(line);
        if (c.count == 0) {
            continue;
        }
        const struct command *command = find_command(c.words[0]);
        if (!command) {
            print("%s: no such command; try help\n", c.words[0]);
        } else if (command->run) {
            command->run(&c);
        } else if (may_continue) {
            break;
        } else {
            print("after a panic there is only reboot\n");
        }
    }
    inside = false;
}

/* ---- ways in ---- */

void kdb_init(bool on)
{
    enabled = kdb_key_enabled = on;
}

bool kdb_enabled(void)
{
    return enabled;
}

void kdb_poll(void)
{
    if (interrupt_associated(interrupt_find((word_t)UART_IRQ << L4_VERSION_BITS | 1))) {
        return; /* the line is a program's */
    }
    int c = uart_get();
    if (c == KEY) {
        kdb_enter("Ctrl-K", true);
    } else if (c >= 0) {
        console_unget(c); /* it is for a program that asks the kernel */
    }
}

void kdb_nmi(const struct arch_regs *r)
{
    word_t offset;
    const char *name = symbol_find(r->eip, &offset);
    print("--- NMI at %x", (unsigned)r->eip);
    if (name) {
        print(" (%s+%x)", name, (unsigned)offset);
    }
    print(", thread %x ---\n", current ? (unsigned)current->global_id : 0);
    if (enabled) {
        kdb_enter("NMI", true);
    }
}
