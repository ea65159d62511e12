/* A seeded world with its truth: who is claimed to be what, and who is not. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "world.h"

enum {
	WORLDS = 4,
	ORGS = 6,
	OPERATORS = 12, /* of two to four accounts each */
	READERS = 60,   /* journalists, researchers, fans, impersonators */
	POOL = 15,      /* accounts behind one address of a carrier */
	FAMILIES = 8,   /* of two who share a telephone or a line */
	TRAVELLERS = 10,
};

#define BUILT "2025-06-01T00:00:00Z"

struct truth {
	struct world world;
	uint64_t seed;
	int operator_of[4096]; /* by number of the account; 0: nobody's */
	int org_of[4096];
	char home[4096][3];
	int accounts;
};

static uint64_t
next(struct truth *t, uint64_t bound)
{
	uint64_t z = t->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % bound;
}

/* One range a country and kind of network, of documentation addresses. */
static const struct range {
	const char *cc, *class, *net;
	int asn, from, to;
} ranges[] = {
	{ "AF", "fixed", "192.0.2", 64500, 0, 63 },
	{ "AF", "mobile", "192.0.2", 64501, 64, 127 },
	{ "PK", "fixed", "192.0.2", 64502, 128, 191 },
	{ "PK", "mobile", "192.0.2", 64503, 192, 255 },
	{ "AF", "fixed", "198.51.100", 64504, 0, 63 },
	{ "AF", "mobile", "198.51.100", 64505, 64, 127 },
	{ "PK", "fixed", "198.51.100", 64506, 128, 191 },
	{ "PK", "mobile", "198.51.100", 64507, 192, 255 },
	{ "DE", "vpn", "203.0.113", 64508, 0, 255 },
};
enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

static void
add_maps(struct world *world)
{
	char map[1024] = "start,end,country\n";
	char nets[1024] = "start,end,asn,class\n";
	size_t i;

	for (i = 0; i < RANGES; i++) {
		const struct range *r = &ranges[i];
		size_t m = strlen(map), n = strlen(nets);

		(void)snprintf(map + m, sizeof(map) - m, "%s.%d,%s.%d,%s\n",
		    r->net, r->from, r->net, r->to, r->cc);
		(void)snprintf(nets + n, sizeof(nets) - n,
		    "%s.%d,%s.%d,%d,%s\n", r->net, r->from, r->net, r->to,
		    r->asn, r->class);
	}
	world_geo(world, "one", "vote", BUILT, map);
	world_geo(world, "two", "vote", BUILT, map);
	world_geo(world, "three", "vote", BUILT, map);
	world_geo(world, "nets", "class", BUILT, nets);
}

static void
address(struct truth *t, size_t range, char ip[32])
{
	const struct range *r = &ranges[range];

	(void)snprintf(ip, 32, "%s.%d", r->net,
	    r->from + (int)next(t, (uint64_t)(r->to - r->from + 1)));
}

static void
name_of(int account, char name[24])
{
	(void)snprintf(name, 24, "x:%05d", account);
}

static int
new_account(struct truth *t, int operator, int org, const char *home)
{
	int account = t->accounts++;

	assert_true(account < 4096);
	t->operator_of[account] = operator;
	t->org_of[account] = org;
	(void)snprintf(t->home[account], 3, "%s", home);
	return account;
}

static void
session(struct truth *t, int account, const char *ip, int day, int second)
{
	char name[24], time[32];

	name_of(account, name);
	(void)snprintf(time, sizeof(time), "2025-06-%02dT%02d:%02d:%02dZ", day,
	    second / 3600, second / 60 % 60, second % 60);
	(void)world_fact(&t->world, EV_K_LOGIN, name, time,
	    EV_BASIS_UTC_EXPLICIT, "action", "login", "ip", ip, NULL);
}

static void
identifier(struct truth *t, int account, const char *type, const char *value,
    const char *verified)
{
	char name[24];

	name_of(account, name);
	(void)world_fact(&t->world, EV_K_IDENTIFIER, name, NULL, 0, "id_type",
	    type, "value", value, "role", "controls", "verified", verified,
	    NULL);
}

/* Where somebody lives: days, networks, a clock, a number. */
static void
live(struct truth *t, int account, bool afghan, int serial)
{
	const size_t base = afghan ? 0 : 2;
	char ip[32], phone[24], name[24];
	int day;

	name_of(account, name);
	for (day = 1; day <= 6; day++) {
		address(t, base + (day % 2 == 0 ? 0 : 4), ip);
		session(t, account, ip, day, (int)next(t, 86400));
	}
	(void)world_fact(&t->world, EV_K_SETTING, name, "2025-06-03T10:00:00Z",
	    EV_BASIS_UTC_EXPLICIT, "key", "utc-offset", "value",
	    afghan ? "+04:30" : "+05:00", NULL);
	(void)snprintf(phone, sizeof(phone), afghan ? "+937%08d" : "+923%08d",
	    serial);
	identifier(t, account, "phone", phone, "1");
}

static void
add_operators(struct truth *t)
{
	char value[64], name[24];
	int i, k, n, account;

	for (i = 1; i <= OPERATORS; i++) {
		const int org = i % (ORGS + 2); /* some are nobody's */
		const bool afghan = next(t, 2) == 0;

		n = 2 + (int)next(t, 3);
		for (k = 0; k < n; k++) {
			account =
			    new_account(t, i, org >= 1 && org <= ORGS ? org : 0,
				afghan ? "AF" : "PK");
			live(t, account, afghan, 100000 * i + k);
			(void)snprintf(value, sizeof(value),
			    "desk%d@example.org", i);
			identifier(t, account, "email", value, "1");
			name_of(account, name);
			(void)snprintf(value, sizeof(value),
			    "8e7f6a5b-0000-4000-8000-%012d", i);
			(void)world_fact(&t->world, EV_K_DEVICE, name, NULL, 0,
			    "device_id", value, NULL);
		}
	}
}

/* The first account of each organisation gives its invite and wallet. */
static void
add_channels(struct truth *t)
{
	char bio[64], wallet[64], name[24];
	int org, account;

	for (org = 1; org <= ORGS; org++) {
		account = new_account(t, 1000 + org, org, "");
		name_of(account, name);
		(void)snprintf(bio, sizeof(bio), "join t.me/+Invite%d", org);
		(void)snprintf(wallet, sizeof(wallet), "0x%040d", org);
		(void)world_fact(&t->world, EV_K_ACCOUNT, name, NULL, 0, "bio",
		    bio, NULL);
		(void)world_fact(&t->world, EV_K_IDENTIFIER, name, NULL, 0,
		    "id_type", "wallet", "value", wallet, "role",
		    "lists-as-contact", NULL);
	}
}

/* Who reads, quotes, admires and pretends. */
static void
add_readers(struct truth *t)
{
	static const char *const forms[] = { "own", "quote", "repost",
		"forward", "reply" };
	char text[256], bio[64], name[24];
	int i, k, account, org;

	for (i = 0; i < READERS; i++) {
		account = new_account(t, 0, 0, "PK");
		name_of(account, name);
		/* One each: above 20 accounts an identifier is public. */
		org = 1 + i % ORGS;
		for (k = 0; k < 4; k++) {
			(void)snprintf(text, sizeof(text),
			    "They say t.me/+Invite%d and 0x%040d and "
			    "https://x.com/channel%d, pinned for you",
			    org, org, org);
			(void)world_fact(&t->world, EV_K_POST, name,
			    "2025-06-05T10:00:00Z", EV_BASIS_UTC_EXPLICIT,
			    "text", text, "form", forms[next(t, 5)], "pinned",
			    next(t, 2) == 0 ? "0" : "1", NULL);
		}
		/* Every fifth names a channel as its own. */
		if (i % 5 != 0)
			continue;
		(void)snprintf(bio, sizeof(bio), "Official. x.com/channel%d",
		    org);
		(void)world_fact(&t->world, EV_K_ACCOUNT, name, NULL, 0, "bio",
		    bio, NULL);
	}
}

/* Strangers behind one address, relatives, and people on the move. */
static void
add_strangers(struct truth *t)
{
	char ip[32], phone[24];
	int i, day, a, b;

	address(t, 3, ip);
	for (i = 0; i < POOL; i++) {
		a = new_account(t, 0, 0, "");
		for (day = 1; day <= 8; day++)
			session(t, a, ip, day, 30000 + (int)next(t, 600));
	}
	for (i = 0; i < FAMILIES; i++) {
		a = new_account(t, 0, 0, "");
		b = new_account(t, 0, 0, "");
		if (i % 2 == 0) {
			(void)snprintf(phone, sizeof(phone), "+9255%07d", i);
			identifier(t, a, "phone", phone, "1");
			identifier(t, b, "phone", phone, "1");
			continue;
		}
		address(t, 2, ip);
		for (day = 1; day <= 8; day++) {
			session(t, a, ip, day, 40000 + (int)next(t, 900));
			session(t, b, ip, day, 40000 + (int)next(t, 900));
		}
	}
	for (i = 0; i < TRAVELLERS; i++) {
		/* A foreign card near the border, or a VPN. */
		a = new_account(t, 0, 0, "");
		for (day = 1; day <= 8; day++) {
			address(t, i % 2 == 0 ? 1 : 8, ip);
			session(t, a, ip, day, (int)next(t, 86400));
		}
		(void)snprintf(phone, sizeof(phone), "+9366%07d", i);
		identifier(t, a, "phone", phone, "1");
	}
}

static int
account_number(const char *text)
{
	return (int)strtol(strchr(text, ':') + 1, NULL, 10);
}

struct score {
	int pairs, right_pairs, orgs, right_orgs, countries, right_countries;
	int found; /* accounts whose operator has one other */
};

static void
count_claims(const struct truth *t, struct score *s)
{
	const struct ev_weigh_claim *c;
	const char *second;
	size_t i;
	int a, b, n;

	for (i = 0; i < ev_weigh_count(t->world.w); i++) {
		c = ev_weigh_claim(t->world.w, i);
		a = account_number(c->subject);
		if (!c->met)
			continue;
		if (strcmp(c->asks, "same-operator") == 0) {
			second = strchr(c->subject, ' ');
			b = account_number(second + 1);
			s->pairs++;
			s->right_pairs +=
			    t->operator_of[a] != 0 &&
			    t->operator_of[a] == t->operator_of[b];
		} else if (strcmp(c->asks, "organisation") == 0) {
			s->orgs++;
			s->right_orgs += t->org_of[a] == c->object[6] - '0';
		} else {
			s->countries++;
			s->right_countries +=
			    strcmp(t->home[a], c->object) == 0;
		}
	}
	/* Of two accounts: with three, contact and device are less rare. */
	for (a = 0; a < t->accounts; a++) {
		n = 0;
		for (b = 0; b < t->accounts; b++)
			n += t->operator_of[a] != 0 &&
			     t->operator_of[a] == t->operator_of[b];
		s->found += n == 2;
	}
}

static void
make_world(struct truth *t, uint64_t seed)
{
	char id[16], value[64];
	int org;

	memset(t, 0, sizeof(*t));
	t->seed = seed;
	world_init(&t->world);
	add_maps(&t->world);
	for (org = 1; org <= ORGS; org++) {
		(void)snprintf(id, sizeof(id), "O%06d", org);
		(void)snprintf(value, sizeof(value), "Example %d", org);
		world_org(&t->world, id, value);
		(void)snprintf(value, sizeof(value), "tg:Invite%d", org);
		world_anchor(&t->world, id, "invite", value);
		(void)snprintf(value, sizeof(value), "0x%040d", org);
		world_anchor(&t->world, id, "wallet", value);
		(void)snprintf(value, sizeof(value), "x:@channel%d", org);
		world_anchor(&t->world, id, "account", value);
	}
	world_start(&t->world);
	add_channels(t);
	add_operators(t);
	add_readers(t);
	add_strangers(t);
	world_end(&t->world);
}

static void
nobody_is_claimed_to_be_what_they_are_not(void **state)
{
	struct truth *t = malloc(sizeof(*t));
	struct score s = { 0 };
	int i, readers;
	size_t k;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < WORLDS; i++) {
		make_world(t, UINT64_C(77) + (uint64_t)i);
		count_claims(t, &s);
		/* Nobody who only reads and quotes is attributed. */
		readers = 0;
		for (k = 0; k < ev_weigh_count(t->world.w); k++) {
			const struct ev_weigh_claim *c =
			    ev_weigh_claim(t->world.w, k);

			readers += strcmp(c->asks, "organisation") == 0 &&
				   t->org_of[account_number(c->subject)] == 0;
		}
		assert_int_equal(readers, 0);
		world_release(&t->world);
	}
	free(t);
	/* What is claimed is so. */
	assert_int_equal(s.right_pairs, s.pairs);
	assert_int_equal(s.right_orgs, s.orgs);
	assert_int_equal(s.orgs, WORLDS * ORGS); /* the channels */
	assert_int_equal(s.right_countries, s.countries);
	/* And what the rules can find is found. */
	assert_int_equal(2 * s.pairs, s.found);
	assert_true(s.countries > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_claimed_to_be_what_they_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
