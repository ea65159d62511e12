/* seal/note: heads that are taken, and those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seal/note.h"

/*
 * The first example of RFC 8032, 7.1 as PEM, so that every byte of the note
 * is known.
 */
static const char key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static const char ec_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEymLWbbUEz3hC4pheFQaozHCf+1Yn\n"
    "MaJ5u5gB5f+O0TZ+7jbdiTibptmnjkb4vERKmoFIxlxaKfAvuLYw+9syiw==\n"
    "-----END PUBLIC KEY-----\n";

static struct ev_logkey *
known_key(void)
{
	struct ev_logkey *key = NULL;
	struct ev_err err;

	assert_int_equal(ev_logkey_read(&key, key_pem, sizeof(key_pem) - 1,
			     NULL, &err),
	    EV_OK);
	return key;
}

static struct ev_merkle_head
some_head(void)
{
	struct ev_merkle_head head = { .size = 42 };

	memset(head.root, 0xa5, sizeof(head.root));
	return head;
}

static void
make(struct ev_buf *note)
{
	const struct ev_merkle_head head = some_head();
	struct ev_logkey *key = known_key();
	struct ev_err err;

	ev_buf_init(note, EV_NOTE_LIMIT);
	assert_int_equal(ev_note_make(note, "example.org/case-1", &head, key,
			     &err),
	    EV_OK);
	ev_logkey_free(key);
}

static enum ev_rc
check(const void *data, size_t len, struct ev_err *err)
{
	struct ev_logkey *key = known_key();
	struct ev_note note;
	enum ev_rc rc;

	rc = ev_note_parse(&note, data, len, err);
	if (rc == EV_OK)
		rc = ev_note_verify(&note, NULL, key, err);
	ev_logkey_free(key);
	return rc;
}

static void
a_head_is_three_lines_and_a_signature(void **state)
{
	static const char text[] =
	    "example.org/case-1\n42\n"
	    "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\n"
	    "\xe2\x80\x94 example.org/case-1 ";
	const struct ev_merkle_head head = some_head();
	struct ev_note note;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	make(&buf);
	assert_memory_equal(buf.data, text, sizeof(text) - 1);
	assert_int_equal(buf.len, sizeof(text) - 1 + 92 + 1);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err), EV_OK);
	assert_string_equal(note.origin, "example.org/case-1");
	assert_int_equal(note.head.size, 42);
	assert_memory_equal(note.head.root, head.root, EV_SHA256);
	assert_int_equal(note.lines, 1);
	assert_int_equal(check(buf.data, buf.len, &err), EV_OK);
	/* A log without an entry has a head too; 0 is no leading zero. */
	memcpy(buf.data + strlen("example.org/case-1\n"), "0\n", 2);
	memmove(buf.data + strlen("example.org/case-1\n0\n"),
	    buf.data + strlen("example.org/case-1\n42\n"),
	    buf.len - strlen("example.org/case-1\n42\n"));
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len - 1, &err),
	    EV_OK);
	assert_int_equal(note.head.size, 0);
	assert_int_equal(check(buf.data, buf.len - 1, &err), EV_MISMATCH);
	ev_buf_release(&buf);
}

static void
every_flipped_bit_is_found(void **state)
{
	struct ev_buf buf;
	struct ev_err err;
	size_t n;
	int bit;

	(void)state;
	make(&buf);
	for (n = 0; n < buf.len; n++) {
		for (bit = 0; bit < 8; bit++) {
			buf.data[n] ^= (unsigned char)(1 << bit);
			assert_int_not_equal(check(buf.data, buf.len, &err),
			    EV_OK);
			buf.data[n] ^= (unsigned char)(1 << bit);
		}
	}
	assert_int_equal(check(buf.data, buf.len, &err), EV_OK);
	ev_buf_release(&buf);
}

static void
every_shortened_note_is_refused(void **state)
{
	struct ev_buf buf;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&buf);
	for (n = 0; n < buf.len; n++)
		assert_int_equal(check(buf.data, n, &err), EV_INPUT);
	ev_buf_release(&buf);
}

static void
another_key_is_not_taken(void **state)
{
	struct ev_logkey *other = NULL;
	struct ev_note note;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	make(&buf);
	assert_int_equal(ev_logkey_make(&other, &err), EV_OK);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err), EV_OK);
	assert_int_equal(ev_note_verify(&note, NULL, other, &err), EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the head is not signed by this key of 'example.org/case-1'");
	ev_logkey_free(other);
	ev_buf_release(&buf);
}

static void
a_second_key_can_sign_the_same_head(void **state)
{
	struct ev_logkey *witness = NULL;
	struct ev_note note;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	make(&buf);
	assert_int_equal(ev_logkey_make(&witness, &err), EV_OK);
	assert_int_equal(ev_note_countersign(&buf, "witness", witness, &err),
	    EV_OK);
	assert_int_equal(ev_note_countersign(&buf, "a b", witness, &err),
	    EV_USE);
	assert_int_equal(check(buf.data, buf.len, &err), EV_OK);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err), EV_OK);
	assert_int_equal(note.lines, 2);
	assert_int_equal(ev_note_verify(&note, "witness", witness, &err),
	    EV_OK);
	assert_int_equal(ev_note_verify(&note, NULL, witness, &err),
	    EV_MISMATCH);
	ev_logkey_free(witness);
	ev_buf_release(&buf);
}

static void
no_note_has_more_signatures_than_there_is_room_for(void **state)
{
	struct ev_logkey *key = known_key();
	struct ev_note note;
	struct ev_buf buf;
	struct ev_err err;
	int n;

	(void)state;
	make(&buf);
	for (n = 1; n < EV_NOTE_LINES; n++)
		assert_int_equal(ev_note_countersign(&buf, "w", key, &err),
		    EV_OK);
	assert_int_equal(ev_note_countersign(&buf, "w", key, &err), EV_LIMIT);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err), EV_OK);
	assert_int_equal(ev_buf_puts(&buf, "\xe2\x80\x94 w AAAAAAA=\n", &err),
	    EV_OK);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "a head with more than 8 signatures");
	buf.limit *= 2;
	while (buf.len <= EV_NOTE_LIMIT)
		assert_int_equal(ev_buf_putc(&buf, 'x', &err), EV_OK);
	assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "a head of more than 16384 bytes");
	ev_logkey_free(key);
	ev_buf_release(&buf);
}

static void
malformed_heads_name_the_line(void **state)
{
	static const struct {
		const char *note, *msg;
	} bad[] = {
		{ "", "line 1 of a head is no origin" },
		{ "a b\n", "line 1 of a head is no origin" },
		{ "a\n-1\n", "line 2 of a head is no size" },
		{ "a\n042\n", "line 2 of a head is no size" },
		{ "a\n9223372036854775808\n", "line 2 of a head is no size" },
		{ "a\n\n", "line 2 of a head is no size" },
		{ "a\n1\n\n", "line 3 of a head is no root in base64" },
		{ "a\n1\nAAA\n", "line 3 of a head is no root in base64" },
		{ "a\n1\nAA==\n", "line 3 of a head is no root in base64" },
		{ "a\n1\nAAAA\n", "line 3 of a head is no root in base64" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaV=\n",
		    "line 3 of a head is no root in base64" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\nx\n",
		    "line 4 of a head is not empty: no extension is known" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\n",
		    "a head without a signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\n- a "
		  "AAAA\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\n- a\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\nx a "
		  "AAAAAAAA\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU="
		  "\n\n\xe2\x80\x94 aAAAAAAAAAA\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU="
		  "\n\n\xe2\x80\x94 a AAAAAA==\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU="
		  "\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
		    "line 5 of a head is no signature" },
		{ "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU="
		  "\n\n\xe2\x80\x94 a AAAAAAAA",
		    "line 5 of a head is no signature" },
	};
	struct ev_note note;
	struct ev_err err;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		assert_int_equal(ev_note_parse(&note, bad[n].note,
				     strlen(bad[n].note), &err),
		    EV_INPUT);
		assert_string_equal(err.msg, bad[n].msg);
	}
}

static void
the_key_goes_out_and_comes_back(void **state)
{
	struct ev_logkey *key = known_key(), *again = NULL;
	unsigned char id[EV_NOTE_KEY_ID], other[EV_NOTE_KEY_ID];
	const struct ev_merkle_head head = some_head();
	struct ev_buf pem, note, secret;
	struct ev_pass pass = ev_pass_buf(&secret);
	struct ev_err err;

	(void)state;
	ev_buf_init(&pem, 4096);
	ev_buf_init(&note, 4096);
	ev_buf_init(&secret, 64);
	assert_int_equal(ev_buf_puts(&secret, "correct horse", &err), EV_OK);
	assert_int_equal(ev_logkey_private_pem(key, NULL, &pem, &err), EV_OK);
	assert_string_equal(ev_buf_text(&pem), key_pem);

	ev_buf_clear(&pem);
	assert_int_equal(ev_logkey_private_pem(key, &pass, &pem, &err), EV_OK);
	assert_non_null(strstr(ev_buf_text(&pem), "ENCRYPTED"));
	assert_int_equal(ev_logkey_read(&again, pem.data, pem.len, NULL, &err),
	    EV_USE);
	assert_string_equal(err.msg,
	    "the log key is encrypted and no passphrase was given");
	assert_int_equal(ev_logkey_read(&again, pem.data, pem.len, &pass, &err),
	    EV_OK);
	assert_int_equal(ev_logkey_id(key, "a", id, &err), EV_OK);
	assert_int_equal(ev_logkey_id(again, "a", other, &err), EV_OK);
	assert_memory_equal(id, other, sizeof(id));
	ev_logkey_free(again);
	secret.data[0] = 'C';
	assert_int_equal(ev_logkey_read(&again, pem.data, pem.len, &pass, &err),
	    EV_INPUT);
	assert_null(again);

	ev_buf_clear(&pem);
	assert_int_equal(ev_logkey_public_pem(key, &pem, &err), EV_OK);
	assert_int_equal(ev_logkey_read(&again, pem.data, pem.len, NULL, &err),
	    EV_OK);
	assert_int_equal(ev_note_make(&note, "a", &head, again, &err), EV_USE);
	assert_int_equal(ev_logkey_private_pem(again, NULL, &pem, &err),
	    EV_USE);
	ev_logkey_free(again);
	ev_logkey_free(key);
	ev_buf_release(&pem);
	ev_buf_release(&note);
	ev_buf_release(&secret);
}

static void
a_key_of_another_kind_is_refused(void **state)
{
	struct ev_logkey *key = NULL;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_logkey_read(&key, ec_pem, sizeof(ec_pem) - 1, NULL,
			     &err),
	    EV_INPUT);
	assert_null(key);
	assert_int_equal(ev_logkey_read(&key, "nothing", 7, NULL, &err),
	    EV_INPUT);
	assert_null(key);
}

/* For tests/interop/note.sh: the note, the key, and the parts to check. */
static void
write_file(const char *dir, const char *name, const void *data, size_t len)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
other_tools_get_their_files(void **state)
{
	const char *dir = getenv("EV_INTEROP_DIR");
	struct ev_logkey *key = known_key();
	struct ev_note note;
	struct ev_buf buf, pem;
	struct ev_err err;

	(void)state;
	if (dir != NULL) {
		make(&buf);
		ev_buf_init(&pem, 4096);
		assert_int_equal(ev_note_parse(&note, buf.data, buf.len, &err),
		    EV_OK);
		assert_int_equal(ev_logkey_public_pem(key, &pem, &err), EV_OK);
		write_file(dir, "note", buf.data, buf.len);
		write_file(dir, "log-key.pem", pem.data, pem.len);
		ev_buf_release(&pem);
		ev_buf_release(&buf);
	}
	ev_logkey_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_three_lines_and_a_signature),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(every_shortened_note_is_refused),
		cmocka_unit_test(another_key_is_not_taken),
		cmocka_unit_test(a_second_key_can_sign_the_same_head),
		cmocka_unit_test(
		    no_note_has_more_signatures_than_there_is_room_for),
		cmocka_unit_test(malformed_heads_name_the_line),
		cmocka_unit_test(the_key_goes_out_and_comes_back),
		cmocka_unit_test(a_key_of_another_kind_is_refused),
		cmocka_unit_test(other_tools_get_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
