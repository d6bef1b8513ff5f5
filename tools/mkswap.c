// SPDX-License-Identifier: BSD-2-Clause
// Writes the header that makes a disk, or a file, a swap disk of Pilotfish (lib/protocol/swap.h).
#include "protocol/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, PROBE_BYTES = 0x11000, PAGES_MIN = 16 };

static const char usage[] =
    "usage: mkswap [--force] [--uuid 32-HEX-DIGITS] FILE-OR-DEVICE [SIZE_MiB]\n"
    "Makes FILE (new or cut to SIZE_MiB), or an existing file or device, a swap disk.\n";

static const struct {
    long offset;
    const char *magic;
    size_t length;
    const char *name;
} known[] = {
    {0x438, "\x53\xef", 2, "an ext2/3/4 file system"},
    {0, "XFSB", 4, "an XFS file system"},
    {0x10040, "_BHRfS_M", 8, "a btrfs file system"},
    {3, "NTFS    ", 8, "an NTFS file system"},
    {0x36, "FAT1", 4, "a FAT file system"},
    {0x52, "FAT32", 5, "a FAT file system"},
    {0x8001, "CD001", 5, "an ISO 9660 file system"},
    {0, "hsqs", 4, "a squashfs file system"},
    {0xff6, "SWAPSPACE2", 10, "a Linux swap area"},
    {0xff6, "SWAP-SPACE", 10, "a Linux swap area"},
    {0, "LUKS\xba\xbe", 6, "a LUKS volume"},
    {0x200, "LABELONE", 8, "an LVM volume"},
    {0x200, "EFI PART", 8, "a GPT partition table"},
    {0, "QFI\xfb", 4, "a qcow2 disk image"},
    {0, "\177ELF", 4, "an ELF program"},
    {0x1fe, "\x55\xaa", 2, "a boot sector or partition table"},
};

static void fail(const char *what, const char *file)
{
    fprintf(stderr, "mkswap: %s: %s\n", file, what);
    exit(1);
}

static uint32_t fnv1a(const uint8_t *bytes, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * 16777619u;
    }
    return hash;
}

static void refuse_what_is_in_use(int fd, const char *file)
{
    static uint8_t bytes[PROBE_BYTES];
    ssize_t got = pread(fd, bytes, sizeof bytes, 0);
    if (got < 0) {
        fail(strerror(errno), file);
    }
    if (got >= 16 && memcmp(bytes, SWAP_SIGNATURE, 16) == 0) {
        return; // ours already
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t end = (size_t)known[i].offset + known[i].length;
        if ((size_t)got >= end && memcmp(bytes + known[i].offset, known[i].magic, known[i].length) == 0) {
            fprintf(stderr, "mkswap: %s holds %s; nothing written (--force overwrites it)\n", file,
                    known[i].name);
            exit(1);
        }
    }
}

static uint64_t size_of(int fd, const char *file)
{
    struct stat status;
    uint64_t size = 0;
    if (fstat(fd, &status) != 0) {
        fail(strerror(errno), file);
    }
    if (S_ISREG(status.st_mode)) {
        return (uint64_t)status.st_size;
    }
    if (!S_ISBLK(status.st_mode) || ioctl(fd, BLKGETSIZE64, &size) != 0) {
        fail("neither a file nor a disk", file);
    }
    return size;
}

static void read_uuid(const char *hex, uint8_t uuid[16])
{
    for (int i = 0; i < 16; i++) {
        unsigned int byte = 0;
        if (hex != NULL && (strlen(hex) != 32 || sscanf(hex + 2 * i, "%2x", &byte) != 1)) {
            fail("not 32 hexadecimal digits", hex);
        }
        uuid[i] = (uint8_t)byte;
    }
    if (hex == NULL) {
        int random = open("/dev/urandom", O_RDONLY);
        if (random < 0 || read(random, uuid, 16) != 16) {
            fail("no random numbers", "/dev/urandom");
        }
        close(random);
    }
}

static int open_target(const char *file, bool with_size)
{
    struct stat status;
    int flags = O_RDWR | (with_size ? O_CREAT : 0);
    if (stat(file, &status) == 0 && S_ISBLK(status.st_mode)) {
        flags = O_RDWR | O_EXCL; // refuses a disk that is mounted
    }
    int fd = open(file, flags, 0666);
    if (fd < 0) {
        fail(strerror(errno), file);
    }
    return fd;
}

int main(int argc, char **argv)
{
    bool force = false;
    const char *uuid = NULL;
    int arg = 1;
    for (; arg < argc && strncmp(argv[arg], "--", 2) == 0; arg++) {
        if (strcmp(argv[arg], "--force") == 0) {
            force = true;
        } else if (strcmp(argv[arg], "--uuid") == 0 && arg + 1 < argc) {
            uuid = argv[++arg];
        } else {
            break;
        }
    }
    if (argc - arg < 1 || argc - arg > 2 || argv[arg][0] == '-') {
        fputs(usage, stderr);
        return 2;
    }
    const char *file = argv[arg];
    char *end = NULL;
    uint64_t mib = arg + 1 < argc ? strtoull(argv[arg + 1], &end, 10) : 0;
    if (end != NULL && (*end != '\0' || mib == 0 || mib > 1u << 20)) {
        fail("not a size from 1 to 1048576 MiB", argv[arg + 1]);
    }

    struct swap_header header = {.signature = SWAP_SIGNATURE, .page_size = PAGE};
    read_uuid(uuid, header.uuid);
    int fd = open_target(file, mib != 0);
    if (!force) {
        refuse_what_is_in_use(fd, file);
    }
    struct stat status;
    if (mib != 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        ftruncate(fd, (off_t)(mib << 20)) != 0) {
        fail(strerror(errno), file);
    }
    uint64_t pages = size_of(fd, file) / PAGE;
    if (mib != 0 && pages > mib << 8) {
        pages = mib << 8;
    }
    if (pages < PAGES_MIN) {
        fail("too small: 64 KiB at least", file);
    }
    header.pages = pages > UINT32_MAX ? UINT32_MAX : (uint32_t)pages;
    header.checksum = fnv1a((const uint8_t *)&header, offsetof(struct swap_header, checksum));

    uint8_t page[PAGE] = {0};
    memcpy(page, &header, sizeof header);
    if (pwrite(fd, page, PAGE, 0) != PAGE || fsync(fd) != 0 || close(fd) != 0) {
        fail(strerror(errno), file);
    }
    return 0;
}
