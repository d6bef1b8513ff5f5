/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: descriptors 0, 1 and 2 are the console; the others are files that were booted, read-only
 * and mapped whole. path.h says by which paths they are opened. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/physmem.h"
#include "client/task.h"
#include "pager/pager.h"
#include "path.h"
#include "port.h"

enum { FILES_MAX = 32 };

enum file_kind { FILE_FREE = 0, FILE_CONSOLE, FILE_MODULE };

struct file {
    enum file_kind kind;
    handle_t handle;
    const char *data;    /* NULL if the file is empty */
    uint32_t first_page; /* where it begins in the container */
    uint32_t size, pages, offset;
};

static struct file files[FILES_MAX] = {
    [0] = {.kind = FILE_CONSOLE},
    [1] = {.kind = FILE_CONSOLE},
    [2] = {.kind = FILE_CONSOLE},
};
/* Protects the table and every offset in it; it is not held in calls to the console. */
static struct __lock files_lock;

static int fail(struct _reent *r, int error)
{
    r->_errno = error;
    return -1;
}

/* The open file of a descriptor, or NULL with errno set. */
static struct file *find(struct _reent *r, int fd)
{
    if (fd < 0 || fd >= FILES_MAX || files[fd].kind == FILE_FREE) {
        r->_errno = EBADF;
        return NULL;
    }
    return &files[fd];
}

/* ---- opening and closing ---- */

/* Makes the file's pages readable at that page of the designated container. */
static enum error copy_pages(const struct file *f, uint32_t dest_page)
{
    enum error e = OK;
    for (uint32_t at = 0, done = 0; e == OK && at < f->pages; at += done) {
        e = physmem_copy(f->handle, f->first_page + at, HANDLE_DC, dest_page + at, f->pages - at, &done);
        if (e == OK && done == 0) {
            e = ERR_IPC;
        }
    }
    return e;
}

/* Makes the module's pages readable: by the pager as a region, without one as a logical copy in the
 * designated container. */
static enum error map_module(struct file *f)
{
    void *address = NULL;
    if (f->pages == 0) {
        return OK;
    }
    if (port_has_pager()) {
        enum error e =
            pager_map_container(f->handle, f->first_page, f->pages * PAGE_SIZE, RIGHT_READ, &address);
        f->data = address;
        return e;
    }
    uint32_t base = port_dc_alloc(f->pages);
    if (base == 0) {
        return ERR_NO_MEMORY;
    }
    f->data = (const char *)base;
    enum error e = copy_pages(f, base >> PAGE_SHIFT);
    if (e != OK) {
        port_dc_free(base, f->pages);
    }
    return e;
}

static void unmap_module(const struct file *f)
{
    if (f->data && port_has_pager()) {
        (void)pager_unmap((void *)(uintptr_t)f->data, f->pages * PAGE_SIZE);
    } else if (f->data) {
        port_dc_free((uint32_t)(uintptr_t)f->data, f->pages);
    }
}

static enum error open_module(const char *path, struct file *f)
{
    char name[PATH_NAME_MAX + 1];
    struct task_file file;
    if (!path_file_name(path, name)) {
        return ERR_NOT_FOUND;
    }
    enum error e = task_file(name, &file);
    if (e != OK) {
        return e;
    }
    *f = (struct file){
        .kind = FILE_MODULE,
        .handle = file.handle,
        .first_page = file.first_page,
        .size = file.bytes,
        .pages = (file.bytes + PAGE_SIZE - 1) >> PAGE_SHIFT,
    };
    return OK;
}

/* Puts the file into the lowest free descriptor; -1: none. */
static int install(const struct file *f)
{
    int fd = 0;
    port_lock(&files_lock);
    while (fd < FILES_MAX && files[fd].kind != FILE_FREE) {
        fd++;
    }
    if (fd < FILES_MAX) {
        files[fd] = *f;
    }
    port_unlock(&files_lock);
    return fd < FILES_MAX ? fd : -1;
}

int _open_r(struct _reent *r, const char *path, int flags, int mode)
{
    struct file f;
    (void)mode;
    if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND)) != 0) {
        return fail(r, EROFS);
    }
    enum error e = open_module(path, &f);
    if (e != OK) {
        return port_result(r, e);
    }
    e = map_module(&f);
    if (e != OK) {
        (void)physmem_close(f.handle);
        return port_result(r, e);
    }
    int fd = install(&f);
    if (fd < 0) {
        unmap_module(&f);
        (void)physmem_close(f.handle);
        return fail(r, EMFILE);
    }
    return fd;
}

int _close_r(struct _reent *r, int fd)
{
    port_lock(&files_lock);
    struct file *f = find(r, fd), old = {.kind = FILE_FREE};
    if (f) {
        old = *f;
        *f = (struct file){.kind = FILE_FREE};
    }
    port_unlock(&files_lock);
    if (old.kind == FILE_MODULE) {
        unmap_module(&old);
        (void)physmem_close(old.handle);
    }
    return f ? 0 : -1;
}

/* ---- reading and writing ---- */

static _ssize_t read_console(struct _reent *r, void *buffer, size_t count)
{
    uint32_t got = 0;
    enum error e = port_console_read(buffer, (uint32_t)count, &got);
    return e == OK ? (_ssize_t)got : port_result(r, e);
}

_ssize_t _read_r(struct _reent *r, int fd, void *buffer, size_t count)
{
    port_lock(&files_lock);
    struct file *f = find(r, fd);
    if (!f || f->kind == FILE_CONSOLE) {
        port_unlock(&files_lock);
        return f ? read_console(r, buffer, count) : -1;
    }
    uint32_t left = f->offset < f->size ? f->size - f->offset : 0;
    uint32_t n = count < left ? (uint32_t)count : left;
    if (n > 0) {
        memcpy(buffer, f->data + f->offset, n);
    }
    f->offset += n;
    port_unlock(&files_lock);
    return (_ssize_t)n;
}

_ssize_t _write_r(struct _reent *r, int fd, const void *buffer, size_t count)
{
    struct file *f = find(r, fd);
    if (!f || f->kind != FILE_CONSOLE) {
        return fail(r, EBADF);
    }
    enum error e = port_console_write(buffer, (uint32_t)count);
    return e == OK ? (_ssize_t)count : port_result(r, e);
}

_off_t _lseek_r(struct _reent *r, int fd, _off_t offset, int whence)
{
    port_lock(&files_lock);
    struct file *f = find(r, fd);
    _off_t base = 0, to = -1;
    if (f && f->kind == FILE_CONSOLE) {
        r->_errno = ESPIPE;
    } else if (f) {
        base = whence == SEEK_CUR ? f->offset : whence == SEEK_END ? f->size : 0;
        to = base + offset;
        if (whence < SEEK_SET || whence > SEEK_END || to < 0 || to > INT32_MAX) {
            r->_errno = EINVAL;
            to = -1;
        } else {
            f->offset = (uint32_t)to;
        }
    }
    port_unlock(&files_lock);
    return to;
}

/* ---- what is known of a file ---- */

static void describe(const struct file *f, struct stat *st)
{
    memset(st, 0, sizeof(*st));
    st->st_nlink = 1;
    st->st_blksize = 1024;
    if (f->kind == FILE_CONSOLE) {
        st->st_mode = S_IFCHR | 0600;
    } else {
        st->st_mode = S_IFREG | 0444;
        st->st_size = f->size;
        st->st_blocks = (blkcnt_t)((f->size + 511) / 512);
    }
}

int _fstat_r(struct _reent *r, int fd, struct stat *st)
{
    struct file *f = find(r, fd);
    if (!f) {
        return -1;
    }
    describe(f, st);
    return 0;
}

int _stat_r(struct _reent *r, const char *path, struct stat *st)
{
    struct file f;
    enum error e = open_module(path, &f);
    if (e == OK) {
        describe(&f, st);
        (void)physmem_close(f.handle);
    }
    return port_result(r, e);
}

int lstat(const char *path, struct stat *st);
int lstat(const char *path, struct stat *st)
{
    return _stat_r(_REENT, path, st);
}

int _isatty_r(struct _reent *r, int fd)
{
    struct file *f = find(r, fd);
    if (f && f->kind != FILE_CONSOLE) {
        r->_errno = ENOTTY;
    }
    return f && f->kind == FILE_CONSOLE;
}

int _fcntl_r(struct _reent *r, int fd, int command, int argument)
{
    struct file *f = find(r, fd);
    (void)argument;
    if (!f) {
        return -1;
    }
    switch (command) {
    case F_GETFD:
    case F_SETFD:
    case F_SETFL:
        return 0;
    case F_GETFL:
        return f->kind == FILE_CONSOLE ? O_RDWR : O_RDONLY;
    default:
        return fail(r, EINVAL);
    }
}

/* ---- nothing here can be changed ---- */

int _link_r(struct _reent *r, const char *old_path, const char *new_path)
{
    (void)old_path;
    (void)new_path;
    return fail(r, EROFS);
}

int _unlink_r(struct _reent *r, const char *path)
{
    (void)path;
    return fail(r, EROFS);
}

int _rename_r(struct _reent *r, const char *old_path, const char *new_path)
{
    (void)old_path;
    (void)new_path;
    return fail(r, EROFS);
}

int _mkdir_r(struct _reent *r, const char *path, int mode)
{
    (void)path;
    (void)mode;
    return fail(r, EROFS);
}
