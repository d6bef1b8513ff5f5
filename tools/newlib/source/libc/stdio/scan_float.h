/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of floating-point numbers for the scanf family, a character at a time. C11 7.21.6.2:
 * an input item is the longest sequence of characters that is, or is the beginning of, a matching
 * sequence; one that is only a beginning ("1e", "infinit", "0x") has been read and does not match.
 * The scanner that this replaces did not know hexadecimal numbers and put several characters back.
 * Used by vfscanf and vfwscanf. */
#pragma once

#include <ctype.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>

enum float_state {
    FLOAT_START,
    FLOAT_SIGNED,
    FLOAT_ZERO, /* one zero: "x" may follow */
    FLOAT_DIGITS,
    FLOAT_LONE_POINT,
    FLOAT_FRACTION,
    FLOAT_EXPONENT,
    FLOAT_EXPONENT_SIGNED,
    FLOAT_EXPONENT_DIGITS,
    FLOAT_HEX,
    FLOAT_HEX_DIGITS,
    FLOAT_HEX_LONE_POINT,
    FLOAT_HEX_FRACTION,
    FLOAT_INFINITY, /* at characters of "infinity" are there */
    FLOAT_NAN,      /* at characters of "nan" are there */
    FLOAT_NAN_CODE, /* behind "nan(" */
    FLOAT_END,
};

struct float_item {
    enum float_state state;
    unsigned at;
    size_t length, room;
    char *text, *more; /* more: for an item longer than the caller's buffer, or NULL */
};

static void float_item_start(struct float_item *f, char *buffer, size_t room)
{
    *f = (struct float_item){.state = FLOAT_START, .text = buffer, .room = room};
}

static enum float_state float_first(struct float_item *f, int c)
{
    f->at = 1;
    switch (c) {
    case '0':
        return FLOAT_ZERO;
    case '.':
        return FLOAT_LONE_POINT;
    case 'i':
    case 'I':
        return FLOAT_INFINITY;
    case 'n':
    case 'N':
        return FLOAT_NAN;
    default:
        return c >= '1' && c <= '9' ? FLOAT_DIGITS : FLOAT_END;
    }
}

static enum float_state float_word(struct float_item *f, int c)
{
    const char *word = f->state == FLOAT_INFINITY ? "infinity" : "nan";
    if (f->at < strlen(word) && tolower(c) == word[f->at]) {
        f->at++;
        return f->state;
    }
    return f->state == FLOAT_NAN && f->at == 3 && c == '(' ? FLOAT_NAN_CODE : FLOAT_END;
}

static enum float_state float_decimal(enum float_state state, int c)
{
    int digit = c >= '0' && c <= '9', e = c == 'e' || c == 'E';
    switch (state) {
    case FLOAT_ZERO:
        if (c == 'x' || c == 'X') {
            return FLOAT_HEX;
        }
        /* fall through */
    case FLOAT_DIGITS:
        return digit ? FLOAT_DIGITS : c == '.' ? FLOAT_FRACTION : e ? FLOAT_EXPONENT : FLOAT_END;
    case FLOAT_LONE_POINT:
        return digit ? FLOAT_FRACTION : FLOAT_END;
    default:
        return digit ? FLOAT_FRACTION : e ? FLOAT_EXPONENT : FLOAT_END;
    }
}

static enum float_state float_hexadecimal(enum float_state state, int c)
{
    int p = c == 'p' || c == 'P';
    if (isxdigit(c)) {
        return state == FLOAT_HEX || state == FLOAT_HEX_DIGITS ? FLOAT_HEX_DIGITS : FLOAT_HEX_FRACTION;
    }
    switch (state) {
    case FLOAT_HEX:
        return c == '.' ? FLOAT_HEX_LONE_POINT : FLOAT_END;
    case FLOAT_HEX_DIGITS:
        return c == '.' ? FLOAT_HEX_FRACTION : p ? FLOAT_EXPONENT : FLOAT_END;
    default:
        return p && state == FLOAT_HEX_FRACTION ? FLOAT_EXPONENT : FLOAT_END;
    }
}

static enum float_state float_exponent(enum float_state state, int c)
{
    if (c >= '0' && c <= '9') {
        return FLOAT_EXPONENT_DIGITS;
    }
    return state == FLOAT_EXPONENT && (c == '+' || c == '-') ? FLOAT_EXPONENT_SIGNED : FLOAT_END;
}

static enum float_state float_next(struct float_item *f, int c)
{
    switch (f->state) {
    case FLOAT_START:
        return c == '+' || c == '-' ? FLOAT_SIGNED : float_first(f, c);
    case FLOAT_SIGNED:
        return float_first(f, c);
    case FLOAT_ZERO:
    case FLOAT_DIGITS:
    case FLOAT_LONE_POINT:
    case FLOAT_FRACTION:
        return float_decimal(f->state, c);
    case FLOAT_EXPONENT:
    case FLOAT_EXPONENT_SIGNED:
    case FLOAT_EXPONENT_DIGITS:
        return float_exponent(f->state, c);
    case FLOAT_HEX:
    case FLOAT_HEX_DIGITS:
    case FLOAT_HEX_LONE_POINT:
    case FLOAT_HEX_FRACTION:
        return float_hexadecimal(f->state, c);
    case FLOAT_INFINITY:
    case FLOAT_NAN:
        return float_word(f, c);
    case FLOAT_NAN_CODE:
        if (c == ')') {
            f->at = 4; /* complete: nothing more belongs to it */
            return FLOAT_NAN;
        }
        return isalnum(c) || c == '_' ? FLOAT_NAN_CODE : FLOAT_END;
    default:
        return FLOAT_END;
    }
}

/* 1: c, an ASCII character, belongs to the item and has been taken; 0: it does not; -1: there is
 * no memory. */
static int float_item_take(struct _reent *r, struct float_item *f, int c)
{
    enum float_state next = float_next(f, c);
    if (next == FLOAT_END) {
        return 0;
    }
    if (f->length + 1 >= f->room) {
        char *more = _realloc_r(r, f->more, 2 * f->room);
        if (!more) {
            return -1;
        }
        if (!f->more) {
            memcpy(more, f->text, f->length);
        }
        f->text = f->more = more;
        f->room *= 2;
    }
    f->state = next;
    f->text[f->length++] = (char)c;
    f->text[f->length] = '\0';
    return 1;
}

/* Whether what was taken is a number and no mere beginning of one. */
static int float_item_matches(const struct float_item *f)
{
    switch (f->state) {
    case FLOAT_ZERO:
    case FLOAT_DIGITS:
    case FLOAT_FRACTION:
    case FLOAT_EXPONENT_DIGITS:
    case FLOAT_HEX_DIGITS:
    case FLOAT_HEX_FRACTION:
        return 1;
    case FLOAT_INFINITY:
        return f->at == 3 || f->at == 8;
    case FLOAT_NAN:
        return f->at >= 3;
    default:
        return 0;
    }
}
