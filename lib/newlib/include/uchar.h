/* SPDX-License-Identifier: BSD-2-Clause */
/* C11 7.28, which newlib has not. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

typedef uint_least16_t char16_t;
typedef uint_least32_t char32_t;

size_t mbrtoc16(char16_t *character, const char *bytes, size_t count, mbstate_t *state);
size_t c16rtomb(char *bytes, char16_t character, mbstate_t *state);
size_t mbrtoc32(char32_t *character, const char *bytes, size_t count, mbstate_t *state);
size_t c32rtomb(char *bytes, char32_t character, mbstate_t *state);
