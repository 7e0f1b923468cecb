/* SPDX-License-Identifier: Apache-2.0
 * What Linux does with virtual addresses beside the contract (tests/contract): routes, announcements and those who hear
 * them, in a network namespace of the test's own with two pairs of cards. */
#include "platform/clock.h"
#include "platform/vip.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct dr_error err;

static struct vip parsed(const char *address, const char *card)
{
    struct vip vip;
    CU_ASSERT_EQUAL_FATAL(vip_parse(&vip, address, card, &err), DR_OK);
    return vip;
}

/* The host's own IPv6 network route must not begin to expire with the virtual address. */
static void test_network_route_stays(void)
{
    struct vip vip = parsed("fd00:99::53/64", "");
    CU_ASSERT_EQUAL(vip_add(&vip, 20, &err), DR_OK);
    CU_ASSERT_NOT_EQUAL(system("ip -6 route show dev left | grep fd00:99::/64 | grep -q expires"), 0);
    CU_ASSERT_EQUAL(vip_delete(&vip, &err), DR_OK);
    CU_ASSERT_EQUAL(system("ip -6 route show dev left | grep -q fd00:99::/64"), 0);
}

static int listen_on(const char *card, uint16_t protocol)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(protocol));
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, card, (socklen_t)strlen(card) + 1), 0);
    return fd;
}

#define PATIENCE_MS 10000 /* for what comes at once on a machine that has nothing else to do */

/* Counts packets that hold `bytes` at `offset`: waits for `expected` of them, and a little for one too many. */
static int heard(int fd, int expected, size_t offset, const void *bytes, size_t size)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    uint8_t packet[256];
    int count = 0;
    while (poll(&wait, 1, count < expected ? PATIENCE_MS : 300) == 1) {
        ssize_t got = recv(fd, packet, sizeof packet, 0);
        count += got >= (ssize_t)(offset + size) && memcmp(packet + offset, bytes, size) == 0;
    }
    return count;
}

static void test_announces(void)
{
    struct vip v4 = parsed("10.99.7.54/24", ""), v6 = parsed("fd00:99::54/64", "");
    int arp = listen_on("right", ETHERTYPE_ARP), ip6 = listen_on("right", ETHERTYPE_IPV6);
    CU_ASSERT_EQUAL(vip_announce(&v4, &err), DR_OK);
    CU_ASSERT_EQUAL(vip_announce(&v6, &err), DR_OK);
    CU_ASSERT_EQUAL(heard(arp, 2, 14, v4.bytes, 4), 2);  /* sender's address: request and reply */
    CU_ASSERT_EQUAL(heard(ip6, 1, 48, v6.bytes, 16), 1); /* target of the advertisement */
    close(arp);
    close(ip6);
}

static bool soon(const char *command)
{
    msec began = clock_now();
    int status;
    while ((status = system(command)) != 0 && clock_now() - began < PATIENCE_MS)
        clock_sleep(20);
    return status == 0;
}

/* An address that the neighbour had learnt at another card moves at once: checksum and flags are right. */
static void test_neighbour_moves(void)
{
    struct vip v6 = parsed("fd00:99::55/64", "");
    CU_ASSERT_EQUAL(system("ip -n far neigh replace fd00:99::55 lladdr 02:00:00:00:00:99 nud stale dev right2"), 0);
    CU_ASSERT_EQUAL(system("ip -n far neigh replace 10.99.8.55 lladdr 02:00:00:00:00:99 nud stale dev right2"), 0);
    memcpy(v6.card, "left2", 6);
    struct vip v4 = parsed("10.99.8.55/24", "left2");
    CU_ASSERT_EQUAL(vip_announce(&v6, &err), DR_OK);
    CU_ASSERT_EQUAL(vip_announce(&v4, &err), DR_OK);
    CU_ASSERT_TRUE(soon("ip -n far -6 neigh show dev right2 | grep fd00:99::55 | grep -q 02:00:00:00:00:01"));
    CU_ASSERT_TRUE(soon("ip -n far -4 neigh show dev right2 | grep 10.99.8.55 | grep -q 02:00:00:00:00:01"));
}

static void asked_for(const char *address, const char *expected)
{
    char holder[VIP_MAC];
    struct vip vip = parsed(address, "left2");
    msec began = clock_now();
    CU_ASSERT_EQUAL(vip_probe(&vip, 300, holder, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(holder, expected);
    CU_ASSERT_TRUE(expected[0] != '\0' || clock_now() - began >= 300); /* silence is listened to */
}

/* By ARP probe (RFC 5227) and neighbour solicitation (RFC 4862); nobody learns of us by that. */
static void test_foreign_holder_is_named(void)
{
    asked_for("10.99.8.2/24", "02:00:00:00:00:02");
    asked_for("10.99.8.77/24", "");
    asked_for("fd00:99::2/64", "02:00:00:00:00:02");
    asked_for("fd00:99::77/64", "");
    CU_ASSERT_NOT_EQUAL(system("ip -n far neigh show dev right2 | grep -q '10.99.8.77\\|fd00:99::77'"), 0);
}

/* "far" is another network namespace: the test's mounts are private too, so its name is seen by nobody else. */
static bool set_up(void)
{
    return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
           system("mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns &&"
                  "ip link add left type veth peer name right && ip link set left up && ip link set right up &&"
                  "ip addr add 10.99.7.1/24 dev left && ip addr add fd00:99::1/64 dev left nodad &&"
                  "ip netns add far && ip link add left2 address 02:00:00:00:00:01 type veth peer name right2 "
                  "address 02:00:00:00:00:02 &&"
                  "ip link set right2 netns far && ip link set left2 up && ip -n far link set right2 up &&"
                  "ip addr add 10.99.8.1/24 dev left2 && ip -n far addr add 10.99.8.2/24 dev right2 &&"
                  "ip -n far addr add fd00:99::2/64 dev right2 nodad") == 0;
}

int main(void)
{
    if (!set_up()) {
        fprintf(stderr, "test_vip: cannot make a network namespace: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {{"the network's route does not expire", test_network_route_stays},
                           {"announcements go out", test_announces},
                           {"another host that has it is named", test_foreign_holder_is_named},
                           {"a neighbour believes them", test_neighbour_moves},
                           CU_TEST_INFO_NULL};
    return unit_run("vip", cases);
}
