/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/idmap.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static struct idmap *map;
static struct dr_error err;

static enum dr_code open_it(void)
{
    return idmap_open(&map, scratch_path(&scratch, "idmap"), MEMBER_B, &err);
}

static void reopen(void)
{
    idmap_close(map);
    CU_ASSERT_EQUAL_FATAL(open_it(), DR_OK);
}

static struct file_id peers(uint64_t ino)
{
    return (struct file_id){.ino = ino, .gen = 3, .birth = BIRTH_A};
}

/* As ext4 has it. */
static struct dr_file_handle handle_of(uint32_t ino)
{
    struct dr_file_handle h = {.type = 1, .size = 8};
    uint32_t gen = 77;
    memcpy(h.bytes, &ino, 4);
    memcpy(h.bytes + 4, &gen, 4);
    return h;
}

static void put(uint64_t ino, uint32_t local)
{
    struct file_id id = peers(ino);
    struct dr_file_handle h = handle_of(local);
    idmap_put(map, &id, 2, &h, S_IFREG);
}

/* The local inode number, or 0. */
static uint64_t find(uint64_t ino)
{
    struct file_id id = peers(ino);
    struct dr_file_handle h;
    uint32_t path = 0;
    if (!idmap_find(map, &id, &h, &path))
        return 0;
    CU_ASSERT_EQUAL(path, 2);
    CU_ASSERT_EQUAL(idmap_type(map, &id), S_IFREG);
    return file_handle_id(&h).ino;
}

static struct file_id name(uint64_t local)
{
    struct file_id id = {.ino = local, .gen = 77, .birth = BIRTH_LOCAL};
    return idmap_name(map, &id);
}

static void begin(void)
{
    scratch = scratch_make();
    CU_ASSERT_EQUAL_FATAL(open_it(), DR_OK);
}

static void end(void)
{
    idmap_close(map);
    scratch_remove(&scratch);
}

static void both_ways(void)
{
    begin();
    put(10, 500);
    CU_ASSERT_EQUAL(find(10), 500);
    CU_ASSERT_EQUAL(find(11), 0);
    CU_ASSERT_EQUAL(name(500).ino, 10);
    CU_ASSERT_EQUAL(name(500).birth, BIRTH_A);
    CU_ASSERT_EQUAL(name(501).ino, 501); /* born here */
    CU_ASSERT_EQUAL(name(501).birth, BIRTH_B);
    put(11, 500); /* a file has one id */
    CU_ASSERT_EQUAL(find(10), 0);
    CU_ASSERT_EQUAL(name(500).ino, 11);
    put(11, 502); /* and an id one file */
    CU_ASSERT_EQUAL(name(500).birth, BIRTH_B);
    CU_ASSERT_EQUAL(find(11), 502);
    end();
}

static void what_is_synced_stays(void)
{
    begin();
    put(10, 500);
    put(11, 501);
    CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    struct file_id id = peers(10);
    idmap_drop(map, &id);
    CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    put(12, 502);
    reopen();
    CU_ASSERT_EQUAL(find(10), 0);
    CU_ASSERT_EQUAL(find(11), 501);
    CU_ASSERT_EQUAL(find(12), 0); /* nobody made it durable */
    end();
}

static void a_torn_tail_is_cut(void)
{
    begin();
    put(10, 500);
    CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    struct stat st;
    CU_ASSERT_EQUAL(stat(scratch_path(&scratch, "idmap"), &st), 0);
    put(11, 501);
    CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    CU_ASSERT_EQUAL(truncate(scratch_path(&scratch, "idmap"), st.st_size + 20), 0);
    reopen();
    CU_ASSERT_EQUAL(find(10), 500);
    CU_ASSERT_EQUAL(find(11), 0);
    put(12, 502);
    CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    reopen();
    CU_ASSERT_EQUAL(find(12), 502);
    end();
}

static void damage_names_the_file(void)
{
    begin();
    idmap_close(map);
    scratch_write(&scratch, "idmap", "this is no idmap");
    CU_ASSERT_EQUAL(open_it(), DR_CORRUPT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/idmap"));
    scratch_remove(&scratch);
}

static void it_does_not_grow_for_ever(void)
{
    begin();
    for (uint32_t round = 0; round < 60; round++) {
        for (uint32_t i = 1; i <= 500; i++)
            put(i, 1000 + round * 500 + i);
        CU_ASSERT_EQUAL(idmap_sync(map, &err), DR_OK);
    }
    struct stat st;
    CU_ASSERT_EQUAL(stat(scratch_path(&scratch, "idmap"), &st), 0);
    CU_ASSERT_TRUE(st.st_size < 60 * 500 * 64);
    reopen();
    for (uint32_t i = 1; i <= 500; i++)
        CU_ASSERT_EQUAL(find(i), 1000 + 59 * 500 + i);
    end();
}

int main(void)
{
    CU_TestInfo cases[] = {{"an id and its file find each other", both_ways},
                           {"what is synced stays", what_is_synced_stays},
                           {"a torn tail is cut", a_torn_tail_is_cut},
                           {"damage names the file", damage_names_the_file},
                           {"it does not grow for ever", it_does_not_grow_for_ever},
                           CU_TEST_INFO_NULL};
    return unit_run("idmap", cases);
}
