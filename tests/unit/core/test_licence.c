/* SPDX-License-Identifier: Apache-2.0
 * What a licence says and what follows from it; and that nobody but its issuer can have written it. */
#include "core/licence.h"
#include "net/licence_sign.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BEGIN_S 1800000000u
#define DAY_S   ((uint64_t)LICENCE_DAY_S)

static struct dr_error err;

static struct licence sample(void)
{
    struct licence licence;
    model_defaults(&licence_model, &licence);
    snprintf(licence.sn, sizeof licence.sn, "SN-1");
    snprintf(licence.company, sizeof licence.company, "Grün & Söhne = 1");
    licence.console = (struct dr_id){"0123456789ABCDEF0123456789ABCDEF"};
    licence.hosts = 4;
    licence.from_s = BEGIN_S;
    licence.until_s = BEGIN_S + 100 * DAY_S;
    return licence;
}

static void what_is_written_is_read(void)
{
    struct licence licence = sample(), read;
    uint8_t signature[LICENCE_SIGNATURE_SIZE], again[LICENCE_SIGNATURE_SIZE];
    char text[LICENCE_TEXT_SIZE];
    size_t part;
    unit_noise(signature, sizeof signature);
    for (int bound = 0; bound < 2; bound++) {
        size_t size = licence_write_signed(text, &licence, signature);
        CU_ASSERT_EQUAL_FATAL(licence_read(&read, &part, again, text, size, &err), DR_OK);
        CU_ASSERT_EQUAL(memcmp(again, signature, sizeof again), 0);
        CU_ASSERT_EQUAL(part, licence_write(text, &read));
        CU_ASSERT_STRING_EQUAL(read.company, licence.company);
        CU_ASSERT_STRING_EQUAL(read.console.hex, licence.console.hex);
        CU_ASSERT_EQUAL(read.until_s, licence.until_s);
        licence.console.hex[0] = '\0';
    }
}

/* Cut anywhere, or with any byte changed to what no issuer writes, it is no licence. */
static void nothing_else_is_read(void)
{
    struct licence licence = sample(), read;
    uint8_t signature[LICENCE_SIGNATURE_SIZE] = {0};
    char text[LICENCE_TEXT_SIZE];
    size_t part, size = licence_write_signed(text, &licence, signature);
    for (size_t cut = 0; cut < size; cut++)
        CU_ASSERT_NOT_EQUAL(licence_read(&read, &part, signature, text, cut, &err), DR_OK);
    for (size_t at = 0; at < size; at++) {
        char was = text[at];
        text[at] = '\0';
        CU_ASSERT_NOT_EQUAL(licence_read(&read, &part, signature, text, size, &err), DR_OK);
        text[at] = was;
    }
    static const char *const wrong[] = {"", "drnode licence 2\n", "drnode licence 1\nsn=a\n",
                                        "drnode licence 1\nsn=a\nfeature=ha\nhosts=0\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT_NOT_EQUAL(licence_read(&read, &part, signature, wrong[i], strlen(wrong[i]), &err), DR_OK);
    licence.until_s = licence.from_s - 1;
    size = licence_write_signed(text, &licence, signature);
    CU_ASSERT_EQUAL(licence_read(&read, &part, signature, text, size, &err), DR_PROTOCOL);
    unit_says(err.text, "ends before it begins");
}

static void it_warns_before_it_ends(void)
{
    static const struct {
        uint64_t left_s;
        unsigned days;
    } at[] = {{31 * DAY_S, 0}, {30 * DAY_S + 1, 0}, {30 * DAY_S, 30}, {7 * DAY_S + 1, 30},
              {7 * DAY_S, 7},  {DAY_S + 1, 7},      {DAY_S, 1},       {1, 1},
              {0, 0}};
    struct licence licence = sample();
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        CU_ASSERT_EQUAL(licence_warning(&licence, licence.until_s - at[i].left_s), at[i].days);
    CU_ASSERT_EQUAL(licence_warning(&licence, licence.until_s + 1), 0);
    CU_ASSERT_EQUAL(licence_state(&licence, licence.from_s - 1), LICENCE_NOT_YET);
    CU_ASSERT_EQUAL(licence_state(&licence, licence.from_s), LICENCE_VALID);
    CU_ASSERT_EQUAL(licence_state(&licence, licence.until_s - 1), LICENCE_VALID);
    CU_ASSERT_EQUAL(licence_state(&licence, licence.until_s), LICENCE_EXPIRED);
}

static void a_host_needs_one_that_is_valid(void)
{
    struct licence_use use[2] = {{.licence = sample(), .bound = 4}, {.by_itself = true}};
    unsigned index = 9;
    licence_trial(&use[1].licence, BEGIN_S);
    uint64_t trial_end_s = BEGIN_S + LICENCE_TRIAL_DAYS * DAY_S;
    /* Without one: the trial's, while it has room and has not ended. What is bought binds nobody by itself. */
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, BEGIN_S), LICENCE_BIND);
    CU_ASSERT_EQUAL(index, 1);
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, trial_end_s), LICENCE_RAN_OUT);
    CU_ASSERT_EQUAL(licence_judge(&index, use, 1, LICENCE_HA, BEGIN_S), LICENCE_NONE);
    use[1].bound = LICENCE_TRIAL_HOSTS;
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, BEGIN_S), LICENCE_NONE);
    use[1].has_host = true; /* full, but of this host too */
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, BEGIN_S), LICENCE_OK);
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, trial_end_s), LICENCE_RAN_OUT);
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, "cdp", BEGIN_S), LICENCE_NONE);
    use[1].has_host = false;
    use[0].has_host = true;
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, trial_end_s), LICENCE_OK);
    CU_ASSERT_EQUAL(licence_judge(&index, use, 2, LICENCE_HA, use[0].licence.until_s), LICENCE_RAN_OUT);
    CU_ASSERT_TRUE(licence_has_room(&use[0].licence, 4));
    CU_ASSERT_FALSE(licence_has_room(&use[0].licence, 5));
}

static void only_its_issuer_can_have_written_it(void)
{
    struct scratch s = scratch_make();
    struct licence licence = sample(), read;
    char key[2][512], pub[2][512], text[LICENCE_TEXT_SIZE];
    size_t size;
    struct stat st;
    for (int i = 0; i < 2; i++) {
        snprintf(key[i], sizeof key[i], "%s/%d.key", s.root, i);
        snprintf(pub[i], sizeof pub[i], "%s/%d.pub", s.root, i);
        CU_ASSERT_EQUAL_FATAL(licence_keygen(key[i], pub[i], &err), DR_OK);
    }
    CU_ASSERT_TRUE(stat(key[0], &st) == 0 && (st.st_mode & 0777) == 0600);
    CU_ASSERT_EQUAL(licence_keygen(key[0], pub[0], &err), DR_REFUSED);
    CU_ASSERT_EQUAL_FATAL(licence_sign(text, &size, &licence, key[0], &err), DR_OK);
    CU_ASSERT_EQUAL(licence_open(&read, text, size, pub[0], &err), DR_OK);
    CU_ASSERT_EQUAL(read.hosts, 4);
    CU_ASSERT_EQUAL(licence_open(&read, text, size, pub[1], &err), DR_REFUSED);
    strstr(text, "hosts=4")[6] = '9';
    CU_ASSERT_EQUAL(licence_open(&read, text, size, pub[0], &err), DR_REFUSED);
    unit_says(err.text, "was changed");
    CU_ASSERT_EQUAL(licence_open(&read, text, size, s.root, &err), DR_INVALID);
    CU_ASSERT_EQUAL(licence_open(&read, text, size, "/nothing/there", &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(licence_sign(text, &size, &licence, pub[0], &err), DR_INVALID);
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"what is written is read", what_is_written_is_read},
                           {"nothing else is read", nothing_else_is_read},
                           {"it warns before it ends", it_warns_before_it_ends},
                           {"a host needs one that is valid", a_host_needs_one_that_is_valid},
                           {"only its issuer can have written it", only_its_issuer_can_have_written_it},
                           CU_TEST_INFO_NULL};
    return unit_run("licence", cases);
}
