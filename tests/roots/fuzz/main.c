/* SPDX-License-Identifier: BSD-2-Clause */
/* The supervisor.  Words of the boot module's command line: seed=N, count=N; scarce=1: so little
 * kernel memory that threads cannot always be made, and nobody who lends more. */
#include "../end_machine.h"
#include "base/format.h"
#include "fuzz.h"
#include "ktap/ktap.h"
#include "l4/kdb.h"

enum {
    DEFAULT_SEED = 1,
    DEFAULT_COUNT = 20000,
    STEP_US = 1000,                    /* how often it looks at least */
    STUCK_US = 8 * 1000 * WORKERS / 4, /* a worker without a call for so long is made anew */
    WITNESS_US = 500 * 1000,           /* so long, at most, a witness may be without progress */
    JUNK_EVERY = 16,                   /* checks */
    PROGRESS_EVERY = 10,
    REPEATS = 20,
    TESTS = 7,
};

int main(void);

extern char __executable_start[], _end[];

L4_ThreadId_t root_id, client_id, server_id, sigma0_id;
L4_Word_t links[LINKS];

static L4_Word_t count = DEFAULT_COUNT, total, next_check = CHECK_EVERY, checks;
static L4_Word_t seen[WORKERS], witness_seen;
static L4_Word64_t active[WORKERS], witness_active;
static bool scarce;
static unsigned kernel_violations, worker_violations, witness_violations, memory_violations, faults,
    io_faults, exceptions;
static L4_Word_t canary[PAGE_BYTES / 4] __attribute__((aligned(4096)));
static L4_Word_t image_sum, fault_address[WORKERS];
static unsigned fault_repeats[WORKERS];

/* ---- output ---- */

static void print_text(const char *text)
{
    L4_KDB_PrintString(text);
}

__attribute__((format(printf, 1, 2))) static void print_line(const char *text, ...)
{
    char line[160];
    va_list args;
    va_start(args, text);
    vformat(line, sizeof(line), text, args);
    va_end(args);
    print_text("\n");
    print_text(line);
}

/* ---- what must not change ---- */

static L4_Word_t sum_image(void)
{
    extern char __etext[];
    L4_Word_t sum = 0;
    for (const L4_Word_t *at = (void *)__executable_start; at < (const L4_Word_t *)(void *)__etext; at++) {
        sum = (sum << 1 | sum >> 31) ^ *at;
    }
    return sum;
}

static bool canary_intact(void)
{
    for (unsigned i = 0; i < PAGE_BYTES / 4; i++) {
        if (canary[i] != i * 2654435761u) {
            return false;
        }
    }
    return true;
}

static void check_witnesses(void)
{
    struct witness *client = (void *)WITNESS_REGION, *server = (void *)(WITNESS_REGION + REGION_BYTES);
    if (client->errors || client->wrong || server->wrong) {
        witness_violations++;
        print_line("fuzz: witness: client errors %u (code %x, tag %x) wrong %u, server wrong %u (code %x)\n",
                   (unsigned)client->errors, (unsigned)client->error_code, (unsigned)client->error_tag,
                   (unsigned)client->wrong, (unsigned)server->wrong, (unsigned)server->error_code);
        client->errors = client->wrong = server->wrong = 0;
    }
}

static void check(void)
{
    checks++;
    L4_Word_t bad = L4_KDB_Check();
    if (bad) {
        kernel_violations += bad;
        print_line("fuzz: the kernel finds %u violations after %u calls\n", (unsigned)bad, (unsigned)total);
    }
    if (!canary_intact() || sum_image() != image_sum || !witness_intact(WITNESS_REGION) ||
        !witness_intact(WITNESS_REGION + REGION_BYTES)) {
        memory_violations++;
        print_line("fuzz: memory changed after %u calls\n", (unsigned)total);
    }
    check_witnesses();
    if (checks % JUNK_EVERY == 0) {
        junk_delete();
    }
    if (checks % PROGRESS_EVERY == 0) {
        print_line("fuzz: %u calls, %u faults, %u of ports, %u exceptions, %u restarts, %u threads made "
                   "anew, clock %u ms\n",
                   (unsigned)total, faults, io_faults, exceptions, restarts, recreations,
                   (unsigned)((L4_Word_t)L4_SystemClock() / 1000));
    }
}

/* ---- watching ---- */

static void watch_violation(struct worker *w, unsigned i)
{
    if (w->violation) {
        worker_violations++;
        print_line("fuzz: worker %u: line %u of %s.c, %x\n", i, (unsigned)w->violation,
                   i < FIRST_SERVANT ? "worker" : "servant", (unsigned)w->detail);
        w->violation = 0;
    }
}

static void watch_worker(unsigned i, L4_Word64_t now)
{
    struct worker *w = worker_of(i);
    L4_Word_t calls = w->calls, more = calls - seen[i];
    watch_violation(w, i);
    seen[i] = calls;
    if (more != 0) {
        total += more < CHECK_EVERY * 100 ? more : 0; /* else it has destroyed its record */
        active[i] = now;
    } else if (now - active[i] > STUCK_US) {
        active[i] = now;
        (supervisor_random() % 2 ? worker_restart : worker_make)(i);
    }
}

static void watch(void)
{
    L4_Word64_t now = L4_SystemClock();
    const struct witness *client = (const void *)WITNESS_REGION;
    for (unsigned i = 0; i < WORKERS; i++) {
        watch_worker(i, now);
    }
    watch_violation((struct worker *)LENDER_REGION, WORKERS);
    if (client->calls != witness_seen) {
        witness_seen = client->calls;
        witness_active = now;
    } else if (now - witness_active > WITNESS_US) {
        witness_active = now;
        witness_violations++;
        print_line("fuzz: the witnesses make no progress after %u calls, states %u %u\n", (unsigned)total,
                   (unsigned)L4_Schedule(client_id, ~0u, ~0u, ~0u, ~0u),
                   (unsigned)L4_Schedule(server_id, ~0u, ~0u, ~0u, ~0u));
    }
    if (total >= next_check) {
        next_check = total - total % CHECK_EVERY + CHECK_EVERY;
        check();
    }
}

/* ---- serving ---- */

static void map_reply(L4_Word_t address, L4_Word_t rights)
{
    L4_LoadMR(1, (address & ~0xfffu) | L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(address & ~0xfffu, PAGE_BITS), rights).raw);
}

/* One page of what the thread may have; false: nothing. */
static bool fault_reply(L4_Word_t region, L4_Word_t address, L4_Word_t access)
{
    if (address - region < REGION_BYTES) {
        map_reply(address, L4_FullyAccessible);
        return true;
    }
    if (address >= (L4_Word_t)__executable_start && address < (L4_Word_t)_end && access != L4_Writable) {
        map_reply(address, L4_ReadeXecOnly);
        return true;
    }
    return false;
}

/* The ports asked for, if they are of those that anybody may have. */
static bool ports_reply(L4_Fpage_t wanted)
{
    L4_Word_t first = L4_IoFpagePort(wanted), end = first + (1u << L4_IoFpageSizeLog2(wanted));
    if (first < PORTS || end > PORTS + PORTS_COUNT) {
        return false;
    }
    for (L4_Word_t port = first; port < end;
         port++) { /* ours from sigma0, again if a worker has taken them away */
        __asm__ volatile("inb %w0, %%al" : : "Nd"((unsigned short)port) : "eax");
    }
    L4_LoadMR(1, L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(wanted, L4_FullyAccessible).raw);
    return true;
}

/* The registers anew now and then instead of a restart: from somewhere where nothing is. */
static L4_MsgTag_t exception_reply(void)
{
    for (unsigned i = 2; i <= 12; i++) {
        L4_LoadMR(i, supervisor_random());
    }
    L4_LoadMR(1, KERNEL_BASE | supervisor_random());
    return L4_MsgTag(0, 12, 0);
}

/* A worker's message: a fault, an exception, or anything else.  true: the reply is in tag and the
 * MRs. */
static bool serve_worker(unsigned i, L4_MsgTag_t *tag)
{
    L4_Word_t label = L4_Label(*tag), address = L4_StoreMR(1);
    if ((label & 0xfff8) == L4_LABEL_PAGE_FAULT && L4_UntypedWords(*tag) == 2) {
        faults++;
        if (address == fault_address[i] && ++fault_repeats[i] > REPEATS) {
            fault_repeats[i] = 0;
            worker_make(i); /* the page cannot come there: an area of a worker's choice is */
            return false;
        }
        if (address != fault_address[i]) {
            fault_address[i] = address;
            fault_repeats[i] = 0;
        }
        if (fault_reply(REGION(i), address, label & 7)) {
            *tag = L4_MsgTag(0, 0, 2);
            return true;
        }
    } else if ((label & 0xfff0) == L4_LABEL_IO_FAULT) {
        io_faults++;
        if (ports_reply((L4_Fpage_t){address})) {
            *tag = L4_MsgTag(0, 0, 2);
            return true;
        }
    } else if (label == L4_LABEL_EXCEPTION) {
        exceptions++;
        if (supervisor_random() % 8 == 0) {
            *tag = exception_reply();
            return true;
        }
    } else {
        *tag = (L4_MsgTag_t){0};
        return supervisor_random() % 2;
    }
    worker_restart(i);
    return false;
}

static bool serve_witness(unsigned i, L4_MsgTag_t *tag)
{
    L4_Word_t label = L4_Label(*tag), region = WITNESS_REGION + i * REGION_BYTES;
    if ((label & 0xfff8) == L4_LABEL_PAGE_FAULT && fault_reply(region, L4_StoreMR(1), label & 7)) {
        *tag = L4_MsgTag(0, 0, 2);
        return true;
    }
    witness_violations++;
    print_line("fuzz: witness %u: message %x, %x %x %x %x\n", i, (unsigned)tag->raw, (unsigned)L4_StoreMR(1),
               (unsigned)L4_StoreMR(2), (unsigned)L4_StoreMR(3), (unsigned)L4_StoreMR(4));
    if (label == L4_LABEL_EXCEPTION) { /* again from there */
        *tag = L4_MsgTag(0, 12, 0);
        return true;
    }
    return false;
}

static bool serve(L4_ThreadId_t from, L4_MsgTag_t *tag)
{
    L4_ThreadId_t global = from;
    if (L4_IpcPropagated(*tag)) {
        return false;
    }
    if (L4_IsLocalId(from)) {
        unsigned slot = (from.raw - UTCB_AREA) / UTCB_SIZE - FIRST_SLOT;
        global = slot < PRIVILEGED ? worker_ids[slot] : L4_nilthread;
    }
    if (L4_IsThreadEqual(global, client_id) || L4_IsThreadEqual(global, server_id)) {
        return serve_witness(L4_IsThreadEqual(global, server_id), tag);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        if (L4_IsThreadEqual(global, worker_ids[i])) {
            return serve_worker(i, tag);
        }
    }
    return false; /* some thread that a worker made */
}

static void supervise(void)
{
    L4_ThreadId_t to = L4_nilthread, from;
    L4_MsgTag_t tag = {0};
    while (total < count) {
        tag = L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, L4_TimePeriod(STEP_US)), tag, &from);
        to = !L4_IpcFailed(tag) && serve(from, &tag) ? from : L4_nilthread;
        if (to.raw == 0) {
            tag.raw = 0;
        }
        L4_Word_t mr1 = L4_StoreMR(1), mr2 = L4_StoreMR(2);
        watch(); /* system calls on the way leave the other MRs alone */
        L4_LoadMR(1, mr1);
        L4_LoadMR(2, mr2);
    }
}

/* ---- setting up ---- */

static L4_Word_t number_behind(const char *word, const char *name)
{
    while (*name && *word == *name) {
        word++;
        name++;
    }
    if (*name || *word < '0' || *word > '9') {
        return 0;
    }
    L4_Word_t n = 0;
    for (; *word >= '0' && *word <= '9'; word++) {
        n = n * 10 + (L4_Word_t)(*word - '0');
    }
    return n;
}

/* The boot info's record of the image with our entry. */
static void read_command_line(const struct kip *kip)
{
    const struct bootinfo *info = (const struct bootinfo *)kip->boot_info;
    const char *at = (const char *)info + info->first;
    for (unsigned i = 0; info->magic == BOOTINFO_MAGIC && i < info->count; i++) {
        const struct bootrec_simple_exec *r = (const void *)at;
        if (r->head.type == BOOTREC_SIMPLE_EXEC && r->ip == kip->root.ip && r->cmdline) {
            for (const char *word = at + r->cmdline; *word; word++) {
                L4_Word_t n = number_behind(word, "seed=");
                supervisor_seed = n ? n : supervisor_seed;
                n = number_behind(word, "count=");
                count = n ? n : count;
                scarce |= number_behind(word, "scarce=") != 0;
            }
        }
        at += r->head.next;
    }
}

static void find_links(const struct kip *kip)
{
    const L4_Word_t offsets[LINKS] = {
        kip->ipc,
        kip->unmap,
        kip->exchange_registers,
        kip->thread_control,
        kip->space_control,
        kip->schedule,
        kip->thread_switch,
        kip->system_clock,
        kip->memory_control,
        kip->processor_control,
    };
    for (unsigned i = 0; i < LINKS; i++) {
        links[i] = (L4_Word_t)kip + offsets[i];
    }
}

static void touch_memory(void)
{
    for (L4_Word_t at = (L4_Word_t)__executable_start & ~0xfffu; at < (L4_Word_t)_end; at += PAGE_BYTES) {
        (void)*(volatile char *)at;
    }
    for (L4_Word_t at = REGION(0); at < REGION(WORKERS + 3); at += PAGE_BYTES) {
        *(volatile L4_Word_t *)at = 0;
    }
    for (unsigned i = 0; i < PAGE_BYTES / 4; i++) {
        canary[i] = i * 2654435761u;
    }
    image_sum = sum_image();
}

static void set_up(void)
{
    const struct kip *kip = L4_KernelInterface();
    L4_Word_t flags;
    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    ports_open = (flags & 0x3000) != 0;
    root_id = L4_Myself();
    sigma0_id = L4_Pager();
    client_id = relative_id(NO_CLIENT, 1);
    server_id = relative_id(NO_SERVER, 1);
    supervisor_seed = DEFAULT_SEED;
    read_command_line(kip);
    print_line("fuzz: seed=%u count=%u%s\n", (unsigned)supervisor_seed, (unsigned)count,
               ports_open ? ", ports are open to all" : "");
    supervisor_seed = supervisor_seed * 2654435761u | 1;
    find_links(kip);
    touch_memory();
    witness_make();
    for (unsigned i = 0; i < WORKERS; i++) {
        worker_ids[i] = relative_id(NO_WORKER + i, 1);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        worker_make(i);
    }
    if (!scarce) {
        lender_make();
    }
}

int main(void)
{
    set_up();
    supervise();
    check();
    print_line("fuzz: %u calls, %u checks, %u faults, %u exceptions, %u restarts, %u threads made anew, "
               "%u spaces stripped, witness %u\n",
               (unsigned)total, (unsigned)checks, faults, exceptions, restarts, recreations, (unsigned)strips,
               (unsigned)witness_seen);
    print_text("\n");
    ktap_start(print_text, TESTS);
    (void)ktap_ok(kernel_violations == 0, "the kernel's state stays consistent");
    (void)ktap_ok(memory_violations == 0, "memory that nobody was given stays as it is");
    (void)ktap_ok(witness_violations == 0, "the IPC of others goes on undisturbed");
    (void)ktap_ok(worker_violations == 0, "no right is exceeded, no register lost");
    if (scarce) {
        (void)ktap_ok(failures > 0, "kernel memory has run out");
    } else {
        (void)ktap_ok(failures == 0, "the supervisor can always make threads anew");
    }
    (void)ktap_ok(witness_seen > checks, "the witnesses have been at work");
    (void)ktap_ok(strips > 0, "spaces have been stripped");
    end_machine(ktap_finish());
}
