/* SPDX-License-Identifier: BSD-2-Clause */
/* time.h. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

static const struct {
    long long seconds;
    int year, month, day, hour, minute, second, week_day, year_day;
} moments[] = {
    {0, 1970, 1, 1, 0, 0, 0, 4, 0},
    {-1, 1969, 12, 31, 23, 59, 59, 3, 364},
    {951782400, 2000, 2, 29, 0, 0, 0, 2, 59},
    {951868800, 2000, 3, 1, 0, 0, 0, 3, 60},
    {2147483647, 2038, 1, 19, 3, 14, 7, 2, 18},
    {2147483648LL, 2038, 1, 19, 3, 14, 8, 2, 18},
    {-2147483649LL, 1901, 12, 13, 20, 45, 51, 5, 346},
    {4107542400LL, 2100, 3, 1, 0, 0, 0, 1, 59},
    {-2203891200LL, 1900, 3, 1, 0, 0, 0, 4, 59},
    {-62135596800LL, 1, 1, 1, 0, 0, 0, 1, 0},
    {253402300799LL, 9999, 12, 31, 23, 59, 59, 5, 364},
    {-99999999999LL, -1199, 2, 15, 14, 13, 21, 4, 45},
};

static bool same_moment(const struct tm *tm, size_t i)
{
    return tm->tm_year == moments[i].year - 1900 && tm->tm_mon == moments[i].month - 1 &&
           tm->tm_mday == moments[i].day && tm->tm_hour == moments[i].hour &&
           tm->tm_min == moments[i].minute && tm->tm_sec == moments[i].second &&
           tm->tm_wday == moments[i].week_day && tm->tm_yday == moments[i].year_day;
}

static const struct {
    struct tm tm; /* out of range: mktime puts it right */
    int year, month, day, hour, minute, second;
} wild[] = {
    {{.tm_year = 100, .tm_mon = 14, .tm_mday = 1}, 2001, 3, 1, 0, 0, 0},
    {{.tm_year = 100, .tm_mon = -1, .tm_mday = 1}, 1999, 12, 1, 0, 0, 0},
    {{.tm_year = 100, .tm_mon = -25, .tm_mday = 31}, 1997, 12, 31, 0, 0, 0},
    {{.tm_year = 100, .tm_mon = 1, .tm_mday = 30}, 2000, 3, 1, 0, 0, 0},
    {{.tm_year = 100, .tm_mon = 2, .tm_mday = 0}, 2000, 2, 29, 0, 0, 0},
    {{.tm_year = 100, .tm_mon = 0, .tm_mday = -365}, 1998, 12, 31, 0, 0, 0},
    {{.tm_year = 100, .tm_mday = 1, .tm_sec = -1}, 1999, 12, 31, 23, 59, 59},
    {{.tm_year = 100, .tm_mday = 1, .tm_min = 1500}, 2000, 1, 2, 1, 0, 0},
    {{.tm_year = 100, .tm_mday = 1, .tm_hour = -25, .tm_sec = 3661}, 1999, 12, 31, 0, 1, 1},
    {{.tm_year = 100, .tm_mday = 1, .tm_sec = INT_MAX}, 2068, 1, 19, 3, 14, 7},
    {{.tm_year = 100, .tm_mday = 1, .tm_sec = INT_MIN}, 1931, 12, 13, 20, 45, 52},
    {{.tm_year = 100, .tm_mday = 1, .tm_min = INT_MAX}, 6083, 1, 23, 2, 7, 0},
    {{.tm_year = 100, .tm_mday = 146098}, 2400, 1, 1, 0, 0, 0},
    {{.tm_year = 100, .tm_mday = 1, .tm_sec = 60}, 2000, 1, 1, 0, 1, 0},
};

void test_calendar(void)
{
    for (size_t i = 0; i < COUNT(moments); i++) {
        time_t t = (time_t)moments[i].seconds;
        struct tm *tm = gmtime(&t), copy;
        EXPECT_ROW(tm && same_moment(tm, i), "gmtime");
        EXPECT_ROW(gmtime_r(&t, &copy) == &copy && same_moment(&copy, i), "gmtime_r");
        EXPECT_ROW(localtime(&t) && same_moment(localtime(&t), i), "localtime");
        copy.tm_isdst = 0;
        copy.tm_wday = copy.tm_yday = 99;
        errno = 0;
        EXPECT_ROW(mktime(&copy) == t && same_moment(&copy, i), "mktime");
    }
    for (size_t i = 0; i < COUNT(wild); i++) {
        struct tm tm = wild[i].tm;
        EXPECT(mktime(&tm) != (time_t)-1 || wild[i].year == 1969);
        expect(tm.tm_year == wild[i].year - 1900 && tm.tm_mon == wild[i].month - 1 &&
                   tm.tm_mday == wild[i].day && tm.tm_hour == wild[i].hour && tm.tm_min == wild[i].minute &&
                   tm.tm_sec == wild[i].second,
               __FILE__, __LINE__, "mktime, row %zu: %d-%d-%d %d:%d:%d", i, tm.tm_year + 1900, tm.tm_mon + 1,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    }
    struct tm beyond = {.tm_year = INT_MAX, .tm_mon = INT_MAX, .tm_mday = 1};
    EXPECT(mktime(&beyond) == (time_t)-1);
    time_t far_future = INT64_MAX, start = 0;
    errno = 0;
    EXPECT(gmtime(&far_future) == NULL && errno == EOVERFLOW);
    EXPECT(!strcmp(asctime(gmtime(&start)), "Thu Jan  1 00:00:00 1970\n") &&
           !strcmp(ctime(&start), asctime(gmtime(&start))));
    EXPECT(difftime(5, 7) == -2.0);
}

static const struct {
    const char *format, *expected;
} formats[] = {
    {"%Y-%m-%d %H:%M:%S", "2024-12-30 09:05:03"},
    {"%a %A %b %B %h", "Mon Monday Dec December Dec"},
    {"%c", "Mon Dec 30 09:05:03 2024"},
    {"%x %X", "12/30/24 09:05:03"},
    {"%C %y %e %j", "20 24 30 365"},
    {"%D %F %T %R %r", "12/30/24 2024-12-30 09:05:03 09:05 09:05:03 AM"},
    {"%G %g %V %U %W", "2025 25 01 52 53"},
    {"%u %w %I %p", "1 1 09 AM"},
    {"%n%t%%", "\n\t%"},
    {"%Z %z", "GMT +0000"},
    {"%Ey %Od", "24 30"},
};

void test_strftime(void)
{
    char found[100];
    time_t then = 1735549503;
    struct tm tm = *gmtime(&then);
    for (size_t i = 0; i < COUNT(formats); i++) {
        size_t length = strftime(found, sizeof(found), formats[i].format, &tm);
        EXPECT_ROW(length == strlen(formats[i].expected) && !strcmp(found, formats[i].expected), found);
    }
    EXPECT(strftime(found, 4, "%Y", &tm) == 0 && strftime(found, 5, "%Y", &tm) == 4 &&
           strftime(found, 5, "%%%n", &tm) == 2);
    static const struct {
        int year, day;
        const char *week;
    } weeks[] = {{105, 0, "2004-53"}, {105, 1, "2004-53"}, {105, 2, "2005-01"},
                 {109, 0, "2009-01"}, {110, 2, "2009-53"}, {108, 365, "2009-01"}};
    for (size_t i = 0; i < COUNT(weeks); i++) {
        struct tm day = {.tm_year = weeks[i].year, .tm_mday = weeks[i].day + 1};
        mktime(&day);
        strftime(found, sizeof(found), "%G-%V", &day);
        EXPECT_ROW(!strcmp(found, weeks[i].week), weeks[i].week);
    }
    struct tm early = {.tm_year = -1900 + 7, .tm_mday = 1};
    EXPECT(strftime(found, sizeof(found), "%C", &early) == 2 && !strcmp(found, "00"));
}

void test_clocks(void)
{
    struct timespec now, later;
    EXPECT(time(NULL) != (time_t)-1 && clock() != (clock_t)-1);
    EXPECT(timespec_get(&now, TIME_UTC) == TIME_UTC && timespec_get(&now, 99) == 0);
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
    EXPECT(clock_gettime(CLOCK_REALTIME, &later) == 0 && clock_getres(CLOCK_MONOTONIC, &later) == 0 &&
           later.tv_sec == 0);
    errno = 0;
    EXPECT(clock_gettime((clockid_t)99, &now) == -1 && errno == EINVAL);
    struct timespec wait = {0, 2000000}, wrong = {0, 1000000000};
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && nanosleep(&wait, NULL) == 0);
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &later) == 0);
    long long passed = (later.tv_sec - now.tv_sec) * 1000000000LL + later.tv_nsec - now.tv_nsec;
    EXPECT(passed >= 2000000 && passed < 2000000000);
    errno = 0;
    EXPECT(nanosleep(&wrong, NULL) == -1 && errno == EINVAL);
}
