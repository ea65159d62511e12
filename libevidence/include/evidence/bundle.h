/* The case as one signed container that stands alone. */
#ifndef EVIDENCE_BUNDLE_H
#define EVIDENCE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/pass.h"
#include "evidence/progress.h"
#include "evidence/stamp.h"

enum { EV_BUNDLE_PATH = 4096 };

struct ev_bundle_result;
struct ev_bundle {
	const char *out;            /* must not exist */
	int64_t checkpoint;         /* a head's size; 0: the newest */
	const char *const *keys;    /* signers; NULL: the actor's own key */
	const char *const *chains;  /* PEM files to embed; NULL: none */
	const struct ev_pass *pass; /* for the keys; NULL: none to be had */
	const char *const *tsa; /* addresses; NULL: the built-in authority */
	const char *profile;    /* text of the profile file, or NULL */
	const char *profile_name;
	/*
	 * "ID=CODE": exhibits and facts that are withheld (ev-bundle(1)),
	 * NULL-terminated, or NULL; the act names who authorised it.
	 */
	const char *const *withhold;
	/* Certificates to encrypt the file to, PEM or DER; NULL: to nobody. */
	const struct ev_buf *recipient;
	size_t recipients;
	/*
	 * Bytes of a volume at most; 0: all in one file.  Volumes stand beside
	 * out, with .001 and so on before its ending; wrote is told of each.
	 */
	int64_t volume_size;
	void (*wrote)(void *ctx, const struct ev_bundle_result *result);
	void *wrote_ctx;
	bool draft; /* blanks for people may be empty */
	bool allow_self_stamped;
	ev_progress_fn *progress; /* or NULL */
	void *progress_ctx;
};

struct ev_bundle_result {
	char content
	    [65]; /* the content digest: same for each export of a head */
	char sha256[65]; /* of the bundle */
	char sealed[65]; /* of the file, where that is encrypted, else "" */
	int64_t head;    /* entries that the bundle covers */
	int64_t parts;
	int64_t bytes;
	int64_t volume, volumes; /* 0: it is no volume */
	char path[EV_BUNDLE_PATH];
	int64_t withheld;   /* lines that are not shown */
	int64_t unsearched; /* exhibits in which a leak could not be sought */
	int64_t
	    secrets; /* exhibits with cookies or credentials, not withheld */
};

/*
 * Write the container of evidence-bundle(5), then enter the export in the log
 * and seal it.  EV_USE: no signer, one whose certificate nobody was enrolled
 * with, no such head, the profile forbids it, or what is to be withheld stands
 * elsewhere in the bundle too.  Keys are loaded first: one that cannot sign is
 * told of before anything is written.
 */
EV_CHECK
enum ev_rc ev_bundle_write(struct ev_case *c, const struct ev_bundle *how,
    struct ev_bundle_result *result, struct ev_err *err);

/*
 * One more archive time stamp over all that is in a bundle, by each authority
 * in turn: the manifest of the round before gets its number as its name, the
 * new one names every file but mimetype (ETSI EN 319 162-1, 4.4.4).  path
 * stays as it is; out is the same bundle with two files more.
 */
struct ev_bundle_renewal {
	const char *path;
	const char *out;        /* must not exist */
	const char *const *tsa; /* addresses, NULL-terminated */
	int seconds, tries;     /* as in struct ev_stamping */
};

/*
 * EV_MISMATCH: path is not intact, and nothing was written.  EV_PARTIAL: not
 * every authority answered.  EV_SYS: none did.  told gets subject "archive"
 * and the number of the round.
 */
EV_CHECK
enum ev_rc ev_bundle_renew(const struct ev_bundle_renewal *how,
    ev_stamped_fn *told, void *ctx, struct ev_err *err);

#endif
