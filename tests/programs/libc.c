/* SPDX-License-Identifier: BSD-2-Clause */
/* The port of newlib and the task's own pager, from inside a program: heap, files, time, signals,
 * threads. Prints KTAP.  Run with this file (or any text) as boot module "sample.txt" for the file
 * tests. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "l4/syscalls.h"
#include "pager/pager.h"
#include "pilotfish/startup.h"
#include "pilotfish/thread.h"

static int number, failed_tests, failures;

#define EXPECT(x)                                                                                            \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            printf("# %s:%d: %s (errno %d)\n", __FILE__, __LINE__, #x, errno);                               \
            failures++;                                                                                      \
        }                                                                                                    \
    } while (0)

static void end_test(const char *name)
{
    printf("%s %d - %s\n", failures ? "not ok" : "ok", ++number, name);
    failed_tests += failures > 0;
    failures = 0;
}

/* ---- heap ---- */

struct block {
    unsigned char *bytes;
    size_t size;
};

static void fill(struct block *b, unsigned char value)
{
    b->size = (size_t)rand() % 5000;
    b->bytes = malloc(b->size);
    EXPECT(b->bytes || b->size == 0);
    for (size_t j = 0; b->bytes && j < b->size; j++) {
        b->bytes[j] = (unsigned char)(value + j);
    }
}

static bool intact(const struct block *b, unsigned char value)
{
    for (size_t j = 0; b->bytes && j < b->size; j++) {
        if (b->bytes[j] != (unsigned char)(value + j)) {
            return false;
        }
    }
    return true;
}

static void test_heap(void)
{
    enum { BLOCKS = 200 };
    static struct block blocks[BLOCKS];
    for (unsigned i = 0; i < 3000; i++) {
        unsigned k = (unsigned)rand() % BLOCKS;
        EXPECT(intact(&blocks[k], (unsigned char)k));
        free(blocks[k].bytes);
        fill(&blocks[k], (unsigned char)k);
    }
    for (unsigned k = 0; k < BLOCKS; k++) {
        free(blocks[k].bytes);
    }
    end_test("malloc and free");
}

static unsigned count_set(const char *p, size_t bytes)
{
    unsigned n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n += p[i] != 0;
    }
    return n;
}

static void test_large(void)
{
    enum { BYTES = 1 << 20 };
    for (int round = 0; round < 3; round++) {
        char *p = calloc(1, BYTES);
        EXPECT(p && count_set(p, BYTES) == 0);
        if (p) {
            memset(p, 1, BYTES);
        }
        free(p);
    }
    char *q = malloc(0x70000000u);
    EXPECT(!q && errno == ENOMEM);
    free(q);
    void *aligned = NULL;
    EXPECT(posix_memalign(&aligned, 4096, 100) == 0 && ((uintptr_t)aligned & 4095) == 0);
    free(aligned);
    end_test("calloc of a megabyte is zero, again and again");
}

/* ---- files, console ---- */

static void test_files(void)
{
    char line[100], again[100];
    struct stat st;
    FILE *f = fopen("/boot/sample.txt", "r");
    if (!f) {
        printf("ok %d - files # SKIP no boot module sample.txt\n", ++number);
        failures = 0;
        return;
    }
    EXPECT(fgets(line, sizeof(line), f));
    EXPECT(fseek(f, 0, SEEK_SET) == 0 && fgets(again, sizeof(again), f) && strcmp(line, again) == 0);
    EXPECT(fseek(f, 0, SEEK_END) == 0 && fgetc(f) == EOF);
    EXPECT(fstat(fileno(f), &st) == 0 && st.st_size == ftell(f) && S_ISREG(st.st_mode));
    EXPECT(fclose(f) == 0);
    EXPECT(stat("sample.txt", &st) == 0 && st.st_size > 0);
    for (int i = 0; i < 100; i++) {
        int fd = open("sample.txt", O_RDONLY);
        EXPECT(fd == 3 && read(fd, again, 5) == 5 && memcmp(line, again, 5) == 0 && close(fd) == 0);
    }
    end_test("a boot module as a file");
}

static void test_file_errors(void)
{
    char byte;
    EXPECT(open("no such file", O_RDONLY) == -1 && errno == ENOENT);
    EXPECT(open("sample.txt", O_WRONLY) == -1 && errno == EROFS);
    EXPECT(open("new", O_RDWR | O_CREAT, 0666) == -1 && errno == EROFS);
    EXPECT(open("/tmp/x/y", O_RDONLY) == -1 && errno == ENOENT);
    EXPECT(open("", O_RDONLY) == -1 && errno == ENOENT);
    EXPECT(read(77, &byte, 1) == -1 && errno == EBADF);
    EXPECT(close(-1) == -1 && errno == EBADF);
    EXPECT(lseek(1, 0, SEEK_SET) == -1 && errno == ESPIPE);
    EXPECT(isatty(0) && isatty(1) && isatty(2));
    FILE *f = fopen("x", "w");
    EXPECT(!f && remove("x") == -1 && errno == EROFS);
    end_test("errors of file calls");
}

static void test_formats(void)
{
    char text[200];
    snprintf(text, sizeof(text), "%d %5.2f %s %lld %zu %e", -5, 3.14159, "abc", 1234567890123ll, (size_t)7,
             1e100);
    EXPECT(strcmp(text, "-5  3.14 abc 1234567890123 7 1.000000e+100") == 0);
    EXPECT(strtod("2.5e3", NULL) == 2500 && strtoll("-9000000000", NULL, 10) == -9000000000ll);
    for (int i = 0; i < 10; i++) {
        printf("# line %d of ten, long enough that several of them do not fit in one message: %060d\n", i, i);
    }
    end_test("printf");
}

/* ---- time ---- */

static void test_time(void)
{
    struct timeval before, after;
    EXPECT(gettimeofday(&before, NULL) == 0);
    clock_t c = clock();
    EXPECT(usleep(50000) == 0);
    EXPECT(gettimeofday(&after, NULL) == 0);
    long us = (long)(after.tv_sec - before.tv_sec) * 1000000 + (after.tv_usec - before.tv_usec);
    EXPECT(us >= 50000 && us < 1000000);
    EXPECT((clock() - c) * (1000000 / CLOCKS_PER_SEC) >= 40000);
    end_test("time goes on while sleeping");
}

/* ---- faults and signals ---- */

static jmp_buf escape;
static volatile int caught;

static void on_signal(int signal_number)
{
    caught = signal_number;
    longjmp(escape, 1);
}

static volatile int zero;
static const char read_only[] = "constants lie beside the text";
static char *volatile nowhere = (char *)0xa0000000;

static int try_fault(int kind)
{
    caught = 0;
    if (setjmp(escape) == 0) {
        switch (kind) {
        case 0:
            *nowhere = 1;
            break;
        case 1:
            caught = 100 / zero;
            break;
        case 2:
            __asm__ volatile(".byte 0x0f, 0x0b");
            break;
        case 3:
            *(volatile char *)(uintptr_t)read_only = 0;
            break;
        case 4:
            __asm__ volatile("hlt");
            break;
        default:
            break;
        }
    }
    return caught;
}

static void test_signals(void)
{
    signal(SIGSEGV, on_signal);
    signal(SIGFPE, on_signal);
    signal(SIGILL, on_signal);
    for (int i = 0; i < 3; i++) {
        EXPECT(try_fault(0) == SIGSEGV);
        EXPECT(try_fault(1) == SIGFPE);
        EXPECT(try_fault(2) == SIGILL);
        EXPECT(try_fault(3) == SIGSEGV);
        EXPECT(try_fault(4) == SIGSEGV);
    }
    EXPECT(raise(SIGCHLD) == 0);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGFPE, SIG_DFL);
    signal(SIGILL, SIG_DFL);
    end_test("faults and exceptions as signals");
}

static void *mapped;
static volatile unsigned repairs;

static void repair(void *address, void *ip, unsigned access, enum error error)
{
    (void)ip;
    (void)error;
    repairs++;
    errno = 0;
    if (((uintptr_t)address & ~4095u) == (uintptr_t)mapped && access == 2) {
        (void)pager_protect(mapped, 4096, RIGHT_READ | RIGHT_WRITE);
    } else {
        _exit(99);
    }
}

/* A handler that returns: the instruction is tried again, with every register and message word as
 * before. */
static void test_retry(void)
{
    EXPECT(pager_map_anonymous(4096, RIGHT_READ, &mapped) == OK);
    pager_set_fault_handler(repair);
    int a = 0x1111, b = 0x2222, c = 0x3333, d = 0x4444;
    double x = 1.0 / 3;
    for (unsigned i = 1; i < 64; i++) {
        L4_LoadMR(i, i * 7);
    }
    __asm__ volatile("movl $0x55, (%4)\n\tstc\n\tmovl $0x66, 4(%4)\n\tadcl $0, %0"
                     : "+r"(a), "+r"(b), "+r"(c), "+r"(d)
                     : "r"(mapped)
                     : "memory", "cc");
    for (unsigned i = 1; i < 64; i++) {
        EXPECT(L4_StoreMR(i) == i * 7);
        L4_LoadMR(i, i * 7);
        if (failures) {
            break;
        }
    }
    EXPECT(a == 0x1112 && b == 0x2222 && c == 0x3333 && d == 0x4444 && x * 3 == 1.0);
    EXPECT(repairs == 1 && ((int *)mapped)[0] == 0x55 && ((int *)mapped)[1] == 0x66);
    pager_set_fault_handler(NULL);
    EXPECT(pager_unmap(mapped, 4096) == OK);
    end_test("a handler that repairs and returns");
}

/* ---- regions ---- */

/* Whether reading the byte makes a fault; *value is what was read. */
static bool faults(const char *p, char *value)
{
    caught = 0;
    if (setjmp(escape) == 0) {
        *value = *(const volatile char *)p;
    }
    return caught == SIGSEGV;
}

static void test_regions(void)
{
    enum { PAGES = 300 };
    struct region r;
    void *address;
    EXPECT(pager_map_anonymous(PAGES * 4096, RIGHT_READ | RIGHT_WRITE, &address) == OK);
    char *p = address, value = 0;
    EXPECT(count_set(p, PAGES * 4096) == 0);
    for (int i = 0; i < PAGES; i++) {
        p[i * 4096] = (char)(i + 1);
    }
    EXPECT(pager_query(p + 5, &r) == OK && r.start == (uintptr_t)p && r.end == r.start + PAGES * 4096);
    for (int i = 0; i < PAGES; i += 3) {
        EXPECT(pager_unmap(p + i * 4096, 4096) == OK);
    }
    signal(SIGSEGV, on_signal);
    for (int i = 0; i < PAGES; i++) {
        bool gone = faults(p + i * 4096, &value);
        EXPECT(gone == (i % 3 == 0) && (gone || value == (char)(i + 1)));
    }
    signal(SIGSEGV, SIG_DFL);
    EXPECT(pager_unmap(p, PAGES * 4096) == OK && pager_query(p, &r) == ERR_HOLE);
    end_test("regions with holes");
}

static void test_region_errors(void)
{
    void *address;
    EXPECT(pager_map_anonymous(0, 6, &address) != OK && pager_map_anonymous(~(size_t)0, 6, &address) != OK);
    EXPECT(pager_map_anonymous(4096, 8, &address) == ERR_ARGUMENT);
    EXPECT(pager_map_anonymous_at((void *)0x20000, 4096, 6) == ERR_ARGUMENT);
    EXPECT(pager_unmap((void *)0x20000, 4096) == ERR_ARGUMENT);
    EXPECT(pager_unmap((void *)(TASK_REGIONS_END - 4096), 8192) == ERR_ARGUMENT);
    EXPECT(pager_unmap((void *)(TASK_REGIONS_BASE + 1), 4096) == ERR_ARGUMENT);
    EXPECT(pager_protect((void *)(TASK_REGIONS_END - 4096), 4096, 4) == ERR_HOLE);
    EXPECT(pager_start(pilotfish_startup()) == ERR_ALREADY);
    end_test("errors of region calls");
}

/* ---- threads ---- */

enum { THREADS = 8, TURNS = 200 };
static volatile unsigned turns_done[THREADS];
static int errnos_wrong;

static void work(void *argument)
{
    unsigned me = (unsigned)(uintptr_t)argument;
    for (unsigned i = 0; i < TURNS; i++) {
        errno = (int)(me * 1000 + i);
        char *p = malloc(100 + i);
        if (p) {
            sprintf(p, "%u %u", me, i);
        }
        L4_Yield();
        if (errno != (int)(me * 1000 + i)) {
            errnos_wrong++;
        }
        free(p);
        turns_done[me]++;
    }
}

static int overflow(int depth)
{
    volatile char large[1000];
    large[0] = (char)depth;
    return depth > 1000000 ? 0 : overflow(depth + 1) + large[0];
}

static void overflow_stack(void *argument)
{
    if (setjmp(escape) == 0) {
        *(volatile int *)argument = overflow(0);
    }
    *(volatile int *)argument = 1;
}

static void run_all(void)
{
    struct thread *thread[THREADS];
    memset((void *)turns_done, 0, sizeof(turns_done));
    for (unsigned i = 0; i < THREADS; i++) {
        EXPECT(thread_start(work, (void *)(uintptr_t)i, 4, &thread[i]) == OK);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        EXPECT(thread_join(thread[i]) == OK && turns_done[i] == TURNS);
    }
}

static void test_threads(void)
{
    for (int round = 0; round < 3; round++) {
        run_all();
    }
    EXPECT(errnos_wrong == 0);
    end_test("threads with malloc and errno of their own");
}

static void test_guard_page(void)
{
    struct thread *thread;
    int overflowed = 0;
    signal(SIGSEGV, on_signal);
    EXPECT(thread_start(overflow_stack, &overflowed, 4, &thread) == OK && thread_join(thread) == OK);
    EXPECT(overflowed == 1 && caught == SIGSEGV);
    signal(SIGSEGV, SIG_DFL);
    end_test("guard page below a thread's stack");
}

/* ---- strings between threads ---- */

enum { STRING = 40000, ABORTED = 7, PHASE_RECEIVE = 1 };

struct string_job {
    char *buffer;
    L4_MsgTag_t tag;
    L4_Word_t code;
};

static void receive_string(void *argument)
{
    struct string_job *job = argument;
    L4_ThreadId_t from;
    L4_SetTcr(UTCB_BR0, 1);
    L4_SetTcr(UTCB_BR0 - 1, STRING << 10);
    L4_SetTcr(UTCB_BR0 - 2, (L4_Word_t)job->buffer);
    job->tag = L4_Wait(&from);
    job->code = L4_ErrorCode();
}

/* Whether it has arrived; if not, both have been told why. */
static bool send_string(char *to, const char *string)
{
    struct thread *thread;
    struct string_job job = {.buffer = to};
    EXPECT(thread_start(receive_string, &job, 4, &thread) == OK);
    L4_LoadMR(1, STRING << 10);
    L4_LoadMR(2, (L4_Word_t)string);
    L4_MsgTag_t tag = L4_Send(thread_id(thread), L4_MsgTag(0, 0, 2));
    L4_Word_t code = L4_ErrorCode();
    EXPECT(thread_join(thread) == OK);
    EXPECT(L4_IpcFailed(tag) == L4_IpcFailed(job.tag));
    EXPECT(L4_IpcSucceeded(tag) || ((code >> 1 & 7) == ABORTED && !(code & PHASE_RECEIVE)));
    EXPECT(L4_IpcSucceeded(tag) || ((job.code >> 1 & 7) == ABORTED && (job.code & PHASE_RECEIVE)));
    return L4_IpcSucceeded(tag);
}

static void test_strings(void)
{
    void *from = NULL, *to = NULL;
    EXPECT(pager_map_anonymous(STRING, RIGHT_READ | RIGHT_WRITE, &from) == OK &&
           pager_map_anonymous(STRING, RIGHT_READ | RIGHT_WRITE, &to) == OK);
    memset(from, 0x5a, STRING);
    EXPECT(from && to && send_string(to, from) && memcmp(from, to, STRING) == 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(!send_string(nowhere, from));
        EXPECT(!send_string(to, nowhere));
        EXPECT(!send_string((char *)(uintptr_t)read_only, from));
        EXPECT(send_string(to, from));
    }
    EXPECT(pager_unmap(from, STRING) == OK && pager_unmap(to, STRING) == OK);
    end_test("strings between threads, from and to memory that is not there, too");
}

static void print_stats(void)
{
    struct pager_stats s;
    pager_get_stats(&s);
    printf("# pager: %lu regions; faults: %lu nowhere, %lu designated, %lu anonymous, %lu container; %lu "
           "forwards, %lu asks, "
           "%lu traps, %lu requests, %lu dropped, %lu unsent\n",
           (unsigned long)s.regions, (unsigned long)s.faults[REGION_GUARD],
           (unsigned long)s.faults[REGION_DESIGNATED], (unsigned long)s.faults[REGION_ANONYMOUS],
           (unsigned long)s.faults[REGION_CONTAINER], (unsigned long)s.forwards, (unsigned long)s.asks,
           (unsigned long)s.exceptions, (unsigned long)s.requests, (unsigned long)s.dropped,
           (unsigned long)s.send_failures);
}

static void on_signal_again(int signal_number)
{
    (void)signal_number;
    *nowhere = 2;
}

static void on_signal_deep(int signal_number)
{
    (void)signal_number;
    zero = overflow(0);
}

/* Programs that end badly, one an argument: their status and their last line are the test. */
static void end_badly(const char *how)
{
    if (strcmp(how, "fault") == 0) {
        *nowhere = 1;
    } else if (strcmp(how, "nested") == 0) {
        signal(SIGSEGV, on_signal_again);
        *nowhere = 1;
    } else if (strcmp(how, "deep") == 0) {
        signal(SIGFPE, on_signal_deep);
        zero = 100 / zero;
    } else if (strcmp(how, "assert") == 0) {
        assert(zero == 1);
    } else if (strcmp(how, "execute") == 0) {
        ((void (*)(void))(uintptr_t)nowhere)();
    } else if (strcmp(how, "text") == 0) {
        *(volatile char *)(uintptr_t)read_only = 0;
    } else if (strcmp(how, "divide") == 0) {
        zero = 100 / zero;
    } else if (strcmp(how, "abort") == 0) {
        abort();
    } else if (strcmp(how, "overflow") == 0) {
        zero = overflow(0);
    } else if (strcmp(how, "exit") == 0) {
        printf("not yet written out");
        exit(7);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        end_badly(argv[1]);
    }
    printf("KTAP version 1\n1..14\n");
    test_formats();
    test_heap();
    test_large();
    test_files();
    test_file_errors();
    test_time();
    test_signals();
    test_retry();
    test_regions();
    test_region_errors();
    test_threads();
    test_guard_page();
    test_strings();
    EXPECT(getpid() > 0 && fork() == -1 && getenv("HOME") == NULL && pager_unmap(NULL, 0) != OK);
    end_test("the rest");
    print_stats();
    return failed_tests ? 1 : 0;
}
