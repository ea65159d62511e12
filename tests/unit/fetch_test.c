/* seal/stampfetch: one DER value by HTTP, from a server that may misbehave. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "seal/fetch.h"
#include "serving.h"

static const unsigned char der[] = { 0x30, 3, 'a', 'b', 'c' };
static struct server server;
static struct answer answers[] = {
	{ "/value", "application/x", der, sizeof(der), 0 },
	{ "/echo", "echo", NULL, 0, 0 },
	{ "/third", "application/x", NULL, 0, 0 },
	{ "/third", "application/x", NULL, 0, 0 },
	{ "/third", "application/x", der, sizeof(der), 0 },
	{ "/never", "application/x", NULL, 0, 0 },
};

static int
set_up(void **state)
{
	(void)state;
	server_bind(&server);
	server_begin(&server, answers, sizeof(answers) / sizeof(answers[0]));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	server_end(&server);
	return 0;
}

static struct ev_buf reply;
static struct ev_err err;

static enum ev_rc
fetch_from(const struct ev_fetch *how, const char *where)
{
	struct ev_fetch what = *how;
	char url[4096];
	enum ev_rc rc;

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port,
	    where);
	what.url = url;
	ev_buf_release(&reply);
	ev_buf_init(&reply, 65536);
	memset(&err, 0, sizeof(err));
	rc = ev_fetch(&what, &reply, &err);
	return rc;
}

static const struct ev_fetch plain = { .tries = 1, .limit = 1000 };

static void
assert_value(void)
{
	assert_int_equal(reply.len, sizeof(der));
	assert_memory_equal(reply.data, der, sizeof(der));
}

static void
a_value_is_had_by_get_or_post(void **state)
{
	struct ev_fetch how = plain;

	(void)state;
	assert_int_equal(fetch_from(&how, "/value"), EV_OK);
	assert_value();
	how.expect = "application/x";
	assert_int_equal(fetch_from(&how, "/value"), EV_OK);
	how.expect = "application/y";
	assert_int_equal(fetch_from(&how, "/value"), EV_SYS);
	how.expect = NULL;
	how.limit = sizeof(der);
	assert_int_equal(fetch_from(&how, "/value"), EV_OK);
	how.limit = sizeof(der) - 1;
	assert_int_equal(fetch_from(&how, "/value"), EV_SYS);
	how.limit = 1000;
	assert_int_equal(fetch_from(&how, "/nothing"), EV_SYS);
	assert_non_null(strstr(err.msg, "no answer from '127.0.0.1:"));
	assert_int_equal(fetch_from(&how, "/echo"), EV_OK);
	assert_memory_equal(reply.data, "0\22GET /echo HTTP/1.0", 20);
	assert_int_equal(fetch_from(&how, "/echo?a=b&c"), EV_OK);
	assert_memory_equal(reply.data, "0\30GET /echo?a=b&c HTTP/1.0", 26);
	how.request = EV_BYTES(der, sizeof(der));
	how.type = "application/z";
	assert_int_equal(fetch_from(&how, "/echo"), EV_OK);
	assert_memory_equal(reply.data, "0\23POST /echo HTTP/1.0", 21);
}

static void
what_is_no_address_is_a_misuse(void **state)
{
	static const char *const text[] = { "", "http:", "http://", "ftp://a/",
		"127.0.0.1", "http:///path", "http://a:port/", "https",
		"httpx://a/" };
	static char longest[3000];
	struct ev_fetch how = plain;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		how.url = text[i];
		assert_int_equal(ev_fetch(&how, &reply, &err), EV_USE);
		assert_non_null(strstr(err.msg, "is no URL"));
	}
	how.url = "https://127.0.0.1/";
	assert_int_equal(ev_fetch(&how, &reply, &err), EV_USE);
	assert_non_null(strstr(err.msg, "only http is spoken"));
	(void)snprintf(longest, sizeof(longest),
	    "http://127.0.0.1:%u/value?%02000d", server.port, 0);
	longest[2048] = '\0';
	how.url = longest;
	assert_int_equal(strlen(longest) < 2048, 1);
	memset(longest + strlen(longest), '0', 2048 - strlen(longest));
	assert_int_equal(strlen(longest), 2048);
	ev_buf_clear(&reply);
	assert_int_equal(ev_fetch(&how, &reply, &err), EV_OK);
	assert_value();
	longest[2048] = '0';
	assert_int_equal(ev_fetch(&how, &reply, &err), EV_USE);
}

/* Once a second later, then two seconds after that. */
static void
a_server_that_fails_is_asked_again(void **state)
{
	struct ev_fetch how = plain;
	struct timespec from, to;

	(void)state;
	how.tries = 3;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(fetch_from(&how, "/third"), EV_OK);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	assert_value();
	assert_true(to.tv_sec - from.tv_sec >= 2);
	how.tries = 1;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(fetch_from(&how, "/never"), EV_SYS);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec < 2);
}

static void
signals_are_afterwards_as_before(void **state)
{
	sigset_t mask, pending;
	struct ev_fetch how = plain;

	(void)state;
	assert_int_equal(fetch_from(&how, "/never"), EV_SYS);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGPIPE), 0);
	/* One that waited before waits on. */
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &mask, NULL);
	(void)raise(SIGPIPE);
	assert_int_equal(fetch_from(&how, "/value"), EV_OK);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGPIPE), 1);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	ev_buf_release(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_had_by_get_or_post),
		cmocka_unit_test(what_is_no_address_is_a_misuse),
		cmocka_unit_test(a_server_that_fails_is_asked_again),
		cmocka_unit_test(signals_are_afterwards_as_before),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
