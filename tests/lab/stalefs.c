/* SPDX-License-Identifier: Apache-2.0
 * usage: stalefs FOLDER MOUNT [libfuse options]
 * FOLDER at MOUNT as an NFS client of `acregmin=60,nocto` would show it: this kernel mounts no NFS, so this lets the
 * kernel keep names (missing ones too), attributes and pages for 60 s without asking again. What is opened with
 * O_DIRECT passes by that, as it does there. */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STALE_SECONDS 60

static int folder;

static void *begin(struct fuse_conn_info *conn, struct fuse_config *config)
{
    (void)conn;
    config->kernel_cache = 1;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = STALE_SECONDS;
    return NULL;
}

static const char *inside(const char *path)
{
    return path[1] != '\0' ? path + 1 : ".";
}

static int get_attributes(const char *path, struct stat *facts, struct fuse_file_info *fi)
{
    (void)fi;
    return fstatat(folder, inside(path), facts, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

static int open_file(const char *path, struct fuse_file_info *fi)
{
    int fd = openat(folder, inside(path), (fi->flags & (O_ACCMODE | O_TRUNC)) | O_CLOEXEC);
    fi->fh = (uint64_t)fd;
    return fd >= 0 ? 0 : -errno;
}

static int create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
    int fd = openat(folder, inside(path), O_RDWR | O_CREAT | O_CLOEXEC, mode);
    fi->fh = (uint64_t)fd;
    return fd >= 0 ? 0 : -errno;
}

static int read_file(const char *path, char *bytes, size_t size, off_t at, struct fuse_file_info *fi)
{
    (void)path;
    ssize_t got = pread((int)fi->fh, bytes, size, at);
    return got >= 0 ? (int)got : -errno;
}

static int write_file(const char *path, const char *bytes, size_t size, off_t at, struct fuse_file_info *fi)
{
    (void)path;
    ssize_t put = pwrite((int)fi->fh, bytes, size, at);
    return put >= 0 ? (int)put : -errno;
}

static int sync_file(const char *path, int data_only, struct fuse_file_info *fi)
{
    (void)path, (void)data_only;
    return fsync((int)fi->fh) == 0 ? 0 : -errno;
}

static int release(const char *path, struct fuse_file_info *fi)
{
    (void)path;
    return close((int)fi->fh) == 0 ? 0 : -errno;
}

static int move(const char *from, const char *to, unsigned flags)
{
    return renameat2(folder, inside(from), folder, inside(to), flags) == 0 ? 0 : -errno;
}

static int list(const char *path, void *buffer, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *fi,
                enum fuse_readdir_flags flags)
{
    (void)path, (void)at, (void)fi, (void)flags;
    DIR *names = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct dirent *entry;
    if (names == NULL)
        return -errno;
    while ((entry = readdir(names)) != NULL)
        fill(buffer, entry->d_name, NULL, 0, 0);
    return closedir(names) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
    static const struct fuse_operations operations = {.init = begin,
                                                      .getattr = get_attributes,
                                                      .open = open_file,
                                                      .create = create,
                                                      .read = read_file,
                                                      .write = write_file,
                                                      .fsync = sync_file,
                                                      .release = release,
                                                      .rename = move,
                                                      .readdir = list};
    if (argc < 3 || (folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        fprintf(stderr, "usage: stalefs FOLDER MOUNT [options]: %s\n", strerror(errno));
        return 2;
    }
    argv[1] = argv[0];
    return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
