/* SPDX-License-Identifier: BSD-2-Clause */
/* uchar.h: Unicode in 16 and 32 bits, which newlib has not. wchar_t holds a Unicode character in
 * every locale. Between the halves of a surrogate pair the state keeps the one to come, or the one
 * that has come. */
#include <errno.h>
#include <stdbool.h>
#include <uchar.h>
#include <wchar.h>

enum {
    /* In __count, where newlib's own states are from -4 up: mbrtoc16 owes a low surrogate. */
    STATE_LOW_NEXT = -100,
    STATE_HIGH_SEEN, /* c16rtomb has taken a high surrogate */
    HIGH_FIRST = 0xd800,
    LOW_FIRST = 0xdc00,
    LOW_LAST = 0xdfff,
    BMP_END = 0x10000,
    NOTHING_READ = -3,
};

static mbstate_t state_of_mbrtoc16, state_of_mbrtoc32, state_of_c16rtomb, state_of_c32rtomb;

size_t mbrtoc32(char32_t *character, const char *bytes, size_t count, mbstate_t *state)
{
    wchar_t wide = 0;
    size_t used = mbrtowc(&wide, bytes, count, state ? state : &state_of_mbrtoc32);
    if (character && bytes && used <= count) {
        *character = (char32_t)wide;
    }
    return used;
}

size_t c32rtomb(char *bytes, char32_t character, mbstate_t *state)
{
    return wcrtomb(bytes, (wchar_t)character, state ? state : &state_of_c32rtomb);
}

size_t mbrtoc16(char16_t *character, const char *bytes, size_t count, mbstate_t *state)
{
    wchar_t wide = 0;
    mbstate_t *s = state ? state : &state_of_mbrtoc16;
    if (s->__count == STATE_LOW_NEXT) {
        if (character) {
            *character = (char16_t)s->__value.__wch;
        }
        *s = (mbstate_t){.__count = 0};
        return (size_t)NOTHING_READ;
    }
    size_t used = mbrtowc(&wide, bytes, count, s);
    if (!bytes || used > count) {
        return used;
    }
    if (wide >= BMP_END) {
        wide -= BMP_END;
        s->__count = STATE_LOW_NEXT;
        s->__value.__wch = (wint_t)(LOW_FIRST + (wide & 0x3ff));
        wide = HIGH_FIRST + (wide >> 10);
    }
    if (character) {
        *character = (char16_t)wide;
    }
    return used;
}

size_t c16rtomb(char *bytes, char16_t character, mbstate_t *state)
{
    mbstate_t *s = state ? state : &state_of_c16rtomb;
    wchar_t wide = character;
    bool low = character >= LOW_FIRST && character <= LOW_LAST;
    if (s->__count == STATE_HIGH_SEEN) {
        wide = BMP_END + (wchar_t)(s->__value.__wch << 10) + (character - LOW_FIRST);
        *s = (mbstate_t){.__count = 0};
        if (!low && bytes) {
            errno = EILSEQ;
            return (size_t)-1;
        }
    } else if (character >= HIGH_FIRST && character < LOW_FIRST && bytes) {
        s->__count = STATE_HIGH_SEEN;
        s->__value.__wch = (wint_t)(character - HIGH_FIRST);
        return 0;
    }
    return wcrtomb(bytes, wide, s);
}
