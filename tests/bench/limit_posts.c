/*
 * limit_posts js|lines FILE DATABASE: the least between posts and rows.  The
 * file is hashed, read by yajl without a tree and put into tables of the
 * columns that ev-ingest has; three indexes and the full text are built after.
 */
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { CHUNK = 1 << 18, TEXT = 4096, BATCH = 10000 };

#define MUST(x)                                         \
	do {                                            \
		if (!(x)) {                             \
			(void)fprintf(stderr, #x "\n"); \
			exit(1);                        \
		}                                       \
	} while (0)

/* The columns, and the keys that they are read from. */
enum {
	ID,
	AT,
	SAID,
	LANG,
	CLIENT,
	REPLY_TO,
	REPLY_ACCOUNT,
	URL,
	ACCOUNT,
	POST
};
enum { OTHER = POST, HANDLE, NAME, ALL };
static const char *const keys[2][ALL] = {
	{ "id_str", "created_at", "full_text", "lang", "source",
	    "in_reply_to_status_id_str", "in_reply_to_user_id_str", "", "",
	    "id_str", "screen_name", "name" },
	{ "id", "created_at", "text", "lang", "client", "reply_to",
	    "reply_account", "url", "account", "", "", "" },
};

struct value {
	char text[TEXT];
	size_t len;
	int have;
};

static struct {
	int lines, depth, in_mentions, wanted;
	struct value v[ALL];
	int64_t rows;
	sqlite3 *db;
	sqlite3_stmt *post, *mention;
} s;

static void
sql(const char *text)
{
	MUST(sqlite3_exec(s.db, text, NULL, NULL, NULL) == SQLITE_OK);
}

static void
bind(sqlite3_stmt *st, int n, const struct value *v)
{
	MUST((v->have ? sqlite3_bind_text(st, n, v->text, (int)v->len,
			    SQLITE_STATIC)
		      : sqlite3_bind_null(st, n)) == SQLITE_OK);
}

static void
put(sqlite3_stmt *st, const int *columns, int count)
{
	int n;

	for (n = 0; n < count; n++)
		bind(st, n + 1, &s.v[columns[n]]);
	MUST(sqlite3_step(st) == SQLITE_DONE && sqlite3_reset(st) == SQLITE_OK);
	if (++s.rows % BATCH == 0)
		sql("COMMIT; BEGIN");
}

static int
key(void *ctx, const unsigned char *text, size_t len)
{
	const int first = s.in_mentions ? OTHER : 0;
	const int end = s.in_mentions ? ALL : POST;
	int n;

	(void)ctx;
	s.wanted = -1;
	if (!s.in_mentions && len == 13 &&
	    memcmp(text, "user_mentions", 13) == 0)
		s.in_mentions = 1;
	if (s.depth != (s.lines ? 1 : s.in_mentions ? 6 : 3))
		return 1;
	for (n = first; n < end && s.wanted < 0; n++) {
		if (strlen(keys[s.lines][n]) == len &&
		    memcmp(keys[s.lines][n], text, len) == 0)
			s.wanted = n;
	}
	return 1;
}

static int
string(void *ctx, const unsigned char *text, size_t len)
{
	struct value *v = s.wanted < 0 ? NULL : &s.v[s.wanted];

	(void)ctx;
	if (v != NULL && len < TEXT) {
		memcpy(v->text, text, len);
		v->len = len;
		v->have = 1;
	}
	s.wanted = -1;
	return 1;
}

static int
begin(void *ctx)
{
	(void)ctx;
	s.depth++;
	return 1;
}

static void
forget(int first, int end)
{
	for (; first < end; first++)
		s.v[first].have = 0;
}

static int
end(void *ctx)
{
	static const int post[] = { ID, AT, SAID, LANG, CLIENT, REPLY_TO,
		REPLY_ACCOUNT, URL, ACCOUNT };
	static const int mention[] = { OTHER, HANDLE, NAME, AT };

	(void)ctx;
	if (s.in_mentions && s.depth == 6) {
		put(s.mention, mention, 4);
		forget(OTHER, ALL);
	}
	if (s.depth == (s.lines ? 1 : 3)) {
		put(s.post, post, POST);
		forget(0, POST);
	}
	s.depth--;
	return 1;
}

static int
end_array(void *ctx)
{
	(void)ctx;
	if (s.in_mentions && s.depth == 5)
		s.in_mentions = 0;
	s.depth--;
	return 1;
}

static int
other(void *ctx)
{
	(void)ctx;
	s.wanted = -1;
	return 1;
}

static int
boolean(void *ctx, int value)
{
	(void)value;
	return other(ctx);
}

static int
number(void *ctx, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return other(ctx);
}

static void
open_database(const char *name)
{
	MUST(sqlite3_open(name, &s.db) == SQLITE_OK);
	sql("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "PRAGMA cache_size=-65536;"
	    "CREATE TABLE post(n INTEGER PRIMARY KEY, id TEXT, t TEXT,"
	    " text TEXT, lang TEXT, client TEXT, reply_to TEXT,"
	    " reply_account TEXT, url TEXT, account TEXT) STRICT;"
	    "CREATE TABLE mention(n INTEGER PRIMARY KEY, other TEXT,"
	    " handle TEXT, name TEXT, t TEXT) STRICT; BEGIN");
	MUST(sqlite3_prepare_v2(s.db,
		 "INSERT INTO post VALUES(NULL,?,?,?,?,?,?,?,?,?)", -1, &s.post,
		 NULL) == SQLITE_OK);
	MUST(
	    sqlite3_prepare_v2(s.db, "INSERT INTO mention VALUES(NULL,?,?,?,?)",
		-1, &s.mention, NULL) == SQLITE_OK);
}

static void
close_database(void)
{
	sql("COMMIT; CREATE INDEX a ON post(id); CREATE INDEX b ON post(t);"
	    "CREATE INDEX c ON mention(other);"
	    "CREATE VIRTUAL TABLE words USING fts5(text, content='',"
	    " tokenize='unicode61 remove_diacritics 2');"
	    "INSERT INTO words(rowid, text) SELECT n, text FROM post");
	(void)sqlite3_finalize(s.post);
	(void)sqlite3_finalize(s.mention);
	MUST(sqlite3_close(s.db) == SQLITE_OK);
}

static void
parse(yajl_handle parser, const unsigned char *text, size_t len, int *begun)
{
	const unsigned char *from = text;

	/* window.YTD.tweets.part0 = */
	if (!*begun && !s.lines)
		from = memchr(text, '=', len);
	MUST(from != NULL);
	from += *begun || s.lines ? 0 : 1;
	*begun = 1;
	MUST(yajl_parse(parser, from, len - (size_t)(from - text)) ==
	     yajl_status_ok);
}

int
main(int argc, char *argv[])
{
	static const yajl_callbacks calls = { other, boolean, NULL, NULL,
		number, string, begin, key, end, begin, end_array };
	static unsigned char chunk[CHUNK];
	unsigned char hash[32];
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	yajl_handle parser = yajl_alloc(&calls, NULL, NULL);
	int begun = 0;
	FILE *f;
	size_t n;

	MUST(argc == 4);
	s.lines = strcmp(argv[1], "lines") == 0;
	s.wanted = -1;
	f = fopen(argv[2], "rb");
	MUST(f != NULL && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1);
	MUST(yajl_config(parser, yajl_allow_multiple_values, s.lines) == 1);
	open_database(argv[3]);
	while ((n = fread(chunk, 1, CHUNK, f)) > 0) {
		MUST(EVP_DigestUpdate(sha, chunk, n) == 1);
		parse(parser, chunk, n, &begun);
	}
	MUST(yajl_complete_parse(parser) == yajl_status_ok);
	MUST(EVP_DigestFinal_ex(sha, hash, NULL) == 1);
	close_database();
	(void)fclose(f);
	yajl_free(parser);
	EVP_MD_CTX_free(sha);
	printf("%jd rows, %02x%02x\n", (intmax_t)s.rows, hash[0], hash[1]);
	return 0;
}
