/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the command line apart in place, word by word, wherever the boot loader's copy of it lies
 * in the boot layout. */
#include "boot_words.h"

#include "arch.h"
#include "ia32/kickstart.h"

#include <string.h>

static const char *const known[] = {"quiet", "kdb", "trace", "slowipc", "ioports=mapped", "ktest"};
enum { KNOWN = sizeof(known) / sizeof(known[0]), SHOWN_BYTES = 60 };

struct word { /* of the command line; length 0: there are no more */
    const char *start;
    size_t length;
};

static const struct boot_layout *layout(void)
{
    return arch_kernel_address((paddr_t)&boot_layout);
}

static size_t text_length(const char *s)
{
    size_t n = 0;
    while (s[n]) {
        n++;
    }
    return n;
}

static struct word word_at(const char *s)
{
    struct word w = {s, 0};
    while (*w.start == ' ') {
        w.start++;
    }
    while (w.start[w.length] && w.start[w.length] != ' ') {
        w.length++;
    }
    return w;
}

static struct word next_word(struct word w)
{
    return word_at(w.start + w.length);
}

static bool begins_with(struct word w, const char *text)
{
    size_t n = 0;
    while (n < w.length && text[n] && w.start[n] == text[n]) {
        n++;
    }
    return text[n] == 0;
}

static bool equals(struct word w, const char *text)
{
    return begins_with(w, text) && text[w.length] == 0;
}

static bool ends_with(struct word w, const char *text)
{
    size_t n = text_length(text);
    return w.length >= n && memcmp(w.start + w.length - n, text, n) == 0;
}

static bool has_slash(struct word w)
{
    for (size_t i = 0; i < w.length; i++) {
        if (w.start[i] == '/') {
            return true;
        }
    }
    return false;
}

/* Some loaders put the kernel's own file in front.  Its path may have blanks in it. */
static struct word first_word(void)
{
    struct word w = word_at(layout()->cmdline);
    while (has_slash(w)) {
        w = next_word(w);
    }
    return w.start == layout()->cmdline && ends_with(w, ".elf") ? next_word(w) : w;
}

bool boot_word(const char *word)
{
    for (struct word w = first_word(); w.length > 0; w = next_word(w)) {
        if (equals(w, word)) {
            return true;
        }
    }
    return false;
}

/* Has an effect. */
static bool is_known(struct word w)
{
    for (unsigned i = 0; i < KNOWN; i++) {
        if (equals(w, known[i])) {
            return true;
        }
    }
    return begins_with(w, "kmem=") && !layout()->pool_refused;
}

static void complain(struct word w)
{
    const struct boot_layout *l = layout();
    int length = (int)(w.length < SHOWN_BYTES ? w.length : SHOWN_BYTES);
    if (begins_with(w, "ioports=")) {
        print("kernel: %.*s: the only value is mapped; without it all ports are open\n", length, w.start);
        return;
    }
    if (begins_with(w, "kmem=")) {
        print("kernel: %.*s: wanted is a number of KiB from %u to %u on this machine; the default, %u, is "
              "taken\n",
              length, w.start, (unsigned)l->pool_least_kib, (unsigned)l->pool_most_kib,
              (unsigned)(l->pool_end - l->reserved_start) >> 10);
        return;
    }
    print("kernel: %.*s: no such word; it is ignored.  The words are", length, w.start);
    for (unsigned i = 0; i < KNOWN; i++) {
        print(" %s", known[i]);
    }
    print(" kmem=KiB\n");
}

void boot_words_check(void)
{
    const struct boot_layout *l = layout();
    if (text_length(l->cmdline) == BOOT_CMDLINE_BYTES - 1) {
        print("kernel: of the command line only the first %u bytes are read\n", BOOT_CMDLINE_BYTES - 1);
    }
#ifdef KTEST
    if (boot_word("ktest")) {
        return; /* the tests have words of their own */
    }
#else
    if (boot_word("ktest")) {
        print("kernel: ktest: this kernel is built without tests; boot kernel-ktest.elf for them\n");
    }
#endif
    for (struct word w = first_word(); w.length > 0; w = next_word(w)) {
        if (!is_known(w)) {
            complain(w);
        }
    }
}
