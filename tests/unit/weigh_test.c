/* Claims: what is said, what is not, and both sides of every threshold. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "world.h"

/* Documentation addresses: 192.0.2 AF mobile, 198.51.100 PK fixed. */
#define MAP                                             \
	"start,end,country\n192.0.2.0,192.0.2.255,AF\n" \
	"198.51.100.0,198.51.100.255,PK\n203.0.113.0,203.0.113.255,IN\n"
#define NETS                                           \
	"start,end,asn,class,flags\n"                  \
	"192.0.2.0,192.0.2.127,64500,mobile,\n"        \
	"192.0.2.128,192.0.2.255,64501,mobile,\n"      \
	"198.51.100.0,198.51.100.127,64502,fixed,\n"   \
	"198.51.100.128,198.51.100.255,64503,fixed,\n" \
	"203.0.113.0,203.0.113.255,64504,vpn,vpn\n"
#define BUILT "2025-06-01T00:00:00Z"

static void
world_maps(struct world *world, int count)
{
	static const char *const names[] = { "one", "two", "three" };
	int i;

	for (i = 0; i < count; i++)
		world_geo(world, names[i], "vote", BUILT, MAP);
	world_geo(world, "nets", "class", BUILT, NETS);
}

static void
login(struct world *world, const char *account, const char *t, const char *ip)
{
	(void)world_fact(world, EV_K_LOGIN, account, t, EV_BASIS_UTC_EXPLICIT,
	    "action", "login", "ip", ip, NULL);
}

static void
assert_total(const struct ev_weigh_claim *claim, int low, int mid, int high)
{
	assert_int_equal(claim->low, low);
	assert_int_equal(claim->mid, mid);
	assert_int_equal(claim->high, high);
}

/* Three days, two networks, AF mobile; then offset and number. */
static void
afghan_sessions(struct world *world)
{
	login(world, "x:1", "2025-06-02T08:00:00Z", "192.0.2.5");
	login(world, "x:1", "2025-06-03T08:00:00Z", "192.0.2.6");
	login(world, "x:1", "2025-06-03T09:00:00Z", "192.0.2.7");
	login(world, "x:1", "2025-06-04T08:00:00Z", "192.0.2.200");
}

static void
the_worked_example_holds_to_the_digit(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;
	int offset;

	(void)state;
	for (offset = 1; offset >= 0; offset--) {
		world_init(&world);
		world_maps(&world, 3);
		world_start(&world);
		afghan_sessions(&world);
		if (offset)
			(void)world_fact(&world, EV_K_SETTING, "x:1",
			    "2025-06-03T08:00:00Z", EV_BASIS_UTC_EXPLICIT,
			    "key", "utc-offset", "value", "+04:30", NULL);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL, 0,
		    "id_type", "phone", "value", "+93700000001", "role",
		    "controls", "verified", "1", NULL);
		world_end(&world);
		claim = world_must(&world, "country", "x:1", "AF");
		if (offset) {
			assert_total(claim, 2000, 3200, 3500);
			assert_true(claim->met);
			assert_int_equal(claim->families, 3);
			assert_string_equal(claim->label, "operated from");
			assert_string_equal(claim->word, "moderately strong");
		} else {
			assert_total(claim, 1000, 1500, 1500);
			assert_false(claim->met);
			assert_int_equal(claim->families, 1);
			assert_string_equal(claim->label,
			    "sessions observed from");
			/* The number falls to the common cause. */
			assert_non_null(
			    strstr(claim->line, "\"why\":\"common cause\""));
		}
		assert_non_null(strstr(claim->flags, "cross-border-sim"));
		world_release(&world);
	}
}

static void
sessions_alone_place_nobody(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;
	char time[32], ip[16];
	int i;

	(void)state;
	world_init(&world);
	world_maps(&world, 3);
	world_start(&world);
	for (i = 0; i < 10000; i++) {
		(void)snprintf(time, sizeof(time),
		    "2025-06-%02dT%02d:%02d:%02dZ", 1 + i / 400, i / 20 % 20,
		    i % 20, i % 60);
		(void)snprintf(ip, sizeof(ip), "198.51.100.%d", i % 256);
		login(&world, "x:1", time, ip);
	}
	world_end(&world);
	claim = world_must(&world, "country", "x:1", "PK");
	assert_total(claim, 1600, 2000, 2000); /* 1300 1698 1698, add, cap */
	assert_false(claim->met);
	assert_string_equal(claim->label, "sessions observed from");
	assert_non_null(strstr(claim->line, "\"days\":25,"));
	world_release(&world);
}

static void
a_split_vote_is_disputed_and_two_databases_are_thin(void **state)
{
	static const char odd[] = "start,end,country\n"
				  "198.51.100.0,198.51.100.255,AE\n";
	const struct ev_weigh_claim *claim;
	struct world world;
	struct ev_buf out;
	struct ev_err err;

	(void)state;
	world_init(&world);
	world_maps(&world, 3);
	world_geo(&world, "odd", "vote", BUILT, odd);
	world_start(&world);
	login(&world, "x:1", "2025-06-02T08:00:00Z", "198.51.100.5");
	world_end(&world);
	/* Disputed sessions are seen nowhere; the numbers stay visible. */
	assert_null(world_claim(&world, "country", "x:1", "PK"));
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_weigh_consider(world.w, "x:1", &out, &err), EV_OK);
	assert_non_null(strstr(ev_buf_text(&out),
	    "\"total\":{\"h\":600,\"l\":0,\"m\":300}"));
	ev_buf_release(&out);
	world_release(&world);

	world_init(&world);
	world_maps(&world, 2);
	world_start(&world);
	login(&world, "x:1", "2025-06-02T08:00:00Z", "198.51.100.5");
	world_end(&world);
	claim = world_must(&world, "country", "x:1", "PK");
	assert_total(claim, 700, 1000, 1300);
	assert_non_null(strstr(claim->line, "\"rule\":\"R901f\""));
	world_release(&world);
}

static void
the_default_database_alone_reaches_the_line_and_no_more(void **state)
{
	const struct ev_weigh_claim *claim;
	static const char fixed[] =
	    "start,end,asn,class\n192.0.2.0,192.0.2.127,64500,fixed\n"
	    "192.0.2.128,192.0.2.255,64501,fixed\n";
	struct world world;
	int left_out;

	(void)state;
	for (left_out = 0; left_out <= 4; left_out++) {
		world_init(&world);
		world_geo(&world, "one", "vote", BUILT, MAP);
		world_geo(&world, "nets", "class", BUILT, fixed);
		world_start(&world);
		login(&world, "x:1", "2025-06-02T08:00:00Z", "192.0.2.5");
		login(&world, "x:1", "2025-06-03T08:00:00Z", "192.0.2.5");
		login(&world, "x:1",
		    left_out == 1 ? "2025-06-03T09:00:00Z"
				  : "2025-06-04T08:00:00Z",
		    left_out == 2 ? "192.0.2.6" : "192.0.2.200");
		if (left_out != 3)
			(void)world_fact(&world, EV_K_SETTING, "x:1",
			    "2025-06-03T08:00:00Z", EV_BASIS_UTC_EXPLICIT,
			    "key", "utc-offset", "value", "+04:30", NULL);
		if (left_out != 4)
			(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL,
			    0, "id_type", "phone", "value", "+93700000001",
			    "role", "controls", "verified", "1", NULL);
		world_end(&world);
		claim = world_must(&world, "country", "x:1", "AF");
		assert_non_null(claim);
		if (left_out == 0)
			assert_total(claim, 2000, 3200, 3800);
		assert_int_equal(claim->met, left_out == 0);
		world_release(&world);
	}
}

static void
one_operator_by_contact_and_device(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;
	int both;

	(void)state;
	for (both = 0; both <= 1; both++) {
		world_init(&world);
		world_start(&world);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL, 0,
		    "id_type", "email", "value", "Ops@example.org", "role",
		    "controls", NULL);
		(void)world_fact(&world, EV_K_IDENTIFIER, "telegram:user:2",
		    NULL, 0, "id_type", "email", "value", "ops@EXAMPLE.org",
		    "role", "controls", NULL);
		if (both) {
			(void)world_fact(&world, EV_K_DEVICE, "x:1", NULL, 0,
			    "device_id", "8E7F6A5B-0000-4000-8000-00000000ABCD",
			    NULL);
			(void)world_fact(&world, EV_K_DEVICE, "telegram:user:2",
			    NULL, 0, "device_id",
			    "8e7f6a5b-0000-4000-8000-00000000abcd", NULL);
		}
		world_end(&world);
		claim = world_must(&world, "same-operator",
		    "telegram:user:2 x:1", "");
		if (both) {
			assert_total(claim, 5000, 8000, 8000); /* capped */
			assert_true(claim->met);
			assert_string_equal(claim->label, "same operator");
		} else {
			/* 3000 is met, but one family is not two. */
			assert_int_equal(claim->low, 3000);
			assert_false(claim->met);
			assert_string_equal(claim->label, "associated");
		}
		world_release(&world);
	}
}

static void
an_identifier_on_21_accounts_links_nobody(void **state)
{
	struct ev_weigh_counts counts;
	const struct ev_weigh_claim *claim;
	struct world world;
	char account[16];
	int i, n;

	(void)state;
	for (n = 20; n <= 21; n++) {
		world_init(&world);
		world_start(&world);
		for (i = 0; i < n; i++) {
			(void)snprintf(account, sizeof(account), "x:%d",
			    100 + i);
			(void)world_fact(&world, EV_K_IDENTIFIER, account, NULL,
			    0, "id_type", "phone", "value", "+93700000001",
			    "role", "controls", NULL);
		}
		world_end(&world);
		ev_weigh_counted(world.w, &counts);
		if (n == 20) {
			claim = world_must(&world, "same-operator",
			    "x:100 x:101", "");
			assert_total(claim, 1000, 2000, 3000);
			assert_non_null(strstr(claim->line, "\"R102\""));
			assert_int_equal(counts.claims, 190);
			assert_int_equal(counts.public_values, 0);
		} else {
			assert_int_equal(counts.claims, 0);
			assert_int_equal(counts.public_values, 1);
		}
		world_release(&world);
	}
}

static void
a_journalist_who_posts_everything_is_claimed_to_be_nobody(void **state)
{
	struct world world;
	struct ev_buf out;
	struct ev_err err;
	const char *text;
	int i;

	(void)state;
	world_init(&world);
	world_org(&world, "O000001", "Front of Example");
	world_anchor(&world, "O000001", "account", "telegram:channel:5");
	world_anchor(&world, "O000001", "invite", "https://t.me/+AbCdEf");
	world_anchor(&world, "O000001", "wallet",
	    "0x00000000000000000000000000000000000000aa");
	world_start(&world);
	(void)world_fact(&world, EV_K_ACCOUNT, "telegram:channel:5", NULL, 0,
	    "handle", "front_example", "bio", "Join https://t.me/+AbCdEf",
	    NULL);
	(void)world_fact(&world, EV_K_IDENTIFIER, "telegram:channel:5", NULL, 0,
	    "id_type", "wallet", "value",
	    "0x00000000000000000000000000000000000000AA", "role",
	    "lists-as-contact", NULL);
	for (i = 0; i < 3; i++)
		(void)world_fact(&world, EV_K_POST, "x:7",
		    "2025-06-02T08:00:00Z", EV_BASIS_UTC_EXPLICIT, "text",
		    "The group posted t.me/+AbCdEf and "
		    "https://t.me/front_example and the wallet "
		    "0x00000000000000000000000000000000000000aa today.",
		    "form", i == 0 ? "own" : "quote", "pinned", "1", NULL);
	world_end(&world);
	assert_null(world_claim(&world, "organisation", "x:7", "O000001"));
	assert_null(
	    world_claim(&world, "same-operator", "telegram:channel:5 x:7", ""));
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_weigh_consider(world.w, "x:7", &out, &err), EV_OK);
	text = ev_buf_text(&out);
	assert_non_null(strstr(text, "\"why\":\"role posts\""));
	assert_non_null(strstr(text, "\"total\":{\"h\":0,\"l\":0,\"m\":0}"));
	assert_non_null(strstr(text, "\"rule\":\"R502b\""));
	assert_null(strstr(text, "\"met\":true"));
	ev_buf_release(&out);
	/* The channel itself gives its invite and wallet as its own. */
	assert_total(world_must(&world, "organisation", "telegram:channel:5",
			 "O000001"),
	    3000, 5000, 6000);
	world_release(&world);
}

/* A statement alone is not enough; an answer, and a second record, are. */
static void
one_statement_is_weak_and_an_answer_makes_it_strong(void **state)
{
	struct world world;
	struct ev_buf out;
	struct ev_err err;
	int step;

	(void)state;
	for (step = 0; step <= 2; step++) {
		world_init(&world);
		world_org(&world, "O000001", "Front of Example");
		world_anchor(&world, "O000001", "account",
		    "telegram:@Front_Example");
		world_anchor(&world, "O000001", "wallet",
		    "0x00000000000000000000000000000000000000aa");
		world_start(&world);
		(void)world_fact(&world, EV_K_ACCOUNT, "telegram:channel:5",
		    NULL, 0, "handle", "front_example", "bio",
		    step > 0 ? "Also at https://x.com/Front_X" : "Hello", NULL);
		(void)world_fact(&world, EV_K_ACCOUNT, "x:8", NULL, 0, "handle",
		    "front_x", "bio", "t.me/front_example", NULL);
		if (step > 1)
			(void)world_fact(&world, EV_K_IDENTIFIER, "x:8", NULL,
			    0, "id_type", "wallet", "value",
			    "0x00000000000000000000000000000000000000AA",
			    "role", "lists-as-contact", NULL);
		world_end(&world);
		ev_buf_init(&out, 1 << 20);
		assert_int_equal(ev_weigh_consider(world.w, "x:8", &out, &err),
		    EV_OK);
		assert_non_null(strstr(ev_buf_text(&out),
		    step == 0 ? "\"total\":{\"h\":2000,\"l\":0,\"m\":1000}"
		    : step == 1
			? "\"total\":{\"h\":3000,\"l\":2000,\"m\":3000}"
			: "\"total\":{\"h\":6000,\"l\":4000,\"m\":6000}"));
		ev_buf_release(&out);
		assert_int_equal(world_claim(&world, "organisation", "x:8",
				     "O000001") != NULL,
		    step == 2);
		world_release(&world);
	}
}

static void
ports_and_seconds_meet_only_where_time_is_certain(void **state)
{
	static const enum ev_basis bases[] = { EV_BASIS_UTC_EXPLICIT,
		EV_BASIS_NAIVE };
	const struct ev_weigh_claim *claim;
	struct world world;
	struct ev_buf out;
	struct ev_err err;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		world_init(&world);
		world_maps(&world, 3);
		world_start(&world);
		(void)world_fact(&world, EV_K_LOGIN, "x:1",
		    "2025-06-02T08:00:00Z", bases[i], "action", "login", "ip",
		    "198.51.100.5", "port", "40001", NULL);
		(void)world_fact(&world, EV_K_LOGIN, "x:2",
		    "2025-06-02T08:00:02Z", bases[i], "action", "login", "ip",
		    "198.51.100.5", "port", "40001", NULL);
		/* Something else, so that the pair is shown at all. */
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL, 0,
		    "id_type", "email", "value", "a@example.org", "role",
		    "controls", NULL);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:2", NULL, 0,
		    "id_type", "email", "value", "a@example.org", "role",
		    "controls", NULL);
		world_end(&world);
		claim = world_must(&world, "same-operator", "x:1 x:2", "");
		assert_non_null(claim);
		if (i == 0) {
			assert_total(claim, 5000, 6000, 6000); /* capped */
			assert_true(claim->met);
		} else {
			assert_false(claim->met);
			assert_non_null(
			    strstr(claim->line, "\"why\":\"dt not certain\""));
		}
		world_release(&world);
	}
	/* Three seconds are not two. */
	world_init(&world);
	world_start(&world);
	(void)world_fact(&world, EV_K_LOGIN, "x:1", "2025-06-02T08:00:00Z", 0,
	    "action", "login", "ip", "198.51.100.5", "port", "40001", NULL);
	(void)world_fact(&world, EV_K_LOGIN, "x:2", "2025-06-02T08:00:03Z", 0,
	    "action", "login", "ip", "198.51.100.5", "port", "40001", NULL);
	world_end(&world);
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_weigh_consider(world.w, "x:1", &out, &err), EV_OK);
	assert_null(strstr(ev_buf_text(&out), "R301"));
	ev_buf_release(&out);
	world_release(&world);
}

static void
one_record_counts_once(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;

	(void)state;
	world_init(&world);
	world_maps(&world, 3);
	world_start(&world);
	/* Address, port and cookie out of the same two records. */
	(void)world_fact(&world, EV_K_LOGIN, "x:1", "2025-06-02T08:00:00Z", 0,
	    "action", "login", "ip", "198.51.100.5", "port", "40001", "cookie",
	    "c00kie-1", NULL);
	(void)world_fact(&world, EV_K_LOGIN, "x:2", "2025-06-02T08:00:01Z", 0,
	    "action", "login", "ip", "198.51.100.5", "port", "40001", "cookie",
	    "c00kie-1", NULL);
	world_end(&world);
	claim = world_must(&world, "same-operator", "x:1 x:2", "");
	assert_total(claim, 2000, 4000, 4000);
	assert_int_equal(claim->families, 1);
	assert_false(claim->met);
	world_release(&world);
}

static void
an_examiner_joins_what_depends_and_flags_a_household(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;
	int what;

	(void)state;
	for (what = 0; what < 3; what++) {
		world_init(&world);
		if (what == 1)
			world_add(world.exams,
			    "{\"entry\":9,\"facts\":[\"F000001\",\"F000003\"],"
			    "\"subject\":\"\",\"value\":\"\","
			    "\"verb\":\"depend\",\"word\":\"\"}");
		if (what == 2)
			world_exam(&world, "flag", "device",
			    "8e7f6a5b-0000-4000-8000-00000000abcd",
			    "household");
		world_start(&world);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL, 0,
		    "id_type", "phone", "value", "+93700000001", "role",
		    "controls", NULL);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:2", NULL, 0,
		    "id_type", "phone", "value", "+93700000001", "role",
		    "controls", NULL);
		(void)world_fact(&world, EV_K_DEVICE, "x:1", NULL, 0,
		    "device_id", "8E7F6A5B-0000-4000-8000-00000000ABCD", NULL);
		(void)world_fact(&world, EV_K_DEVICE, "x:2", NULL, 0,
		    "device_id", "8e7f6a5b-0000-4000-8000-00000000abcd", NULL);
		world_end(&world);
		claim = world_must(&world, "same-operator", "x:1 x:2", "");
		if (what == 0)
			assert_total(claim, 5000, 8000, 8000);
		if (what == 1)
			assert_total(claim, 3000, 4000, 4000);
		if (what == 2)
			assert_total(claim, 4000, 6000, 7000);
		assert_int_equal(claim->met, what != 1);
		world_release(&world);
	}
}

static void
parallel_sessions_on_fixed_lines_speak_against(void **state)
{
	const struct ev_weigh_claim *claim;
	struct world world;
	char time[32];
	int days, i;

	(void)state;
	for (days = 4; days <= 5; days++) {
		world_init(&world);
		world_maps(&world, 3);
		world_start(&world);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:1", NULL, 0,
		    "id_type", "phone", "value", "+93700000001", "role",
		    "controls", NULL);
		(void)world_fact(&world, EV_K_IDENTIFIER, "x:2", NULL, 0,
		    "id_type", "phone", "value", "+93700000001", "role",
		    "controls", NULL);
		for (i = 0; i < days; i++) {
			(void)snprintf(time, sizeof(time),
			    "2025-06-%02dT08:00:00Z", 1 + i);
			login(&world, "x:1", time, "198.51.100.5");
			(void)snprintf(time, sizeof(time),
			    "2025-06-%02dT08:01:00Z", 1 + i);
			login(&world, "x:2", time, "198.51.100.200");
		}
		world_end(&world);
		claim = world_must(&world, "same-operator", "x:1 x:2", "");
		if (days == 4)
			assert_total(claim, 3000, 4000, 4000);
		else
			assert_total(claim, 2000, 3500, 4000);
		assert_int_equal(strstr(claim->line, "\"counter\":[]") == NULL,
		    days == 5);
		world_release(&world);
	}
}

/* A second item counts a little if it comes from elsewhere, up to the cap. */
static void
the_next_item_adds_a_bonus_only_from_elsewhere(void **state)
{
	struct world world;
	int apart, i, k;

	(void)state;
	for (apart = 0; apart <= 3; apart++) {
		world_init(&world);
		world_maps(&world, 3);
		world_start(&world);
		for (k = 1; k <= 2; k++)
			(void)world_fact(&world, EV_K_IDENTIFIER,
			    k == 1 ? "x:1" : "x:2", NULL, 0, "id_type", "email",
			    "value", "a@example.org", "role", "controls", NULL);
		/* Another exhibit, another acquisition, or both. */
		world.exhibit += apart & 1;
		world.acquisition += apart >> 1;
		for (k = 1; k <= 2; k++)
			(void)world_fact(&world, EV_K_IDENTIFIER,
			    k == 1 ? "x:1" : "x:2", NULL, 0, "id_type", "phone",
			    "value", "+93700000001", "role", "controls", NULL);
		world_end(&world);
		assert_total(world_must(&world, "same-operator", "x:1 x:2", ""),
		    apart == 3 ? 3300 : 3000, 4000, 4000);
		world_release(&world);
	}
	/* Port and second, and a fixed line elsewhere: 2300, capped. */
	world_init(&world);
	world_maps(&world, 3);
	world_start(&world);
	for (k = 1; k <= 2; k++)
		(void)world_fact(&world, EV_K_LOGIN, k == 1 ? "x:1" : "x:2",
		    "2025-06-02T08:00:00Z", 0, "action", "login", "ip",
		    "192.0.3.1", "port", "40001", NULL);
	world.exhibit++;
	world.acquisition++;
	for (i = 0; i < 3; i++) {
		static const char *const days[] = { "2025-06-02T09:00:00Z",
			"2025-06-03T09:00:00Z", "2025-06-04T09:00:00Z" };

		login(&world, "x:1", days[i], "198.51.100.5");
		login(&world, "x:2", days[i], "198.51.100.5");
	}
	world_end(&world);
	assert_total(world_must(&world, "same-operator", "x:1 x:2", ""), 2000,
	    2000, 2000);
	world_release(&world);
}

static void
two_runs_give_the_same_bytes(void **state)
{
	struct ev_buf out[2], head[2], order;
	struct world world;
	struct ev_err err;
	size_t i;
	int run;

	(void)state;
	for (run = 0; run < 2; run++) {
		ev_buf_init(&out[run], 1 << 22);
		ev_buf_init(&head[run], 1 << 20);
		world_init(&world);
		world_maps(&world, 3);
		world_org(&world, "O000001", "Front of Example");
		world_org(&world, "O000002", "Nobody");
		world_anchor(&world, "O000001", "invite", "tg:AbCdEf");
		world_start(&world);
		(void)world_fact(&world, EV_K_ACCOUNT, "x:1", NULL, 0, "bio",
		    "t.me/+AbCdEf", NULL);
		afghan_sessions(&world);
		(void)world_fact(&world, EV_K_SETTING, "x:1",
		    "2025-06-03T08:00:00Z", EV_BASIS_UTC_EXPLICIT, "key",
		    "utc-offset", "value", "+04:30", NULL);
		login(&world, "x:3", "2025-06-03T08:00:00Z", "203.0.113.9");
		world_end(&world);
		for (i = 0; i < ev_weigh_count(world.w); i++)
			assert_int_equal(ev_buf_puts(&out[run],
					     ev_weigh_claim(world.w, i)->line,
					     &err),
			    EV_OK);
		assert_int_equal(ev_weigh_headline(world.w, &head[run], &err),
		    EV_OK);
		if (run == 1) {
			ev_buf_init(&order, 1 << 20);
			assert_int_equal(ev_weigh_order(world.w, &order, &err),
			    EV_OK);
			assert_non_null(
			    strstr(ev_buf_text(&order), "\"supersedes\":[]"));
			ev_buf_release(&order);
		}
		world_release(&world);
	}
	assert_string_equal(ev_buf_text(&out[0]), ev_buf_text(&out[1]));
	assert_string_equal(ev_buf_text(&head[0]), ev_buf_text(&head[1]));
	assert_non_null(strstr(ev_buf_text(&head[0]), "\"unknown\":1"));
	for (run = 0; run < 2; run++) {
		ev_buf_release(&out[run]);
		ev_buf_release(&head[run]);
	}
}

static void
a_chain_of_300_accounts_raises_the_alarm(void **state)
{
	struct ev_weigh_counts counts;
	struct world world;
	struct ev_buf out;
	struct ev_err err;
	char account[16], phone[20], device[40];
	int i, k;

	(void)state;
	world_init(&world);
	world_start(&world);
	for (i = 0; i <= 300; i++) {
		(void)snprintf(account, sizeof(account), "x:%04d", i);
		for (k = i > 0 ? i - 1 : 0; k <= i && k < 300; k++) {
			(void)snprintf(phone, sizeof(phone), "+9370%07d", k);
			(void)snprintf(device, sizeof(device),
			    "8e7f6a5b-0000-4000-8000-00000000%04d", k);
			(void)world_fact(&world, EV_K_IDENTIFIER, account, NULL,
			    0, "id_type", "phone", "value", phone, "role",
			    "controls", NULL);
			(void)world_fact(&world, EV_K_DEVICE, account, NULL, 0,
			    "device_id", device, NULL);
		}
	}
	assert_int_equal(ev_weigh_end(world.w, &err), EV_PARTIAL);
	ev_weigh_counted(world.w, &counts);
	assert_int_equal(counts.oversized, 1);
	assert_int_equal(counts.claims, 300);
	ev_buf_init(&out, 1 << 22);
	assert_int_equal(ev_weigh_link_rows(world.w, &out, &err), EV_OK);
	assert_null(strstr(ev_buf_text(&out), "same component"));
	ev_buf_release(&out);
	world_release(&world);
}

/* A bundle gives lines of facts.jsonl where a case gives rows. */
static void
a_canonical_line_says_what_its_fact_says(void **state)
{
	static const char *const accounts[] = { "1", "2" };
	const struct ev_weigh_place place = { 1, 0 };
	struct ev_fact_origin origin = { .sha256 = "",
		.member = "m",
		.member_len = 1,
		.mapping = "m",
		.mapping_sha256 = "" };
	struct ev_fact fact = { .kind = EV_K_IDENTIFIER,
		.platform = "x",
		.account_basis = EV_AB_RECORD,
		.length = 10,
		.root = "",
		.pointer = "",
		.notes = "",
		.count = 4 };
	const char *const names[] = { "account", "id_type", "value", "role" };
	const char *values[] = { NULL, "email", "desk@example.org",
		"controls" };
	struct world world;
	struct ev_buf line;
	struct ev_err err;
	size_t i, k;

	(void)state;
	world_init(&world);
	world_start(&world);
	ev_buf_init(&line, 1 << 16);
	for (i = 0; i < 2; i++) {
		values[0] = accounts[i];
		for (k = 0; k < 4; k++)
			fact.value[k] = (struct ev_fact_value){
				.column = ev_kind_column(fact.kind, names[k],
				    strlen(names[k])),
				.text = values[k],
				.text_len = strlen(values[k])
			};
		origin.fact = (int64_t)i + 1;
		origin.artifact = 1;
		origin.acquisition = 1;
		fact.offset = (int64_t)i * 20;
		ev_buf_clear(&line);
		assert_int_equal(ev_fact_line(&line, &fact, &origin, &err),
		    EV_OK);
		assert_int_equal(ev_weigh_line(world.w, line.data, line.len,
				     &place, &err),
		    EV_OK);
	}
	ev_buf_release(&line);
	world_end(&world);
	assert_total(world_must(&world, "same-operator", "x:1 x:2", ""), 3000,
	    4000, 4000);
	world_release(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_holds_to_the_digit),
		cmocka_unit_test(sessions_alone_place_nobody),
		cmocka_unit_test(
		    a_split_vote_is_disputed_and_two_databases_are_thin),
		cmocka_unit_test(
		    the_default_database_alone_reaches_the_line_and_no_more),
		cmocka_unit_test(one_operator_by_contact_and_device),
		cmocka_unit_test(an_identifier_on_21_accounts_links_nobody),
		cmocka_unit_test(
		    a_journalist_who_posts_everything_is_claimed_to_be_nobody),
		cmocka_unit_test(
		    one_statement_is_weak_and_an_answer_makes_it_strong),
		cmocka_unit_test(
		    ports_and_seconds_meet_only_where_time_is_certain),
		cmocka_unit_test(one_record_counts_once),
		cmocka_unit_test(
		    an_examiner_joins_what_depends_and_flags_a_household),
		cmocka_unit_test(
		    parallel_sessions_on_fixed_lines_speak_against),
		cmocka_unit_test(
		    the_next_item_adds_a_bonus_only_from_elsewhere),
		cmocka_unit_test(two_runs_give_the_same_bytes),
		cmocka_unit_test(a_chain_of_300_accounts_raises_the_alarm),
		cmocka_unit_test(a_canonical_line_says_what_its_fact_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
