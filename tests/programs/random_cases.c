/* SPDX-License-Identifier: BSD-2-Clause */
/* Random calls of printf, strtod and scanf whose results two C libraries must agree on.
 *
 *   random_cases make SEED COUNT    prints cases, a line each: kind, format, input, result,
 *                                   with tabs between
 *   random_cases check FILE         computes each result again and compares; prints KTAP
 *
 * Compiled for the host it makes the file with the host's library; compiled for Pilotfish it
 * checks it (tests/system/random_cases.sh). What the standard leaves open is not asked: %a of
 * subnormal numbers, the leading digit of %La, errno of subnormal results; nor what glibc does in
 * its own way: scanf of "1e ". */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_BYTES = 40, INPUT_BYTES = 1000, RESULT_BYTES = 20000, SHOWN = 20 };

static char format[FORMAT_BYTES], input[INPUT_BYTES], result[RESULT_BYTES];
static uint64_t state;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dull;
}

static unsigned below(unsigned n)
{
    return (unsigned)((next() >> 32) % n);
}

static char one_of(const char *characters)
{
    return characters[below((unsigned)strlen(characters))];
}

/* ---- results ---- */

static double double_of(const char *bits)
{
    union {
        uint64_t bits;
        double value;
    } x = {.bits = strtoull(bits, NULL, 16)};
    return x.value;
}

/* "exponent:mantissa" */
static long double long_double_of(const char *bits)
{
    union {
        struct {
            uint64_t mantissa;
            uint16_t exponent;
        } bits;
        long double value;
    } x = {.value = 0};
    x.bits.exponent = (uint16_t)strtoul(bits, NULL, 16);
    x.bits.mantissa = strtoull(bits + 5, NULL, 16);
    return x.value;
}

static void print_integer(void)
{
    long long value = (long long)strtoull(input, NULL, 16);
    char length = format[strlen(format) - 2];
    if (length == 'l' && format[strlen(format) - 3] == 'l') {
        snprintf(result, sizeof(result), format, value);
    } else if (length == 'j') {
        snprintf(result, sizeof(result), format, (intmax_t)value);
    } else {
        snprintf(result, sizeof(result), format, (int)value); /* long and the rest are as wide */
    }
}

/* The number, where it ends, and whether it was out of range, for each of the three types. */
static void convert_text(void)
{
    char *end[3];
    errno = 0;
    double d = strtod(input, &end[0]);
    int d_error = (isinf(d) || d == 0) && errno == ERANGE;
    errno = 0;
    float f = strtof(input, &end[1]);
    int f_error = (isinf(f) || f == 0) && errno == ERANGE;
    errno = 0;
    long double l = strtold(input, &end[2]);
    int l_error = (isinf(l) || l == 0) && errno == ERANGE;
    snprintf(result, sizeof(result), "%.17g %ld %d %.9g %ld %d %.21Lg %ld %d", d, (long)(end[0] - input),
             d_error, (double)f, (long)(end[1] - input), f_error, l, (long)(end[2] - input), l_error);
}

static void scan_text(void)
{
    int first = -7, second = -7, used = -7;
    double number = -7;
    int count = strchr(format, 'f') ? sscanf(input, format, &first, &number, &used)
                                    : sscanf(input, format, &first, &second, &used);
    snprintf(result, sizeof(result), "%d %d %d %.17g %d", count, first, second, number, used);
}

static void compute(char kind)
{
    switch (kind) {
    case 'i':
        print_integer();
        break;
    case 'd':
        snprintf(result, sizeof(result), format, double_of(input));
        break;
    case 'l':
        snprintf(result, sizeof(result), format, long_double_of(input));
        break;
    case 't':
        convert_text();
        break;
    default:
        scan_text();
        break;
    }
}

/* ---- making cases ---- */

/* Flags, width and precision; the flags are those that mean something. */
static char *put_start(const char *flags, unsigned precision_max)
{
    char *at = format;
    *at++ = '%';
    for (unsigned n = below(4); n > 0; n--) {
        *at++ = one_of(flags);
    }
    if (below(2)) {
        at += sprintf(at, "%u", 1 + below(40));
    }
    if (below(3)) {
        at += sprintf(at, ".%u", below(below(8) ? 20 : precision_max));
    }
    return at;
}

static uint64_t random_double(void)
{
    union {
        uint64_t bits;
        double value;
    } x = {.bits = next()};
    switch (below(5)) {
    case 0:
        x.value = (double)(int)below(20000) / 16 - 500;
        break;
    case 1:
        x.value = (double)(next() >> (11 + below(50)));
        break;
    case 2:
        x.value = below(1000000) * pow(10, (int)below(24) - 12);
        break;
    case 3:
        x.bits >>= 12; /* subnormal */
        break;
    default:
        break;
    }
    return x.bits;
}

static void make_integer(void)
{
    static const char *const lengths[] = {"", "hh", "h", "l", "ll", "j", "z", "t"};
    char conversion = one_of("diouxX");
    char *at = put_start(strchr("di", conversion) ? "-+ 0" : conversion == 'u' ? "-0" : "-#0", 60);
    sprintf(at, "%s%c", lengths[below(8)], conversion);
    snprintf(input, sizeof(input), "%llx", (unsigned long long)(next() >> below(64)) * below(9));
}

static void make_double(void)
{
    uint64_t bits = random_double();
    char conversion = one_of("eEfFgGa");
    bool subnormal = (bits >> 52 & 0x7ff) == 0;
    char *at = put_start(strchr("gG", conversion) ? "-+ 0" : "-+ #0", 400);
    sprintf(at, "%c", conversion == 'a' && subnormal ? 'e' : conversion);
    snprintf(input, sizeof(input), "%016llx", (unsigned long long)bits);
}

static void make_long_double(void)
{
    char *at = put_start("-+ 0", 400);
    sprintf(at, "L%c", one_of("eEfFgG"));
    unsigned exponent = below(4) ? 16383 - 100 + below(200) : 1 + below(32766);
    snprintf(input, sizeof(input), "%04x:%016llx", exponent | (below(2) << 15),
             (unsigned long long)(next() | 1ull << 63));
}

static char *put_digits(char *at, const char *digits, unsigned count)
{
    while (count-- > 0) {
        *at++ = one_of(digits);
    }
    *at = '\0';
    return at;
}

/* The decimal expansion of a number half-way between two doubles, now and then with another last
 * digit. */
static void make_half_way(void)
{
    union {
        uint64_t bits;
        double value;
    } low = {.bits = next() >> 1}, high;
    if (!isfinite(low.value) || below(3) == 0) {
        low.bits = (uint64_t)(1023 + below(60)) << 52 | next() >> 12;
    }
    high.bits = low.bits + 1;
    snprintf(input, sizeof(input), "%.*Le", below(4) ? 780 : 25, ((long double)low.value + high.value) / 2);
    char *e = strchr(input, 'e');
    if (e && below(3) == 0) {
        e[-1] = one_of("0123456789");
    }
}

static void make_text(void)
{
    char *at = input;
    if (below(20) == 0) {
        make_half_way();
        return;
    }
    if (below(3) == 0) {
        *at++ = one_of("+- ");
    }
    bool hex = below(4) == 0;
    const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    at += sprintf(at, hex ? "0x1" : "");
    at = put_digits(at, digits, below(25));
    if (below(2)) {
        *at++ = '.';
        at = put_digits(at, digits, below(below(5) ? 20 : 200));
    }
    if (below(2)) {
        int range = below(3) ? 40 : below(2) ? 400 : 6000;
        at += sprintf(at, "%c%d", hex ? 'p' : one_of("eE"), (int)below(2u * (unsigned)range) - range);
    }
    put_digits(at, "xz)", below(2));
}

static void make_scan(void)
{
    char *at = format;
    at += sprintf(at, "%%%.*s%c", (int)below(2), "4", one_of("diuxo"));
    if (below(3) == 0) {
        *at++ = ' ';
    }
    sprintf(at, below(3) ? "%%%c%%n" : "%%lf%%n", one_of("diuxo"));
    at = put_digits(input, "  +-", below(2));
    at = put_digits(at, "0123456789abcdf", 1 + below(6));
    at = put_digits(at, " +-", 1);
    put_digits(at, "0123456789", 1 + below(8));
}

static int make_cases(unsigned long seed, unsigned long count)
{
    static const char kinds[] = "iddlltttc";
    state = seed * 0x9e3779b97f4a7c15ull + 0x123456789abcdefull;
    for (unsigned long i = 0; i < count; i++) {
        char kind = one_of(kinds);
        strcpy(format, "-");
        switch (kind) {
        case 'i':
            make_integer();
            break;
        case 'd':
            make_double();
            break;
        case 'l':
            make_long_double();
            break;
        case 't':
            make_text();
            break;
        default:
            make_scan();
            break;
        }
        compute(kind);
        printf("%c\t%s\t%s\t%s\n", kind, format, input, result);
    }
    return 0;
}

/* ---- checking ---- */

/* Takes the field up to the next tab; the rest of the line, or NULL if the field is too long or
 * the last one. */
static char *take_field(char *line, char *field, size_t bytes)
{
    char *tab = strchr(line, '\t');
    if (!tab || (size_t)(tab - line) >= bytes) {
        return NULL;
    }
    *tab = '\0';
    memcpy(field, line, (size_t)(tab - line) + 1);
    return tab + 1;
}

/* One result for each kind, so that a report names it. */
static int check_cases(FILE *file)
{
    static const char kinds[] = "idltc";
    static const char *const names[] = {"printf: integers", "printf: double", "printf: long double",
                                        "strtod, strtof, strtold", "scanf"};
    static char line[RESULT_BYTES + INPUT_BYTES + FORMAT_BYTES];
    unsigned cases[sizeof(names) / sizeof(names[0])] = {0}, wrong[sizeof(names) / sizeof(names[0])] = {0},
                                   bad = 0;
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *kind = strchr(kinds, line[0]);
        char *rest = kind && line[0] && line[1] == '\t' ? take_field(line + 2, format, sizeof(format)) : NULL;
        rest = rest ? take_field(rest, input, sizeof(input)) : NULL;
        if (!rest) {
            bad++;
            continue;
        }
        compute(*kind);
        cases[kind - kinds]++;
        if (strcmp(result, rest) != 0 && wrong[kind - kinds]++ < SHOWN) {
            printf("# %s of %.80s: %.80s, should be %.80s\n", format, input, result, rest);
        }
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool good = wrong[i] == 0 && cases[i] > 0 && bad == 0;
        printf("%s %zu - %s: %u of %u cases differ\n", good ? "ok" : "not ok", i + 1, names[i], wrong[i],
               cases[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0) {
        return make_cases(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    }
    FILE *file = argc == 3 && strcmp(argv[1], "check") == 0 ? fopen(argv[2], "r") : NULL;
    printf("KTAP version 1\n1..5\n");
    if (!file) {
        printf("Bail out! no file of cases\n");
        return 2;
    }
    return check_cases(file);
}
