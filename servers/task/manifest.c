/* SPDX-License-Identifier: BSD-2-Clause */
/* A line is split into words, which are copied to one buffer; the first word decides what it is. */
#include "manifest.h"

#include <stddef.h>

#include "base/assertion.h"
#include "text.h"

enum { NAME_MAX_BYTES = 31 };

void manifest_open(struct manifest *m, const char *text, size_t bytes)
{
    m->text = text;
    m->bytes = bytes;
    m->next = 0;
    m->number = 0;
    m->main_seen = false;
    m->files_seen = false;
    m->problem = NULL;
    m->on = false;
    m->argc = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One word from *at to m->words + used; returns the new use, or 0 with the problem noted. */
static size_t take_word(struct manifest *m, size_t *at, size_t end, size_t used)
{
    bool quoted = false;
    size_t i = *at;
    ASSERT(*at < end && end <= m->bytes && used <= MANIFEST_TEXT_MAX);
    for (; i < end && (quoted || !is_blank(m->text[i])); i++) {
        char c = m->text[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == '\0') {
            m->problem = "a NUL character";
            return 0;
        } else if (used + 1 >= MANIFEST_TEXT_MAX) {
            m->problem = "too long";
            return 0;
        } else {
            m->words[used++] = c;
        }
    }
    *at = i;
    if (used == MANIFEST_TEXT_MAX) { /* an empty word behind a full buffer */
        m->problem = "too long";
        return 0;
    }
    m->words[used++] = '\0';
    if (quoted) {
        m->problem = "a quotation mark is not closed";
        return 0;
    }
    return used;
}

/* Splits the line [start, end) into argv. False: the problem is noted. */
static bool split(struct manifest *m, size_t start, size_t end)
{
    size_t used = 0;
    m->argc = 0;
    for (size_t i = start; i < end;) {
        if (is_blank(m->text[i])) {
            i++;
            continue;
        }
        if (m->text[i] == '#') {
            break;
        }
        if (m->argc == MANIFEST_WORDS_MAX) {
            m->problem = "too many words";
            return false;
        }
        m->argv[m->argc++] = m->words + used;
        used = take_word(m, &i, end, used);
        if (used == 0) {
            m->argc--; /* that word is none */
            return false;
        }
    }
    return true;
}

bool manifest_is_bad_main(const struct manifest *m)
{
    ASSERT(m->problem != NULL);
    return m->argc > 0 && (text_equal(m->argv[0], "main") || text_equal(m->argv[0], "command"));
}

static enum manifest_kind bad(struct manifest *m, const char *problem)
{
    m->problem = problem;
    return MANIFEST_BAD;
}

static enum manifest_kind parse_switch(struct manifest *m, enum manifest_kind kind)
{
    if (m->argc != 2 || !(text_equal(m->argv[1], "on") || text_equal(m->argv[1], "off"))) {
        return bad(m, "needs one word: on or off");
    }
    m->on = text_equal(m->argv[1], "on");
    return kind;
}

/* NULL, or why there cannot be one more line of that kind. */
static const char *note_kind(struct manifest *m, enum manifest_kind kind)
{
    bool *seen = kind == MANIFEST_MAIN || kind == MANIFEST_COMMAND ? &m->main_seen
                 : kind == MANIFEST_FILES                          ? &m->files_seen
                                                                   : NULL;
    if (!seen) {
        return NULL;
    }
    if (*seen) {
        return kind == MANIFEST_FILES ? "a second bundle of files" : "a second main program";
    }
    *seen = true;
    return NULL;
}

static enum manifest_kind parse_program(struct manifest *m, enum manifest_kind kind)
{
    bool is_module = kind == MANIFEST_COMMAND || kind == MANIFEST_FILES;
    if (m->argc < 2 || m->argv[1][0] == '\0') {
        return bad(m, is_module ? "needs the name of a boot module" : "needs the name of a program");
    }
    if (is_module && m->argc > 2) {
        return bad(m, "needs one word: the name of a boot module");
    }
    size_t length = 0;
    while (m->argv[1][length] != '\0') {
        length++;
    }
    if (length > NAME_MAX_BYTES) {
        return bad(m, "the name is longer than 31 characters");
    }
    const char *problem = note_kind(m, kind);
    if (problem) {
        return bad(m, problem);
    }
    ASSERT(m->argc >= 2 && m->argc <= MANIFEST_WORDS_MAX);
    m->argc--;
    for (unsigned i = 0; i < m->argc; i++) {
        m->argv[i] = m->argv[i + 1];
    }
    return kind;
}

static enum manifest_kind parse_line(struct manifest *m)
{
    static const struct {
        const char *word;
        enum manifest_kind kind;
    } commands[] = {
        {"driver", MANIFEST_DRIVER}, {"server", MANIFEST_SERVER},   {"start", MANIFEST_START},
        {"main", MANIFEST_MAIN},     {"command", MANIFEST_COMMAND}, {"files", MANIFEST_FILES},
        {"debug", MANIFEST_DEBUG},   {"quiet", MANIFEST_QUIET},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        enum manifest_kind kind = commands[i].kind;
        if (text_equal(m->argv[0], commands[i].word)) {
            return kind == MANIFEST_DEBUG || kind == MANIFEST_QUIET ? parse_switch(m, kind)
                                                                    : parse_program(m, kind);
        }
    }
    return bad(m, "unknown first word");
}

enum manifest_kind manifest_next(struct manifest *m)
{
    ASSERT(m->next <= m->bytes + 1); /* behind the last line's end, which may be missing */
    while (m->next < m->bytes) {
        size_t start = m->next, end = start;
        while (end < m->bytes && m->text[end] != '\n') {
            end++;
        }
        m->next = end + 1;
        m->number++;
        if (!split(m, start, end)) {
            return MANIFEST_BAD;
        }
        if (m->argc > 0) {
            return parse_line(m);
        }
    }
    return MANIFEST_END;
}
