/* SPDX-License-Identifier: BSD-2-Clause */
/* The first thread of the root task: runs every test in a fresh thread, watches it, reports, ends
 * the machine.
 *
 * Words of the boot module's command line: `only=PREFIX` runs the tests whose name starts so,
 * `from=N` those from the N-th on (numbers as reported). */
#include "../roots/end_machine.h"
#include "harness_priv.h"

enum {
    COM1 = 0x3f8,
    LINE_STATUS = 5,
    TRANSMITTER_EMPTY = 0x20,
    TEST_MAX = 1024,
    NAME_BYTES = 200,
    STACK_BYTES = 16384,
    LABEL_DONE = 0x7e57,
};

int main(void);

extern const struct test *const __start_tests[], *const __stop_tests[];
extern char __executable_start[], _end[];

L4_ThreadId_t root_thread, sigma0_thread, pager_thread;
struct kip *kip;

static const struct test *list[TEST_MAX];
static unsigned list_count, first = 1;
static char only[NAME_BYTES];
static char tester_stack[STACK_BYTES] __attribute__((aligned(4096)));
static char pager_stack[PAGE_BYTES] __attribute__((aligned(4096)));

/* ---- the serial line ---- */

static void serial_init(void)
{
    static const unsigned char set[][2] = {{3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {1, 0}, {2, 7}, {4, 0xb}};
    for (unsigned i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
        out8((unsigned short)(COM1 + set[i][0]), set[i][1]);
    }
}

static void serial_write(const char *text)
{
    for (; *text; text++) {
        while (!(in8(COM1 + LINE_STATUS) & TRANSMITTER_EMPTY)) {
        }
        out8(COM1, (L4_Word_t)*text);
    }
}

/* ---- which tests, in which order ---- */

static bool starts_with(const char *text, const char *start)
{
    while (*start && *text == *start) {
        text++;
        start++;
    }
    return *start == 0;
}

/* "file: statement", file without folder and ending. */
static const char *name_of(const struct test *t, char *name)
{
    const char *base = t->file;
    for (const char *c = t->file; *c; c++) {
        base = *c == '/' ? c + 1 : base;
    }
    unsigned length = 0;
    while (base[length] && base[length] != '.') {
        length++;
    }
    format(name, NAME_BYTES, "%.*s: %s", (int)length, base, t->name);
    return name;
}

/* Files in the linker's order, tests by line. */
static void make_list(void)
{
    char name[NAME_BYTES];
    for (const struct test *const *t = __start_tests; t < __stop_tests && list_count < TEST_MAX; t++) {
        if (!starts_with(name_of(*t, name), only)) {
            continue;
        }
        unsigned at = list_count++;
        for (; at > 0 && list[at - 1]->file == (*t)->file && list[at - 1]->line > (*t)->line; at--) {
            list[at] = list[at - 1];
        }
        list[at] = *t;
    }
}

static void read_option(const char *word)
{
    if (starts_with(word, "only=")) {
        format(only, sizeof(only), "%s", word + 5);
        for (char *c = only; *c; c++) {
            *c = *c == ' ' ? 0 : *c;
        }
    }
    if (starts_with(word, "from=")) {
        first = 0;
        for (const char *c = word + 5; *c >= '0' && *c <= '9'; c++) {
            first = first * 10 + (unsigned)(*c - '0');
        }
    }
}

/* The words after our module's name, from the boot info's record of the image with our entry. */
static void read_command_line(void)
{
    const struct bootinfo *info = (const struct bootinfo *)kip->boot_info;
    if (!info || info->magic != BOOTINFO_MAGIC) {
        return;
    }
    const char *at = (const char *)info + info->first;
    for (unsigned i = 0; i < info->count; i++) {
        const struct bootrec_simple_exec *r = (const void *)at;
        if (r->head.type == BOOTREC_SIMPLE_EXEC && r->ip == kip->root.ip && r->cmdline) {
            for (const char *word = at + r->cmdline; *word; word++) {
                read_option(word);
            }
        }
        at += r->head.next;
    }
}

/* ---- threads that are always there ---- */

static void set_up_thread(L4_ThreadId_t t, unsigned slot, L4_ThreadId_t its_pager, L4_Word_t prio)
{
    if (!L4_ThreadControl(t, root_thread, root_thread, its_pager, UTCB_AREA + slot * UTCB_SIZE) ||
        !L4_Set_Priority(t, prio)) {
        ktap_diagnostic("no thread %x: error %u", (unsigned)t.raw, (unsigned)L4_ErrorCode());
    }
}

static void start_thread(L4_ThreadId_t t, void (*entry)(void), char *stack_end)
{
    struct l4_registers r = {
        .control = L4_EXREGS_START, .sp = (L4_Word_t)stack_end - 16, .ip = (L4_Word_t)entry};
    if (L4_IsNilThread(L4_ExchangeRegisters(t, &r))) {
        ktap_diagnostic("thread %x cannot be started: error %u", (unsigned)t.raw, (unsigned)L4_ErrorCode());
    }
}

/* Gives other spaces what they touch of ours; ports, where they are mapped. */
static void pager_main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        L4_Word_t address = L4_StoreMR(1), page = address & ~0xfffu;
        if ((L4_Label(tag) & 0xfff0) == L4_LABEL_IO_FAULT) {
            (void)L4_Call(sigma0_thread, L4_MsgTag(L4_LABEL_IO_FAULT, 2, 0));
            L4_LoadMR(2, address | L4_FullyAccessible);
            page = 0;
        } else if ((L4_Label(tag) & 0xfff0) == L4_LABEL_PAGE_FAULT && address < WINDOW) {
            (void)peek(address & ~3u);
            L4_LoadMR(2, page_rwx(page).raw);
        } else {
            tag = L4_Wait(&from);
            continue;
        }
        L4_LoadMR(1, page | L4_ITEM_MAP);
        tag = L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from);
    }
}

/* ---- running ---- */

static const struct test *current;

static void tester_main(void)
{
    L4_SetTcr(UTCB_XFER_TIMEOUTS, 0);
    L4_SetTcr(UTCB_PREEMPT_FLAGS, 0);
    L4_Set_ExceptionHandler(root_thread);
    L4_Accept(L4_Nilpage);
    current->run();
    (void)L4_Send(root_thread, L4_MsgTag(LABEL_DONE, 0, 0));
    L4_Sleep(L4_Never);
}

static void judge(L4_MsgTag_t tag)
{
    if (L4_IpcFailed(tag)) {
        ktap_failed(current->file, current->line, "the test to end");
    } else if ((L4_Label(tag) & 0xfff0) == L4_LABEL_EXCEPTION) {
        ktap_failed_values(current->file, current->line, "no exception; its number and place follow",
                           L4_StoreMR(3), L4_StoreMR(1));
    } else if (L4_Label(tag) != LABEL_DONE) {
        ktap_failed_values(current->file, current->line, "the test's end, not this tag and word", tag.raw,
                           L4_StoreMR(1));
    }
}

static void run_test(const struct test *t, unsigned version)
{
    char name[NAME_BYTES];
    L4_ThreadId_t tester = L4_GlobalId(L4_ThreadNo(root_thread) + 2, version % 63 + 1);
    current = t;
    ktap_begin(name_of(t, name));
    set_up_thread(tester, 2, sigma0_thread, PRIO_TESTER);
    start_thread(tester, tester_main, tester_stack + STACK_BYTES);
    judge(
        L4_Ipc(L4_nilthread, tester, L4_Timeouts(L4_Never, L4_TimePeriod(WATCHDOG_US)), (L4_MsgTag_t){0}, 0));
    (void)L4_ThreadControl(tester, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
    delete_helpers();
    ktap_end();
}

static void touch_memory(void)
{
    for (L4_Word_t at = (L4_Word_t)__executable_start & ~0xfffu; at < (L4_Word_t)_end; at += PAGE_BYTES) {
        (void)peek(at);
    }
    for (unsigned i = 0; i < FRAME_COUNT; i++) {
        poke(FRAME(i), 0);
    }
}

int main(void)
{
    root_thread = L4_Myself();
    sigma0_thread = L4_Pager();
    kip = (struct kip *)L4_KernelInterface();
    serial_init();
    read_command_line();
    make_list();
    ktap_start(serial_write, list_count - (first - 1));
    touch_memory();
    pager_thread = L4_GlobalId(L4_ThreadNo(root_thread) + 1, 1);
    set_up_thread(pager_thread, 1, sigma0_thread, PRIO_PAGER);
    start_thread(pager_thread, pager_main, pager_stack + PAGE_BYTES);
    for (unsigned i = first - 1; i < list_count; i++) {
        run_test(list[i], i);
    }
    end_machine(ktap_finish());
}
