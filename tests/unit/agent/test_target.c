/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/clock.h"
#include "platform/file_handle.h"
#include "tests/unit/agent/stand.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static struct world world;
static struct world_record record;

static void expect_same(struct stand *s)
{
    char why[256];
    bool same = world_same(&world, s->root, why);
    if (!same)
        fprintf(stderr, "after record %llu: %s\n", (unsigned long long)world.seq, why);
    CU_ASSERT_TRUE(same);
}

static void a_stream_becomes_true(void)
{
    struct stand s;
    stand_make(&s, "/var/tmp");
    for (unsigned seed = 1; seed <= 5; seed++) {
        world_init(&world, seed);
        CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
        CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
        for (int i = 0; i < 400; i++) {
            world_step(&world, &record);
            stand_put(&s, &record);
            if (i % 7 == 0)
                CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
        }
        CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
        CU_ASSERT_TRUE(stand_applied(&s, world.seq));
        CU_ASSERT_EQUAL(target_finish(s.target, &s.err), DR_OK);
        expect_same(&s);
        stand_close(&s);
    }
    stand_remove(&s);
}

/* ---- mirrors onto what is there ---- */

static void in_folder(const struct stand *s, const char *command)
{
    char line[256];
    snprintf(line, sizeof line, "cd %s/folder && %s", s->base, command);
    CU_ASSERT_EQUAL(system(line), 0); /* the test's own words, not a peer's */
}

static void grow(uint64_t seed, int records)
{
    world_init(&world, seed);
    for (int i = 0; i < records; i++)
        world_step(&world, &record);
}

static void a_mirror_replaces_what_is_foreign(void)
{
    struct stand s;
    for (unsigned seed = 1; seed <= 8; seed++) {
        stand_make(&s, "/var/tmp");
        in_folder(&s,
                  "mkdir -p n0/n1 n1 n2 odd/deep/er && echo foreign > n1/n3 && echo x > n3 && ln n3 n4 && ln -s a n5 &&"
                  "touch odd/deep/er/file n2/n0 && setfattr -n user.world -v old n3");
        CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
        grow(seed, 300);
        CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
        expect_same(&s);
        stand_close(&s);
        stand_remove(&s);
    }
}

static void a_second_mirror_moves_what_has_moved(void)
{
    struct stand s;
    stand_make(&s, "/var/tmp");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    for (int records = 50; records <= 800; records += 150) {
        grow(5, records);
        CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
        expect_same(&s);
    }
    stand_close(&s);
    stand_remove(&s);
}

static ino_t inode_of(const struct stand *s, const char *name)
{
    struct stat st;
    CU_ASSERT_EQUAL(fstatat(s->root, name, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_ino;
}

static void piece(struct stand *s, enum record_op op, struct file_id file, const char *name, uint32_t mode)
{
    record.head = (struct record){.stream = WORLD_STREAM, .term = 1, .op = op, .file = file, .mode = mode};
    record.head.parent = (struct file_id){.birth = BIRTH_ROOT};
    world_body(&record, name, "", NULL, 0);
    stand_put(s, &record);
}

/* A file that was born here, and that the peer moved, is that file under its new name; one of the peer's that took its
 * old name is not. */
static void files_born_here_are_known_by_inode(void)
{
    struct stand s;
    stand_make(&s, "/var/tmp");
    in_folder(&s, "echo mine > old");
    struct dr_file_handle handle;
    CU_ASSERT_EQUAL(file_handle_at(s.root, "old", &handle, &s.err), DR_OK);
    struct file_id mine = file_handle_id(&handle), peers = {.ino = 9, .birth = BIRTH_A}, root = {.birth = BIRTH_ROOT};
    mine.birth = BIRTH_B;
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 0, true), DR_OK);
    piece(&s, RECORD_MIRROR_BEGIN, root, "", 0);
    piece(&s, RECORD_MIRROR_ENTRY, mine, "new", S_IFREG | 0600);
    piece(&s, RECORD_MIRROR_ENTRY, peers, "old", S_IFREG | 0600);
    piece(&s, RECORD_MIRROR_END, root, "", 0);
    CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
    CU_ASSERT_TRUE(stand_applied(&s, 0));
    CU_ASSERT_EQUAL(inode_of(&s, "new"), mine.ino);
    CU_ASSERT_NOT_EQUAL(inode_of(&s, "old"), mine.ino);
    stand_close(&s);
    stand_remove(&s);
}

/* ---- what a hostile peer sends ---- */

static void a_peer_does_not_reach_outside(void)
{
    struct stand s;
    struct stat st;
    char outside[128];
    stand_make(&s, "/var/tmp");
    snprintf(outside, sizeof outside, "%s/outside", s.base);
    CU_ASSERT_EQUAL(mkdir(outside, 0700), 0);
    struct dr_file_handle handle;
    CU_ASSERT_EQUAL(file_handle_at(AT_FDCWD, outside, &handle, &s.err), DR_OK);
    struct file_id folder = file_handle_id(&handle), root = {.birth = BIRTH_ROOT};
    folder.birth = BIRTH_B; /* as if it were a folder of the tree that was born here */
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 0, true), DR_OK);
    piece(&s, RECORD_MIRROR_BEGIN, root, "", 0);
    piece(&s, RECORD_MIRROR_ENTRY, (struct file_id){.ino = 1, .birth = BIRTH_A}, "link", S_IFLNK | 0777);
    CU_ASSERT_EQUAL(stand_send(&s), DR_PROTOCOL); /* a link to nowhere */
    stand_begin(&s, 1, 0, true);
    piece(&s, RECORD_MIRROR_BEGIN, root, "", 0);
    piece(&s, RECORD_MIRROR_ATTR, folder, "", S_IFDIR | 0777);
    record.head.set = RECORD_SET_MODE;
    stand_put(&s, &record);
    piece(&s, RECORD_MIRROR_ENTRY, (struct file_id){.ino = 2, .birth = BIRTH_A}, "in", S_IFREG | 0600);
    record.head.parent = folder;
    stand_put(&s, &record);
    piece(&s, RECORD_MIRROR_END, root, "", 0);
    CU_ASSERT_EQUAL(stand_send(&s), DR_OK);
    CU_ASSERT_TRUE(stand_applied(&s, 0));
    CU_ASSERT_EQUAL(stat(outside, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
    CU_ASSERT_EQUAL(st.st_nlink, 2);
    strncat(outside, "/in", sizeof outside - strlen(outside) - 1);
    CU_ASSERT_EQUAL(access(outside, F_OK), -1);
    stand_close(&s);
    stand_remove(&s);
}

static enum dr_code feed_one(struct stand *s)
{
    stand_put(s, &record);
    return stand_send(s);
}

/* Each is refused, and what was right before goes on after the peer has dialled again. */
static void bad_records_are_refused(void)
{
    static const struct {
        size_t at; /* byte of the head in its wire form */
        uint8_t value;
        enum dr_code code;
    } bad[] = {{0, 99, DR_REFUSED},    /* a gap in seq */
               {8, 1, DR_REFUSED},     /* another stream */
               {16, 9, DR_REFUSED},    /* a term that has not begun */
               {24, 60, DR_PROTOCOL},  /* no such operation */
               {44, 9, DR_PROTOCOL},   /* no such birth */
               {180, 99, DR_PROTOCOL}, /* more data than there is */
               {24, RECORD_MIRROR_EXTENT, DR_PROTOCOL}};
    struct stand s;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    grow(2, 30);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct world before = world;
        CU_ASSERT_EQUAL(stand_begin(&s, 1, world.seq, false), DR_OK);
        world_step(&world, &record);
        stand_put(&s, &record);
        s.body[8 + bad[i].at] = bad[i].value;
        CU_ASSERT_EQUAL(stand_send(&s), bad[i].code);
        world = before;
    }
    CU_ASSERT_EQUAL(stand_begin(&s, 1, world.seq, false), DR_OK);
    world_step(&world, &record);
    CU_ASSERT_EQUAL(feed_one(&s), DR_OK);
    CU_ASSERT_EQUAL(target_finish(s.target, &s.err), DR_OK);
    expect_same(&s);
    stand_close(&s);
    stand_remove(&s);
}

static void sessions_that_do_not_fit_are_refused(void)
{
    struct stand s;
    struct target_progress p;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 0, false), DR_REFUSED); /* nothing is held yet */
    grow(2, 30);
    world.term = 3;
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 30, false), DR_REFUSED); /* an older term */
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 0, true), DR_REFUSED);
    CU_ASSERT_EQUAL(stand_begin(&s, 3, 31, false), DR_REFUSED); /* a record is missing */
    CU_ASSERT_EQUAL(target_begin(s.target, 3, 5, 30, false, &s.err), DR_REFUSED);
    stand_close(&s);
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK); /* and it does not forget */
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 30, false), DR_REFUSED);
    CU_ASSERT_EQUAL(stand_begin(&s, 3, 30, false), DR_OK);
    CU_ASSERT_EQUAL(target_adopt(s.target, 4, 99, 12, &s.err), DR_OK);
    CU_ASSERT_EQUAL(stand_begin(&s, 4, 30, false), DR_REFUSED);
    CU_ASSERT_EQUAL(target_begin(s.target, 4, 99, 12, false, &s.err), DR_OK);
    stand_close(&s);
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    target_progress(s.target, &p);
    CU_ASSERT_TRUE(p.term == 4 && p.stream == 99 && p.applied == 12 && !p.mixed);
    struct target *second;
    struct target_config config = {.state = s.state, .self = MEMBER_B, .paths = 1, .root = &s.root};
    CU_ASSERT_EQUAL(target_open(&second, &config, &s.err), DR_BUSY);
    stand_close(&s);
    stand_remove(&s);
}

static void a_record_that_does_not_fit_asks_for_a_mirror(void)
{
    struct stand s;
    struct target_progress p;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    grow(2, 30);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    piece(&s, RECORD_RENAME, (struct file_id){.ino = 4711, .birth = BIRTH_A}, "a", 0);
    s.used = 8;
    record.head.seq = 31;
    record.head.parent2 = record.head.parent;
    world_body(&record, "a", "b", NULL, 0);
    CU_ASSERT_EQUAL(feed_one(&s), DR_OK);
    target_progress(s.target, &p);
    for (int i = 0; i < 50 && !(p.mixed && p.broken[0]); i++)
        target_wait(s.target, &p, 100);
    CU_ASSERT_TRUE(p.mixed && strstr(p.broken, "mirrored again") != NULL);
    CU_ASSERT_EQUAL(stand_begin(&s, 1, 30, false), DR_REFUSED);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    target_progress(s.target, &p);
    CU_ASSERT_TRUE(!p.mixed && !p.broken[0]);
    expect_same(&s);
    stand_close(&s);
    stand_remove(&s);
}

/* ---- the rest ---- */

static void expect_hashes(const struct repl_hashes *answer, const struct world_object *o)
{
    uint32_t blocks = 0;
    for (size_t at = 0; at < o->size && blocks < 2; at += REPL_BLOCK, blocks++) {
        XXH128_canonical_t hash;
        size_t size = o->size - at < REPL_BLOCK ? o->size - at : REPL_BLOCK;
        XXH128_canonicalFromHash(&hash, XXH3_128bits(o->data + at, size));
        CU_ASSERT_EQUAL(memcmp(answer->hash[blocks], hash.digest, sizeof hash.digest), 0);
    }
    CU_ASSERT_EQUAL(answer->file_size, o->size);
    CU_ASSERT_EQUAL(answer->blocks, blocks);
}

static void hashes_are_of_the_file_as_it_is(void)
{
    struct stand s;
    static struct repl_hashes answer;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    grow(6, 200);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    unsigned asked = 0;
    for (int i = 1; i < WORLD_OBJECTS; i++) {
        const struct world_object *o = &world.object[i];
        if (!o->live)
            continue;
        struct repl_hash_ask ask = {.number = 5, .frame = s.frame, .file = world_id(&world, i), .blocks = 2};
        CU_ASSERT_EQUAL(target_hash(s.target, target_sessions(s.target) - 1, 5000, &ask, &answer, &s.err), DR_OK);
        CU_ASSERT_EQUAL(answer.known, S_ISREG(o->mode));
        if (!answer.known)
            continue;
        expect_hashes(&answer, o);
        asked++;
    }
    CU_ASSERT_TRUE(asked > 3);
    stand_close(&s);
    stand_remove(&s);
}

/* The state on another file system: limbo is in the folder while the mirror needs it, and leaves no trace. */
static void limbo_may_have_to_be_in_the_folder(void)
{
    struct stand s;
    stand_make(&s, "/var/tmp");
    snprintf(s.state, sizeof s.state, "/dev/shm/%s", strrchr(s.base, '/') + 1);
    in_folder(&s, "mkdir -p n0/n1 n1 && touch n0/n1/x n2");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    for (int records = 40; records <= 400; records += 120) {
        grow(7, records);
        CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
        expect_same(&s);
    }
    stand_close(&s);
    char line[160];
    snprintf(line, sizeof line, "rm -r '%s'", s.state);
    CU_ASSERT_EQUAL(system(line), 0);
    stand_remove(&s);
}

static void the_end_of_a_term_is_remembered(void)
{
    struct stand s;
    struct target_progress p;
    stand_make(&s, "/dev/shm");
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    grow(2, 30);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    record.head = (struct record){.seq = 31, .stream = WORLD_STREAM, .term = 1, .op = RECORD_END_OF_TERM};
    world_body(&record, "", "", NULL, 0);
    CU_ASSERT_EQUAL(feed_one(&s), DR_OK);
    CU_ASSERT_TRUE(stand_applied(&s, 31));
    stand_close(&s);
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    target_progress(s.target, &p);
    CU_ASSERT_TRUE(p.ended && p.applied == 31);
    stand_close(&s);
    stand_remove(&s);
}

static unsigned threads(void)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");
    CU_ASSERT_PTR_NOT_NULL_FATAL(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void put_some(struct stand *s, int records)
{
    for (int i = 0; i < records; i++) {
        world_step(&world, &record);
        stand_put(s, &record);
    }
    CU_ASSERT_EQUAL(stand_send(s), DR_OK);
    CU_ASSERT_TRUE(stand_applied(s, world.seq));
}

/* A node has a thousand rules, most of them idle. */
static void an_idle_target_has_no_threads(void)
{
    struct stand s;
    unsigned before = threads();
    stand_make(&s, "/var/tmp");
    world_init(&world, 3);
    CU_ASSERT_EQUAL_FATAL(stand_open(&s), DR_OK);
    CU_ASSERT_EQUAL(threads(), before);
    CU_ASSERT_EQUAL(stand_mirror(&s, &world), DR_OK);
    for (int round = 0; round < 2; round++) {
        put_some(&s, 50);
        for (msec until = clock_now() + 30000; threads() > before && clock_now() < until;)
            clock_sleep(20);
        CU_ASSERT_EQUAL(threads(), before);
        expect_same(&s); /* with every time as it shall be, though nobody asked */
    }
    CU_ASSERT_EQUAL(target_finish(s.target, &s.err), DR_OK);
    stand_close(&s);
    stand_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a stream becomes true", a_stream_becomes_true},
        {"a mirror replaces what is foreign", a_mirror_replaces_what_is_foreign},
        {"a second mirror moves what has moved", a_second_mirror_moves_what_has_moved},
        {"files born here are known by inode", files_born_here_are_known_by_inode},
        {"a peer does not reach outside", a_peer_does_not_reach_outside},
        {"bad records are refused", bad_records_are_refused},
        {"sessions that do not fit are refused (V7-03)", sessions_that_do_not_fit_are_refused},
        {"a record that does not fit asks for a mirror", a_record_that_does_not_fit_asks_for_a_mirror},
        {"hashes are of the file as it is", hashes_are_of_the_file_as_it_is},
        {"limbo may have to be in the folder", limbo_may_have_to_be_in_the_folder},
        {"the end of a term is remembered", the_end_of_a_term_is_remembered},
        {"an idle target has no threads", an_idle_target_has_no_threads},
        CU_TEST_INFO_NULL};
    return unit_run("target", cases);
}
