/* SPDX-License-Identifier: BSD-2-Clause */
/* Text goes to a buffer one character at a time; characters that no longer fit are only counted. */
#include "base/format.h"

#include <stdbool.h>

struct output {
    char *buf;
    size_t size, length;
};

struct conversion {
    bool left, zero, is_long;
    size_t width;
    size_t precision; /* SIZE_MAX if none is given */
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size) {
        out->buf[out->length] = c;
    }
    out->length++;
}

static void put_field(struct output *out, const struct conversion *conv, const char *prefix, const char *text,
                      size_t length, char pad)
{
    size_t prefix_length = 0;
    while (prefix[prefix_length] != '\0') {
        prefix_length++;
    }
    size_t used = length + prefix_length;
    size_t padding = conv->width > used ? conv->width - used : 0;
    if (!conv->left && pad == ' ') {
        for (; padding > 0; padding--) {
            put(out, ' ');
        }
    }
    for (size_t i = 0; i < prefix_length; i++) {
        put(out, prefix[i]);
    }
    if (!conv->left) {
        for (; padding > 0; padding--) {
            put(out, pad);
        }
    }
    for (size_t i = 0; i < length; i++) {
        put(out, text[i]);
    }
    for (; padding > 0; padding--) {
        put(out, ' ');
    }
}

static void put_number(struct output *out, const struct conversion *conv, const char *prefix,
                       unsigned long value, unsigned base)
{
    char digits[24];
    size_t start = sizeof digits;
    do {
        digits[--start] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put_field(out, conv, prefix, digits + start, sizeof digits - start,
              conv->zero && !conv->left ? '0' : ' ');
}

static void put_string(struct output *out, const struct conversion *conv, const char *text)
{
    if (!text) {
        text = "(null)";
    }
    size_t length = 0;
    while (length < conv->precision && text[length] != '\0') {
        length++;
    }
    put_field(out, conv, "", text, length, ' ');
}

/* Reads flags, width, precision and modifier.  Returns the place of the conversion letter. */
static const char *parse_conversion(const char *p, struct conversion *conv, va_list *args)
{
    enum { WIDTH_MAX = 4096 };
    *conv = (struct conversion){.precision = (size_t)-1};
    for (;; p++) {
        if (*p == '-') {
            conv->left = true;
        } else if (*p == '0') {
            conv->zero = true;
        } else {
            break;
        }
    }
    for (; *p >= '0' && *p <= '9' && conv->width < WIDTH_MAX; p++) {
        conv->width = conv->width * 10 + (size_t)(*p - '0');
    }
    if (*p == '.') {
        p++;
        conv->precision = 0;
        if (*p == '*') {
            int given = va_arg(*args, int);
            conv->precision = given < 0 ? (size_t)-1 : (size_t)given;
            p++;
        }
        for (; *p >= '0' && *p <= '9' && conv->precision < WIDTH_MAX; p++) {
            conv->precision = conv->precision * 10 + (size_t)(*p - '0');
        }
    }
    if (*p == 'l') {
        conv->is_long = true;
        p++;
    }
    return p;
}

static void put_signed(struct output *out, const struct conversion *conv, long value)
{
    unsigned long magnitude = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
    put_number(out, conv, value < 0 ? "-" : "", magnitude, 10);
}

/* Returns false for a letter that is no conversion. */
static bool put_conversion(struct output *out, char letter, struct conversion *conv, va_list *args)
{
    switch (letter) {
    case 's':
        put_string(out, conv, va_arg(*args, const char *));
        return true;
    case 'c': {
        char c = (char)va_arg(*args, int);
        put_field(out, conv, "", &c, 1, ' ');
        return true;
    }
    case 'd':
        put_signed(out, conv, conv->is_long ? va_arg(*args, long) : va_arg(*args, int));
        return true;
    case 'u':
    case 'x': {
        unsigned long value = conv->is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned);
        put_number(out, conv, "", value, letter == 'x' ? 16 : 10);
        return true;
    }
    case 'p':
        put_number(out, conv, "0x", (unsigned long)va_arg(*args, void *), 16);
        return true;
    case '%':
        put(out, '%');
        return true;
    default:
        return false;
    }
}

int vformat(char *buf, size_t size, const char *fmt, va_list args)
{
    struct output out = {.buf = buf, .size = size};
    va_list rest;
    va_copy(rest, args);
    for (const char *p = fmt; *p != '\0'; p++) {
        if (*p != '%') {
            put(&out, *p);
            continue;
        }
        struct conversion conv;
        const char *letter = parse_conversion(p + 1, &conv, &rest);
        if (put_conversion(&out, *letter, &conv, &rest)) {
            p = letter;
        } else {
            put(&out, '%');
        }
    }
    va_end(rest);
    if (size > 0) {
        buf[out.length < size ? out.length : size - 1] = '\0';
    }
    return (int)out.length;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vformat(buf, size, fmt, args);
    va_end(args);
    return length;
}
