/* What the files of the vault share: names, and the open segment. */
#ifndef EV_STORE_VAULT_ROOM_H
#define EV_STORE_VAULT_ROOM_H

#include "evidence/buf.h"
#include "seal/zip.h"
#include "store/vault.h"

enum { EV_VAULT_NAME = 32 };

struct ev_vault {
	struct ev_db *db; /* borrowed */
	int dir;          /* borrowed: vault/ */
	bool paranoid;
	int64_t next; /* number of the next exhibit */

	/* The open segment; fd is -1 while there is none. */
	int fd;
	int64_t segment;
	int64_t end;    /* bytes appended */
	int64_t synced; /* of these, named by the row */
	int64_t behind; /* of these, on their way to the disc */
	int64_t entries;
	struct ev_buf header;

	struct ev_stmt *insert, *same;
	int spool; /* file without a name, -1: none */
	int64_t spool_size;
	bool spool_named; /* it has the name SPOOL: no O_TMPFILE here */
};

/* "P0001.zip" and "E000001": of a segment, of an exhibit. */
void ev_vault_segment_name(char name[EV_VAULT_NAME], int64_t segment);
void ev_vault_exhibit_name(char name[EV_VAULT_NAME], int64_t exhibit);

/* Is this a name that the vault gives, and is there a row for it? */
EV_CHECK
enum ev_rc ev_vault_named(struct ev_db *db, const char *name, bool *ours,
    bool *named, struct ev_err *err);

/* The zip entry of an exhibit: fixed by its row. */
struct ev_vault_stored {
	int64_t exhibit, size, offset; /* offset: of the bytes */
	uint32_t crc;
	char name[EV_VAULT_NAME];
};
void ev_vault_entry(struct ev_zip_entry *entry, struct ev_vault_stored *stored);

/* Where equal bytes lie already: EV_EOF if nowhere. */
struct ev_vault_place {
	int64_t stored;
	int64_t segment; /* 0: a file of its own */
	int64_t offset;
};
EV_CHECK
enum ev_rc ev_vault_same(struct ev_vault *v, const struct ev_digests *d,
    struct ev_vault_place *place, struct ev_err *err);
EV_CHECK
enum ev_rc ev_vault_insert(struct ev_vault *v, const struct ev_vault_row *row,
    const struct ev_digests *d, const struct ev_vault_place *place,
    int64_t *exhibit, struct ev_err *err);

/* Central directory and end record of a segment, from its rows. */
EV_CHECK
enum ev_rc ev_vault_directory(struct ev_buf *out, struct ev_db *db,
    int64_t segment, int64_t start, struct ev_err *err);

/* EV_SYS: the file is not that long. */
EV_CHECK
enum ev_rc ev_vault_length(int fd, int64_t length, struct ev_err *err);

/* Re-read size bytes at offset of fd: EV_MISMATCH if they are others. */
EV_CHECK
enum ev_rc ev_vault_rehash(int fd, int64_t offset, const struct ev_digests *d,
    struct ev_err *err);

#endif
