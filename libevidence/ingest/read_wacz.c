/* reader wacz: what a web archive in a zip says it holds, and who signed it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonread.h"
#include "evidence/text.h"
#include "ingest/nodes.h"
#include "ingest/textline.h"
#include "ingest/warcsum.h"
#include "seal/foreign.h"

enum { LABEL = 160, WHY = 160 };

struct wacz {
	struct ev_pass *pass;
	struct ev_err *err;
	const unsigned char *data; /* the document */
	size_t len;
	struct ev_nodes nodes;
};

/* A string that is text, else nothing. */
static struct ev_bytes
text_of(const struct ev_json_node *up, const char *key)
{
	const unsigned bad =
	    EV_JSON_N_BAD_UTF8 | EV_JSON_N_SURROGATE | EV_JSON_N_NUL;
	const struct ev_json_node *node = ev_json_get(up, key);

	if (node == NULL || node->type != EV_JSON_STRING ||
	    (node->notes & bad) != 0)
		return EV_BYTES(NULL, 0);
	return EV_BYTES(node->text, node->text_len);
}

static void
copy(struct wacz *w, const char *key, const struct ev_json_node *up,
    const char *from)
{
	ev_nodes_copy(&w->nodes, w->nodes.root, key, ev_json_get(up, from));
}

static void
add(struct wacz *w, const char *key, const char *text)
{
	if (text[0] != '\0')
		(void)ev_nodes_word(&w->nodes, w->nodes.root, key, text);
}

/* The record that stands at node, with its pointer. */
static enum ev_rc
show(struct wacz *w, const struct ev_json_node *node, const char *pointer)
{
	struct ev_record record = { w->nodes.root, w->data, 0,
		(int64_t)node->offset, (int64_t)(node->offset + node->length),
		false };
	enum ev_rc rc;

	w->nodes.root->offset = node->offset;
	w->nodes.root->length = node->length;
	rc = ev_nodes_end(&w->nodes, w->err);
	ev_buf_clear(&w->pass->pointer);
	if (rc == EV_OK)
		rc = ev_buf_puts(&w->pass->pointer, pointer, w->err);
	return rc == EV_OK ? ev_pass_record(w->pass, &record, w->err) : rc;
}

/* What a neighbour's bytes say of a digest; why: unless ok. */
struct check {
	struct ev_bytes path;
	char label[LABEL]; /* "sha256:..." */
	int64_t bytes;     /* -1: not stated */
	enum ev_sum result;
	char why[WHY];
};

static enum ev_rc
check_neighbour(struct wacz *w, struct check *c)
{
	const struct ev_siblings *siblings = w->pass->in->siblings;
	struct ev_sibling sibling;
	enum ev_rc rc;

	c->result = EV_SUM_UNCHECKED;
	c->why[0] = '\0';
	if (siblings == NULL || c->path.data == NULL) {
		(void)snprintf(c->why, sizeof(c->why), "%s",
		    siblings == NULL ? "it was not read in its archive"
				     : "no path is given");
		return EV_OK;
	}
	rc = siblings->find(siblings->ctx, c->path.data, c->path.len, &sibling,
	    w->err);
	if (rc == EV_EOF || rc == EV_LIMIT) {
		c->result = rc == EV_EOF ? EV_SUM_DIFFERS : EV_SUM_UNCHECKED;
		(void)snprintf(c->why, sizeof(c->why), "%.150s",
		    rc == EV_EOF ? "the archive has no such member"
				 : w->err->msg);
		return EV_OK;
	}
	if (rc != EV_OK)
		return rc;
	c->result =
	    c->label[0] == '\0'
		? EV_SUM_UNCHECKED
		: ev_sum_compare(c->label, strlen(c->label), &sibling.digests);
	if (c->result == EV_SUM_UNCHECKED)
		(void)snprintf(c->why, sizeof(c->why),
		    c->label[0] == '\0' ? "no digest is stated"
					: "unknown algorithm");
	else if (c->result == EV_SUM_DIFFERS)
		(void)snprintf(c->why, sizeof(c->why), "the bytes are others");
	if (c->bytes >= 0 && c->bytes != sibling.size) {
		c->result = EV_SUM_DIFFERS;
		(void)snprintf(c->why, sizeof(c->why),
		    "%jd bytes are stated, %jd are there", (intmax_t)c->bytes,
		    (intmax_t)sibling.size);
	}
	return EV_OK;
}

/* As sha256:HEX; older files name the algorithm beside it. */
static void
take_label(struct check *c, struct ev_bytes hash, struct ev_bytes algorithm)
{
	const bool whole =
	    hash.data != NULL && memchr(hash.data, ':', hash.len) != NULL;

	c->label[0] = '\0';
	if (hash.data == NULL || hash.len + algorithm.len + 2 > LABEL)
		return;
	if (whole)
		(void)snprintf(c->label, LABEL, "%.*s", (int)hash.len,
		    (const char *)hash.data);
	else
		(void)snprintf(c->label, LABEL, "%.*s:%.*s",
		    algorithm.data == NULL ? 6 : (int)algorithm.len,
		    algorithm.data == NULL ? "sha256"
					   : (const char *)algorithm.data,
		    (int)hash.len, (const char *)hash.data);
}

static void
add_check(struct wacz *w, const struct check *c)
{
	add(w, "digest", c->label);
	add(w, "check", ev_sum_word(c->result));
	add(w, "why", c->why);
	if (c->result != EV_SUM_UNCHECKED)
		add(w, "digest-ok", c->result == EV_SUM_OK ? "true" : "false");
}

static enum ev_rc
one_resource(struct wacz *w, const struct ev_json_node *node, int64_t index)
{
	const struct ev_json_node *stats = ev_json_get(node, "stats");
	struct check c = { .path = text_of(node, "path"), .bytes = -1 };
	char pointer[48], detail[64];
	enum ev_rc rc;

	if (stats == NULL)
		stats = node;
	take_label(&c, text_of(stats, "hash"), text_of(node, "hashing"));
	if (!ev_json_get_int(stats, "bytes", &c.bytes))
		c.bytes = -1;
	ev_nodes_clear(&w->nodes);
	copy(w, "path", node, "path");
	copy(w, "bytes", stats, "bytes");
	rc = check_neighbour(w, &c);
	add_check(w, &c);
	(void)snprintf(pointer, sizeof(pointer), "/resources/%jd",
	    (intmax_t)index);
	if (rc == EV_OK)
		rc = show(w, node, pointer);
	if (rc != EV_OK || c.result != EV_SUM_DIFFERS)
		return rc;
	(void)snprintf(detail, sizeof(detail), "%.60s", c.why);
	return ev_pass_note(w->pass, "wacz-hash-differs", detail,
	    (int64_t)node->offset, w->err);
}

static enum ev_rc
read_package(struct wacz *w, const struct ev_json_node *root)
{
	const struct ev_json_node *resources = ev_json_get(root, "resources"),
				  *one;
	enum ev_rc rc;
	int64_t n = 0;

	ev_nodes_clear(&w->nodes);
	add(w, "package", "true");
	copy(w, "wacz-version", root, "wacz_version");
	copy(w, "software", root, "software");
	copy(w, "created", root, "created");
	copy(w, "title", root, "title");
	copy(w, "main-page-url", root, "mainPageUrl");
	copy(w, "main-page-date", root, "mainPageDate");
	rc = show(w, root, "");
	if (resources == NULL || resources->type != EV_JSON_ARRAY)
		return rc;
	for (one = resources->child; one != NULL && rc == EV_OK;
	     one = one->next)
		if (one->type == EV_JSON_OBJECT)
			rc = one_resource(w, one, n++);
	return rc;
}

/* Base64 in a string of the document, decoded. */
static bool
decode(struct ev_buf *out, const struct ev_json_node *up, const char *key)
{
	struct ev_bytes text = text_of(up, key);
	struct ev_err err;

	ev_buf_init(out, EV_FOREIGN_LIMIT);
	return text.data != NULL && text.len > 0 &&
	       ev_text_unbase64(out, text.data, text.len, &err) == EV_OK;
}

/* A token is over the signature as it is written. */
static void
add_token(struct wacz *w, const struct ev_json_node *signed_data)
{
	struct ev_foreign_token *token = malloc(sizeof(*token));
	enum ev_foreign over = EV_FOREIGN_UNCHECKED;
	struct ev_buf der;
	struct ev_err err;

	if (decode(&der, signed_data, "timeSignature") && token != NULL) {
		if (ev_foreign_token(token, EV_BYTES_BUF(&der), &err) !=
		    EV_OK) {
			add(w, "time-check", "not checked");
			add(w, "time-why", err.msg);
		} else {
			over = ev_foreign_covers(token,
			    text_of(signed_data, "signature"));
			if (over == EV_FOREIGN_OK)
				over = token->signature;
			add(w, "time", token->time);
			add(w, "time-signer", token->signer);
			add(w, "time-check", ev_foreign_word(over));
			add(w, "time-why",
			    over == EV_FOREIGN_DIFFERS && token->why[0] == '\0'
				? "the token covers something else"
				: token->why);
		}
	}
	ev_buf_release(&der);
	free(token);
}

static enum ev_foreign
add_signature(struct wacz *w, const struct ev_json_node *signed_data,
    struct ev_bytes hash)
{
	struct ev_foreign_signature s = { .data = hash,
		.pem = text_of(signed_data, "domainCert") };
	struct ev_bytes own = text_of(signed_data, "hash");
	enum ev_foreign verdict = EV_FOREIGN_UNCHECKED;
	struct ev_buf signature, key;
	bool has = decode(&signature, signed_data, "signature");

	s.signature = EV_BYTES_BUF(&signature);
	if (decode(&key, signed_data, "publicKey"))
		s.key = EV_BYTES_BUF(&key);
	if (!has || hash.data == NULL) {
		(void)snprintf(s.why, sizeof(s.why),
		    "there is no signature that can be read");
	} else if (own.data != NULL &&
		   (own.len != hash.len ||
		       memcmp(own.data, hash.data, own.len) != 0)) {
		verdict = EV_FOREIGN_DIFFERS;
		(void)snprintf(s.why, sizeof(s.why),
		    "what is signed is another hash than the one stated");
	} else {
		verdict = ev_foreign_verify(&s);
	}
	add(w, "signature-check", ev_foreign_word(verdict));
	add(w, "signature-why", s.why);
	add(w, "signer", s.name);
	add(w, "key", s.fingerprint);
	add(w, "valid-from", s.from);
	add(w, "valid-until", s.until);
	if (verdict != EV_FOREIGN_UNCHECKED)
		add(w, "signature-ok",
		    verdict == EV_FOREIGN_OK ? "true" : "false");
	ev_buf_release(&signature);
	ev_buf_release(&key);
	return verdict;
}

static enum ev_rc
read_digest(struct wacz *w, const struct ev_json_node *root)
{
	const struct ev_json_node *signed_data =
	    ev_json_get(root, "signedData");
	struct check c = { .path = text_of(root, "path"), .bytes = -1 };
	enum ev_foreign verdict = EV_FOREIGN_UNCHECKED;
	enum ev_rc rc;

	take_label(&c, text_of(root, "hash"), EV_BYTES(NULL, 0));
	ev_nodes_clear(&w->nodes);
	add(w, "signature", "true");
	copy(w, "path", root, "path");
	rc = check_neighbour(w, &c);
	add_check(w, &c);
	if (signed_data != NULL) {
		copy(w, "created", signed_data, "created");
		copy(w, "software", signed_data, "software");
		copy(w, "domain", signed_data, "domain");
		verdict = add_signature(w, signed_data, text_of(root, "hash"));
		add_token(w, signed_data);
	}
	if (rc == EV_OK)
		rc = show(w, root, "");
	if (rc == EV_OK && c.result == EV_SUM_DIFFERS)
		rc = ev_pass_note(w->pass, "wacz-hash-differs",
		    "datapackage.json", 0, w->err);
	if (rc == EV_OK && verdict == EV_FOREIGN_DIFFERS)
		rc = ev_pass_note(w->pass, "wacz-signature-differs", "", 0,
		    w->err);
	return rc;
}

static enum ev_rc
read_document(struct wacz *w)
{
	struct ev_loss loss = { -1, 0, (int64_t)w->len, "syntax", NULL };
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	char message[WHY];
	enum ev_rc rc;

	rc = ev_json_record(&doc, w->data, w->len, 0, w->err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		(void)snprintf(message, sizeof(message), "%.150s", w->err->msg);
		loss.message = message;
		rc = ev_pass_lose_record(w->pass, &loss, w->err);
	} else if (rc == EV_OK) {
		root = ev_json_root(doc);
		rc = ev_json_get(root, "signedData") != NULL ||
			     (ev_json_get(root, "hash") != NULL &&
				 ev_json_get(root, "resources") == NULL)
			 ? read_digest(w, root)
			 : read_package(w, root);
	}
	ev_json_free(doc);
	return rc;
}

enum ev_rc
ev_read_wacz(struct ev_pass *pass, struct ev_err *err)
{
	struct wacz w = { .pass = pass, .err = err };
	struct ev_textlines lines;
	bool whole;
	enum ev_rc rc;

	ev_nodes_init(&w.nodes, EV_ROW_LIMIT);
	ev_textlines_init(&lines, &pass->view);
	rc = ev_textlines_fill(&lines, &whole, err);
	w.data = lines.data;
	w.len = lines.len;
	if (rc == EV_OK && !whole)
		rc = ev_pass_lose_rest(pass, 0, "too-long",
		    "a description of at most 16 MiB was expected", err);
	else if (rc == EV_OK)
		rc = read_document(&w);
	ev_textlines_release(&lines);
	ev_nodes_release(&w.nodes);
	return rc;
}
