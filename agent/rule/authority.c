/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/authority.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum dr_code authority_create(struct authority *authority, struct dr_error *err)
{
    size_t size = sizeof *authority->end;
    int fd = memfd_create("authority", MFD_CLOEXEC);
    void *memory = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        enum dr_code code = dr_fail(err, DR_FULL, "no memory to share the authority in: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return code;
    }
    *authority = (struct authority){.fd = fd, .end = memory};
    return DR_OK;
}

void authority_destroy(struct authority *authority)
{
    if (authority->end == NULL)
        return;
    munmap((void *)authority->end, sizeof *authority->end);
    close(authority->fd);
    authority->end = NULL;
}

const _Atomic int64_t *authority_here(void)
{
    const _Atomic int64_t *end = NULL;
    void *memory = mmap(NULL, sizeof *end, PROT_READ, MAP_SHARED, STDIN_FILENO, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
