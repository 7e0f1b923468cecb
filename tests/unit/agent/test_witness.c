/* SPDX-License-Identifier: Apache-2.0
 * Two members that vote through files of one folder, with the processes that they do it by. A process that is stopped
 * stands for a mount that hangs. Covers B5.1.2-27, -28 (the mount itself: tests/lab/case_witness.py). */
#include "agent/witness/disk.h"
#include "agent/witness/disk_file.h"
#include "core/id.h"
#include "platform/clock.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH   ((msec)600)
#define INTERVAL ((msec)50)
#define PATIENCE ((msec)20000) /* nothing here takes so long, on the slowest machine */

static const struct dr_id RULE = {"0123456789ABCDEF0123456789ABCDEF"};
static char folder[] = "/var/tmp/test_witness.XXXXXX"; /* not /tmp: that may be a tmpfs, without O_DIRECT */

/* ---- one member ---- */

struct side {
    struct witness *witness;
    pthread_mutex_t lock;
    struct ha_message last; /* answer; round.number 0: none yet */
    enum dr_code said;
    char text[DR_ERROR_TEXT];
    uint64_t rounds;
    enum member self;
};

static struct side side[2];

static void answered(void *baton, const struct ha_message *answer)
{
    struct side *s = baton;
    pthread_mutex_lock(&s->lock);
    s->last = *answer;
    pthread_mutex_unlock(&s->lock);
}

static void said(void *baton, enum dr_code code, const char *text)
{
    struct side *s = baton;
    pthread_mutex_lock(&s->lock);
    s->said = code;
    snprintf(s->text, sizeof s->text, "%s", text);
    pthread_mutex_unlock(&s->lock);
}

static void start(enum member self)
{
    struct dr_error err;
    struct side *s = &side[self];
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock-%c", folder, "ab"[self]);
    *s = (struct side){.self = self, .lock = PTHREAD_MUTEX_INITIALIZER, .rounds = s->rounds};
    struct disk_config disk = {
        .rule = RULE, .self = self, .program = DR_BIN "/drnode", .folder = folder, .lock = lock, .limit = 300};
    struct witness_config config = {
        .self = self, .interval = INTERVAL, .kind = &disk_store, .answer = answered, .say = said, .baton = s};
    CU_ASSERT_EQUAL_FATAL(disk_create(&config.store, &disk, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(witness_start(&s->witness, &config, &err), DR_OK);
}

static void end(enum member self)
{
    if (side[self].witness != NULL)
        witness_destroy(side[self].witness);
    side[self].witness = NULL;
}

static void end_both(void)
{
    end(MEMBER_A);
    end(MEMBER_B);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s/* %s.lock-*", folder, folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static bool up(enum member self)
{
    char why[DR_ERROR_TEXT];
    msec until = clock_now() + PATIENCE;
    while (!witness_up(side[self].witness, why, sizeof why) && clock_now() < until)
        clock_sleep(5);
    return witness_up(side[self].witness, why, sizeof why);
}

static void start_both(void)
{
    start(MEMBER_A);
    start(MEMBER_B);
    CU_ASSERT_TRUE_FATAL(up(MEMBER_A) && up(MEMBER_B));
}

static uint64_t say(enum member self, enum vote_kind kind, term_no term)
{
    struct side *s = &side[self];
    struct ha_message beat = {.kind = HA_BEAT, .rule = RULE, .from = self, .asker = 1, .sent = clock_now()};
    beat.round = (struct vote_round){.start = 1, .number = ++s->rounds};
    beat.ask = (struct vote_request){
        .kind = kind, .term = term, .candidate = self, .asker = 1, .round = beat.round, .length = LENGTH};
    witness_ask(s->witness, &beat);
    return s->rounds;
}

static bool answer_to(enum member self, uint64_t round, struct ha_message *answer, msec patience)
{
    struct side *s = &side[self];
    msec until = clock_now() + patience;
    for (; clock_now() < until; clock_sleep(2)) {
        pthread_mutex_lock(&s->lock);
        *answer = s->last;
        pthread_mutex_unlock(&s->lock);
        if (answer->round.number == round)
            return true;
    }
    return false;
}

/* Asks until it is granted; when the granted one was asked for. -1: never. */
static msec ask_until_granted(enum member self, term_no term)
{
    struct ha_message answer;
    for (msec until = clock_now() + PATIENCE; clock_now() < until; clock_sleep(20))
        if (answer_to(self, say(self, VOTE_ASK, term), &answer, LENGTH) && answer.vote.granted)
            return answer.sent;
    return -1;
}

/* ---- cases ---- */

static void one_is_granted_and_the_other_waits(void)
{
    struct ha_message answer;
    start_both();
    msec asked = ask_until_granted(MEMBER_A, 1);
    CU_ASSERT_TRUE_FATAL(asked > 0);
    CU_ASSERT_TRUE(answer_to(MEMBER_B, say(MEMBER_B, VOTE_ASK, 2), &answer, PATIENCE));
    CU_ASSERT_TRUE(answer.from == MEMBER_NONE && answer.voted && answer.asker == 1);
    msec taken = ask_until_granted(MEMBER_B, 2);
    CU_ASSERT_TRUE(taken >= asked + LENGTH - LENGTH / 10);
    CU_ASSERT_TRUE(answer_to(MEMBER_A, say(MEMBER_A, VOTE_ASK, 3), &answer, PATIENCE));
    end_both();
}

static void what_was_given_back_is_free(void)
{
    struct ha_message answer;
    start_both();
    CU_ASSERT_TRUE_FATAL(ask_until_granted(MEMBER_A, 1) > 0);
    say(MEMBER_A, VOTE_GIVE_BACK, 1);
    struct witness_pair pair = {0};
    struct dr_error err;
    struct disk_place place = {.folder = folder, .rule = RULE};
    for (msec until = clock_now() + PATIENCE; clock_now() < until; clock_sleep(5))
        if (disk_file_look(&pair, &place, &err) == DR_OK && !pair.of[MEMBER_A].claims)
            break;
    CU_ASSERT_FALSE(pair.of[MEMBER_A].claims);
    CU_ASSERT_TRUE(answer_to(MEMBER_B, say(MEMBER_B, VOTE_ASK, 2), &answer, PATIENCE) && answer.vote.granted);
    end_both();
}

static void alone_there_is_no_vote(void)
{
    struct ha_message answer;
    char why[DR_ERROR_TEXT];
    start(MEMBER_A);
    CU_ASSERT_FALSE(answer_to(MEMBER_A, say(MEMBER_A, VOTE_ASK, 1), &answer, 300));
    CU_ASSERT_FALSE(witness_up(side[MEMBER_A].witness, why, sizeof why));
    unit_says(why, "the other member has not written its record there");
    end_both();
}

/* The process of ours that works on the files of that member. */
static pid_t child_of(enum member self)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    pid_t found = 0;
    while (proc && (entry = readdir(proc)) != NULL) {
        char path[300], line[1024] = "", lock[128];
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        snprintf(lock, sizeof lock, "%s.lock-%c", folder, "ab"[self]);
        FILE *file = fopen(path, "r");
        size_t got = file ? fread(line, 1, sizeof line - 1, file) : 0;
        if (file)
            fclose(file);
        for (size_t i = 0; i < got; i++)
            line[i] = line[i] ? line[i] : ' ';
        if (strstr(line, DISK_WORD) && strstr(line, lock))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (proc)
        closedir(proc);
    return found;
}

static bool comes_to_say(enum member self, const char *words)
{
    char why[DR_ERROR_TEXT] = "";
    for (msec until = clock_now() + PATIENCE; clock_now() < until && !strstr(why, words); clock_sleep(5))
        witness_up(side[self].witness, why, sizeof why);
    unit_says(why, words);
    return strstr(why, words) != NULL;
}

static void a_hung_mount_hangs_nobody(void)
{
    start_both();
    pid_t child = child_of(MEMBER_A);
    CU_ASSERT_TRUE_FATAL(child > 1);
    kill(child, SIGSTOP);
    CU_ASSERT_TRUE(comes_to_say(MEMBER_A, "has not answered for"));
    CU_ASSERT_EQUAL(side[MEMBER_A].said, DR_TIMEOUT);
    kill(child, SIGCONT);
    CU_ASSERT_TRUE(ask_until_granted(MEMBER_A, 1) > 0);
    kill(child, SIGSTOP);
    CU_ASSERT_TRUE(comes_to_say(MEMBER_A, "has not answered for"));
    msec before = clock_now();
    end(MEMBER_A);
    CU_ASSERT_TRUE(clock_now() - before < PATIENCE);
    end_both();
}

static void a_process_that_dies_is_started_again(void)
{
    start_both();
    pid_t child = child_of(MEMBER_A);
    CU_ASSERT_TRUE_FATAL(child > 1);
    kill(child, SIGKILL);
    CU_ASSERT_TRUE(ask_until_granted(MEMBER_A, 1) > 0);
    CU_ASSERT_NOT_EQUAL(child_of(MEMBER_A), child);
    end_both();
}

static void what_still_hangs_keeps_the_next_one_away(void)
{
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock-a", folder);
    int former = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_EQUAL(flock(former, LOCK_EX), 0);
    start(MEMBER_A);
    CU_ASSERT_TRUE(comes_to_say(MEMBER_A, "an earlier drnode still hangs"));
    close(former);
    start(MEMBER_B);
    CU_ASSERT_TRUE(up(MEMBER_A));
    end_both();
}

static void damage_is_told(void)
{
    char path[128];
    start_both();
    snprintf(path, sizeof path, "%s/%s.b", folder, RULE.hex);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(pwrite(fd, "x", 1, 20), 1);
    close(fd);
    CU_ASSERT_TRUE(comes_to_say(MEMBER_A, ".b is no record of drnode"));
    end_both();
}

static void a_folder_that_is_not_there(void)
{
    struct dr_error err;
    struct witness_pair pair;
    struct witness_record record = {.identity = 1, .serial = 1};
    struct disk_place place = {.folder = "/var/tmp/test_witness.not.there", .rule = RULE};
    CU_ASSERT_EQUAL(disk_file_look(&pair, &place, &err), DR_IO);
    CU_ASSERT_EQUAL(disk_file_write(&place, MEMBER_A, &record, &err), DR_IO);
    unit_says(err.text, "No such file or directory");
}

static void without_o_direct_it_is_refused(void)
{
    struct dr_error err;
    struct witness_record record = {.identity = 1, .serial = 1};
    struct disk_place place = {.folder = "/proc/self", .rule = RULE};
    CU_ASSERT_NOT_EQUAL(disk_file_write(&place, MEMBER_A, &record, &err), DR_OK);
}

int main(void)
{
    CU_TestInfo cases[] = {{"one is granted, the other waits for its length", one_is_granted_and_the_other_waits},
                           {"what was given back is free", what_was_given_back_is_free},
                           {"no vote before both wrote there", alone_there_is_no_vote},
                           {"a mount that hangs is told, and hangs nobody", a_hung_mount_hangs_nobody},
                           {"its process is started again", a_process_that_dies_is_started_again},
                           {"one that still hangs keeps the next away", what_still_hangs_keeps_the_next_one_away},
                           {"a damaged record is named", damage_is_told},
                           {"a folder that is not there", a_folder_that_is_not_there},
                           {"a file system that cannot", without_o_direct_it_is_refused},
                           CU_TEST_INFO_NULL};
    if (mkdtemp(folder) == NULL)
        return 1;
    int status = unit_run("witness", cases);
    rmdir(folder);
    return status;
}
