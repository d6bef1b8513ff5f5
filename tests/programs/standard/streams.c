/* SPDX-License-Identifier: BSD-2-Clause */
/* stdio.h: buffers, ungetc, positions.  The streams lie in memory: files cannot be written. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "check.h"

static FILE *open_text(const char *contents, const char *mode)
{
    static char memory[64];
    snprintf(memory, sizeof(memory), "%s", contents);
    return fmemopen(memory, strlen(contents), mode);
}

void test_streams(void)
{
    char line[10];
    wchar_t wide[10];
    FILE *f = open_text("one\ntwo\nthree", "r");
    EXPECT(f != NULL);
    if (!f) {
        return;
    }
    EXPECT(fgets(line, sizeof(line), f) && !strcmp(line, "one\n") && fgets(line, 3, f) &&
           !strcmp(line, "tw"));
    EXPECT(fgetc(f) == 'o' && ungetc('Q', f) == 'Q' && fgetc(f) == 'Q' && fgetc(f) == '\n');
    EXPECT(ungetc(EOF, f) == EOF && fread(line, 2, 3, f) == 2 && !memcmp(line, "thre", 4) && feof(f));
    EXPECT(fgetc(f) == EOF && ungetc('x', f) == 'x' && !feof(f) && fgetc(f) == 'x' && fgetc(f) == EOF &&
           feof(f));
    EXPECT(!ferror(f) && fgets(line, sizeof(line), f) == NULL);
    EXPECT(fread(line, 0, 5, f) == 0 && fread(line, 5, 0, f) == 0 && fwrite(line, 0, 5, f) == 0);
    rewind(f);
    EXPECT(fgets(line, 1, f) && line[0] == '\0' && fgetc(f) == 'o');
    clearerr(f);
    EXPECT(!feof(f) && fputc('x', f) == EOF && ferror(f));
    clearerr(f);
    EXPECT(!ferror(f) && fclose(f) == 0);
    f = open_text("wide", "r");
    EXPECT(f && fwide(f, 0) == 0 && fgetwc(f) == L'w' && fwide(f, 0) > 0 && fwide(f, -1) > 0);
    EXPECT(f && ungetwc(L'v', f) == L'v' && fgetwc(f) == L'v' && fgetws(wide, 10, f) && fgetwc(f) == WEOF);
    EXPECT(f && fclose(f) == 0);
    EXPECT(fopen("/boot/no such file", "r") == NULL && errno == ENOENT);
    errno = 0;
    EXPECT(fopen("x", "mode") == NULL && errno == EINVAL);
}

void test_stream_positions(void)
{
    fpos_t place;
    FILE *f = open_text("0123456789", "r");
    EXPECT(f != NULL);
    if (!f) {
        return;
    }
    EXPECT(ftell(f) == 0 && fgetc(f) == '0' && ftell(f) == 1 && fseek(f, 5, SEEK_SET) == 0 &&
           fgetc(f) == '5');
    EXPECT(fseek(f, -2, SEEK_CUR) == 0 && fgetc(f) == '4' && fseek(f, -1, SEEK_END) == 0 && fgetc(f) == '9');
    EXPECT(fgetc(f) == EOF && fseek(f, 0, SEEK_SET) == 0 && !feof(f) && fgetc(f) == '0');
    EXPECT(fgetpos(f, &place) == 0 && fgetc(f) == '1' && fsetpos(f, &place) == 0 && fgetc(f) == '1');
    EXPECT(ungetc('X', f) == 'X' && ftell(f) == 1 && fseek(f, 0, SEEK_CUR) == 0 && fgetc(f) == '1');
    EXPECT(ungetc('X', f) == 'X' && fseek(f, 1, SEEK_CUR) == 0 && fgetc(f) == '2');
    errno = 0;
    EXPECT(fseek(f, -1, SEEK_SET) == -1 && errno == EINVAL && fseek(f, 0, 9) == -1);
    rewind(f);
    EXPECT(ftell(f) == 0 && fgetc(f) == '0' && fseeko(f, 3, SEEK_SET) == 0 && ftello(f) == 3 &&
           fclose(f) == 0);
}

static void test_update(void)
{
    char memory[8] = "abcdefg";
    FILE *f = fmemopen(memory, sizeof(memory), "r+");
    EXPECT(f && fgetc(f) == 'a' && fseek(f, 0, SEEK_CUR) == 0 && fputc('X', f) == 'X' && fflush(f) == 0);
    EXPECT(!strcmp(memory, "aXcdefg") && fseek(f, 0, SEEK_SET) == 0 && fgetc(f) == 'a' && fgetc(f) == 'X');
    EXPECT(f && fclose(f) == 0);
    f = fmemopen(memory, sizeof(memory), "w");
    EXPECT(f && setvbuf(f, NULL, _IONBF, 0) == 0 && fputs("0123456789", f) == EOF && f && (fclose(f), true));
    f = fmemopen(memory, 4, "w");
    EXPECT(f && fprintf(f, "%d", 12) == 2 && fclose(f) == 0 && !strcmp(memory, "12"));
    f = fmemopen(memory, 8, "a");
    EXPECT(f && fputs("34", f) >= 0 && fclose(f) == 0 && !strcmp(memory, "1234"));
}

void test_memory_streams(void)
{
    char *made = NULL;
    size_t size = 99;
    test_update();
    FILE *f = open_memstream(&made, &size);
    EXPECT(f && fflush(f) == 0 && made && size == 0 && *made == '\0');
    for (int i = 0; f && i < 3000; i++) {
        fprintf(f, "%04d ", i);
    }
    EXPECT(f && fflush(f) == 0 && size == 15000 && !memcmp(made + 14990, "2998 2999 ", 11));
    EXPECT(f && fseek(f, 0, SEEK_SET) == 0 && fputs("XX", f) >= 0 && fclose(f) == 0 && size == 2 &&
           !memcmp(made, "XX01", 2));
    free(made);
}
