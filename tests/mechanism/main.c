/* SPDX-License-Identifier: BSD-2-Clause */
/* mechanism [ROW...]: runs the rows of the mechanism table whose names begin with one of the words
 * (all without any), and ends with 0 if every case passed.  "list" prints the names.  The word
 * "with-swap" is no row: the run fails at once if there is no swap disk. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "rows.h"

enum { NAME_BYTES = 96 };

static void write_text(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

/* "A4" is A4_..., not A41_...; a word that goes on names cases too: "A4_anonymous_fault_zero". */
static bool matches(const char *word, const char *name)
{
    size_t length = strlen(word);
    return strncmp(word, name, length) == 0 &&
           (name[length] == '_' || name[length] == '\0' || strchr(word, '_'));
}

static bool chosen(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++) {
        if (matches(argv[i], name)) {
            return true;
        }
    }
    return argc <= 1;
}

/* Takes the word out of the arguments. */
static bool take_word(int *argc, char **argv, const char *word)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], word) != 0) {
            argv[kept++] = argv[i];
        }
    }
    bool found = kept != *argc;
    *argc = kept;
    return found;
}

static void run_case(const char *name, const struct test_case *c)
{
    ktap_begin(name);
    fixture_begin();
    c->run();
    fixture_end();
    (void)ktap_end();
}

/* Calls visit for each case that the arguments ask for; returns how many. */
static unsigned each_case(int argc, char **argv, void (*visit)(const char *name, const struct test_case *c))
{
    unsigned count = 0;
    for (unsigned i = 0; i < row_count; i++) {
        for (unsigned k = 0; k < rows[i]->count; k++) {
            char name[NAME_BYTES];
            snprintf(name, sizeof name, "%s_%s", rows[i]->name, rows[i]->cases[k].name);
            if (chosen(argc, argv, name)) {
                visit(name, &rows[i]->cases[k]);
                count++;
            }
        }
    }
    return count;
}

static void ignore(const char *name, const struct test_case *c)
{
    (void)name, (void)c;
}

static void list(const char *name, const struct test_case *c)
{
    (void)c;
    puts(name);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        (void)each_case(1, argv, list);
        return 0;
    }
    bool with_swap = take_word(&argc, argv, "with-swap");
    unsigned count = each_case(argc, argv, ignore);
    ktap_start(write_text, count);
    if (count == 0 || !fixture_init()) {
        puts(count == 0 ? "# no such row" : "Bail out! the children cannot be started");
        return 1;
    }
    if (with_swap && !have_swap()) {
        puts("Bail out! there is no swap disk");
        return 1;
    }
    (void)each_case(argc, argv, run_case);
    return ktap_finish();
}
