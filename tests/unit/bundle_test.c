// sources: servers/task/bundle.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The bundle of files: what is in it is found, and nothing that is damaged is taken. */
#include "bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

enum { PAGE = 4096, FILES_MAX = 300 };

static struct bundle b;

/* Sorted names and the sizes of the files become an index; the module's size is set too. */
static char *make(const char *const *names, const uint32_t *bytes, uint32_t files, uint32_t *module_bytes)
{
    uint32_t records = (uint32_t)(sizeof(struct bundle_header) + files * sizeof(struct bundle_file));
    uint32_t index_bytes = records;
    for (uint32_t i = 0; i < files; i++) {
        index_bytes += (uint32_t)strlen(names[i]);
    }
    char *index = malloc(index_bytes);
    if (!index) {
        abort();
    }
    struct bundle_header *header = (void *)index;
    struct bundle_file *file = (void *)(header + 1);
    *header = (struct bundle_header){BUNDLE_MAGIC, files, index_bytes};
    uint32_t name = records, page = (index_bytes + PAGE - 1) / PAGE;
    *module_bytes = index_bytes;
    for (uint32_t i = 0; i < files; i++) {
        uint32_t length = (uint32_t)strlen(names[i]);
        file[i] = (struct bundle_file){name, length, page, bytes[i]};
        memcpy(index + name, names[i], length);
        name += length;
        *module_bytes = bytes[i] > 0 ? page * PAGE + bytes[i] : *module_bytes;
        page += (bytes[i] + PAGE - 1) / PAGE;
    }
    *module_bytes = page * PAGE;
    return index;
}

static void test_small(void)
{
    static const char *const names[] = {" ", "a", "a b.txt", "ab", "na\nme\"'#", "\xc3\xa4.lua", "\xff"};
    static const uint32_t bytes[] = {0, 1, 4096, 4097, 12, 100000, 5};
    uint32_t files = sizeof names / sizeof *names, module_bytes;
    char *index = make(names, bytes, files, &module_bytes);
    check(bundle_open(&b, index, module_bytes) && b.file_count == files, "a good bundle is taken");
    int good = 1;
    for (uint32_t i = 0; i < files; i++) {
        const struct bundle_file *f = bundle_find(&b, names[i]);
        good = good && f && f->bytes == bytes[i];
    }
    check(good, "every file is found under its name, whatever bytes the name has");
    check(!bundle_find(&b, "") && !bundle_find(&b, "A") && !bundle_find(&b, "a ") &&
              !bundle_find(&b, "abc") && !bundle_find(&b, "zzz"),
          "nothing else is found");
    free(index);
    index = make(names, bytes, 0, &module_bytes);
    check(bundle_open(&b, index, sizeof(struct bundle_header)) && !bundle_find(&b, "a"), "an empty bundle");
    free(index);
}

static void test_many(void)
{
    static char text[FILES_MAX][16];
    const char *names[FILES_MAX];
    uint32_t bytes[FILES_MAX], module_bytes;
    for (int i = 0; i < FILES_MAX; i++) {
        snprintf(text[i], sizeof text[i], "f%04d", i);
        names[i] = text[i];
        bytes[i] = (uint32_t)i;
    }
    char *index = make(names, bytes, FILES_MAX, &module_bytes);
    int good = bundle_open(&b, index, module_bytes);
    for (uint32_t i = 0; i < FILES_MAX; i++) {
        const struct bundle_file *f = bundle_find(&b, names[i]);
        good = good && f && f->bytes == i;
    }
    check(good && !bundle_find(&b, "f0300") && !bundle_find(&b, "e"), "many files");
    free(index);
}

/* One bundle, and one thing in it that is wrong. */
static void refused(const char *what, uint32_t word, uint32_t value)
{
    static const char *const names[] = {"one", "two"};
    static const uint32_t bytes[] = {10, 5000};
    uint32_t module_bytes;
    char *index = make(names, bytes, 2, &module_bytes);
    ((uint32_t *)(void *)index)[word] = value;
    check(!bundle_open(&b, index, module_bytes), what);
    free(index);
}

static void test_damaged(void)
{
    refused("another magic", 0, 7);
    refused("more records than the index holds", 1, 3);
    refused("a count that overflows", 1, 0x10000001);
    refused("an index larger than the module", 2, 1 << 20);
    refused("an index smaller than its head", 2, 11);
    refused("a name outside the index", 3, 1000);
    refused("a name that wraps", 3, 0xffffffff);
    refused("an empty name", 4, 0);
    refused("a name that is too long", 4, BUNDLE_NAME_MAX + 1);
    refused("a file that begins behind the module", 5, 100);
    refused("a page that overflows", 5, 0x00100001);
    refused("a file larger than the module", 6, 1 << 20);
    refused("two files of one name", 7, 44);

    static const char *const wrong[] = {"b", "a"}, *const slash[] = {"a/b"}, *const twice[] = {"a", "a"};
    static const uint32_t bytes[] = {1, 1};
    uint32_t module_bytes;
    char *index = make(wrong, bytes, 2, &module_bytes);
    check(!bundle_open(&b, index, module_bytes), "names that are not sorted");
    free(index);
    index = make(slash, bytes, 1, &module_bytes);
    check(!bundle_open(&b, index, module_bytes), "a name with a slash");
    free(index);
    index = make(twice, bytes, 2, &module_bytes);
    check(!bundle_open(&b, index, module_bytes), "a name that comes twice");
    free(index);
    struct bundle_header header = {BUNDLE_MAGIC, 0, sizeof header};
    check(bundle_index_bytes(&header, 4) == 0, "a module smaller than a head");
}

/* Whatever is accepted lies inside, which the sanitizer sees when everything is looked for. */
static void test_random(void)
{
    static const char *const names[] = {"a", "bb", "ccc", "dddd"};
    static const uint32_t bytes[] = {1, 5000, 0, 70000};
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : 20261128, accepted = 0;
    srand(seed);
    int good = 1;
    for (int i = 0; i < 20000; i++) {
        uint32_t module_bytes;
        char *index = make(names, bytes, 4, &module_bytes);
        const struct bundle_header *header = (void *)index;
        uint32_t index_bytes = header->index_bytes;
        index[(uint32_t)rand() % index_bytes] = (char)rand();
        if (bundle_index_bytes(header, module_bytes) <= index_bytes && bundle_open(&b, index, module_bytes)) {
            accepted++;
            for (uint32_t k = 0; k < b.file_count; k++) {
                const struct bundle_file *f = &b.files[k];
                good = good && (uint64_t)f->first_page * PAGE + f->bytes <= module_bytes;
            }
            (void)bundle_find(&b, "ccc");
        }
        free(index);
    }
    printf("# seed %u, %u accepted\n", seed, accepted);
    check(good && accepted > 0, "random damage is refused, or harmless");
}

int main(void)
{
    printf("KTAP version 1\n");
    test_small();
    test_many();
    test_damaged();
    test_random();
    printf("1..%d\n", count);
    return failures != 0;
}
