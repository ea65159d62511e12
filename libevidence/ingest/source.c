/* An archive as one stream of members, read by place and never unpacked. */
#include <string.h>

#include "ingest/source.h"
#include "ingest/source_own.h"

static const struct {
	const char *name;
	bool standard; /* opened unasked */
	bool seeks;
	size_t offset;
	size_t len;
	const char *magic;
} known[EV_CONTAINERS] = {
	[EV_CT_NONE] = { "", false, false, 0, 0, NULL },
	[EV_CT_ZIP] = { "zip", true, true, 0, 4, "PK\3\4" },
	[EV_CT_TAR] = { "tar", true, false, 0, 0, NULL },
	[EV_CT_GZIP] = { "gzip", true, false, 0, 3, "\x1f\x8b\x08" },
	[EV_CT_XZ] = { "xz", true, false, 0, 6, "\xfd\x37zXZ\0" },
	[EV_CT_ZSTD] = { "zstd", true, false, 0, 4, "\x28\xb5\x2f\xfd" },
	[EV_CT_7ZIP] = { "7zip", false, true, 0, 6, "7z\xbc\xaf\x27\x1c" },
	[EV_CT_RAR] = { "rar", false, true, 0, 7, "Rar!\x1a\7\0" },
	[EV_CT_RAR5] = { "rar5", false, true, 0, 8, "Rar!\x1a\7\1\0" },
	[EV_CT_ISO9660] = { "iso9660", false, true, 32769, 5, "CD001" },
	[EV_CT_CAB] = { "cab", false, false, 0, 4, "MSCF" },
	[EV_CT_LHA] = { "lha", false, false, 2, 3, "-lh" },
	[EV_CT_XAR] = { "xar", false, false, 0, 4, "xar!" },
	[EV_CT_CPIO] = { "cpio", false, false, 0, 5, "07070" },
	[EV_CT_AR] = { "ar", false, false, 0, 8, "!<arch>\n" },
	[EV_CT_BZIP2] = { "bzip2", false, false, 0, 3, "BZh" },
	[EV_CT_LZ4] = { "lz4", false, false, 0, 4, "\x04\x22\x4d\x18" },
	[EV_CT_COMPRESS] = { "compress", false, false, 0, 2, "\x1f\x9d" },
};

const char *
ev_container_name(enum ev_container container)
{
	return known[container].name;
}

bool
ev_container_seeks(enum ev_container container)
{
	return known[container].seeks;
}

/* A short magic that plain text could begin with is looked at once more. */
static bool
is_really(enum ev_container c, const unsigned char *head, size_t len)
{
	if (c == EV_CT_BZIP2)
		return len >= 10 && memcmp(head + 4, "1AY&SY", 6) == 0;
	if (c == EV_CT_LHA)
		return len >= 7 && head[6] == '-' && head[0] >= 20;
	if (c == EV_CT_CPIO)
		return len >= 6 && strchr("127", head[5]) != NULL &&
		       head[5] != '\0';
	return true;
}

enum ev_container
ev_container_sniff(const unsigned char *head, size_t len)
{
	enum ev_container c;

	for (c = EV_CT_ZIP; c < EV_CONTAINERS; c++) {
		if (known[c].len > 0 && len >= known[c].offset + known[c].len &&
		    memcmp(head + known[c].offset, known[c].magic,
			known[c].len) == 0 &&
		    is_really(c, head, len))
			return c;
	}
	/* A zip without members is its end record alone. */
	if (len >= 22 && memcmp(head, "PK\5\6", 4) == 0)
		return EV_CT_ZIP;
	return ev_tar_sniff(head, len) ? EV_CT_TAR : EV_CT_NONE;
}

enum ev_rc
ev_container_set(uint32_t *set, const char *names, struct ev_err *err)
{
	enum ev_container c;
	size_t len;

	*set = 0;
	for (c = EV_CT_ZIP; c < EV_CONTAINERS; c++)
		*set |= known[c].standard ? 1U << c : 0U;
	for (; *names != '\0'; names += len) {
		names += strspn(names, ", ");
		len = strcspn(names, ", ");
		for (c = EV_CT_ZIP; c < EV_CONTAINERS && len > 0; c++) {
			if (strlen(known[c].name) == len &&
			    memcmp(known[c].name, names, len) == 0)
				break;
		}
		if (c == EV_CONTAINERS)
			return ev_fail(err, EV_INPUT,
			    "there is no archive format '%.*s'", (int)len,
			    names);
		if (len > 0)
			*set |= 1U << c;
	}
	return EV_OK;
}

enum ev_rc
ev_source_walk(enum ev_container container, const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err)
{
	if (known[container].seeks && in->pread == NULL)
		return ev_fail(err, EV_USE, "%s is read by seeking",
		    known[container].name);
	switch (container) {
	case EV_CT_ZIP:
		return ev_source_zip(in, out, err);
	case EV_CT_TAR:
		return ev_source_tar(in, out, err);
	case EV_CT_GZIP:
		return ev_source_gzip(in, out, err);
	case EV_CT_NONE:
	case EV_CONTAINERS:
		return ev_fail(err, EV_USE, "not an archive");
	case EV_CT_XZ:
	case EV_CT_ZSTD:
	case EV_CT_7ZIP:
	case EV_CT_RAR:
	case EV_CT_RAR5:
	case EV_CT_ISO9660:
	case EV_CT_CAB:
	case EV_CT_LHA:
	case EV_CT_XAR:
	case EV_CT_CPIO:
	case EV_CT_AR:
	case EV_CT_BZIP2:
	case EV_CT_LZ4:
	case EV_CT_COMPRESS:
		break;
	}
	return ev_source_archive(container, in, out, err);
}

bool
ev_source_mtime(struct ev_source_entry *entry, int64_t seconds, int64_t us)
{
	int64_t instant;

	entry->has_mtime =
	    seconds >= -62135596800 && seconds <= 253402300799 && us >= 0 &&
	    us < 1000000 &&
	    !__builtin_mul_overflow(seconds, (int64_t)1000000, &instant);
	entry->mtime = entry->has_mtime ? instant + us : 0;
	return entry->has_mtime;
}

static bool
ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && memcmp(name + len - n, end, n) == 0;
}

enum ev_rc
ev_source_inner_name(struct ev_buf *name, const struct ev_source_in *in,
    struct ev_err *err)
{
	static const char *const ending[][2] = { { ".gz", "" }, { ".xz", "" },
		{ ".zst", "" }, { ".bz2", "" }, { ".lz4", "" }, { ".Z", "" },
		{ ".tgz", ".tar" }, { ".txz", ".tar" }, { ".tzst", ".tar" },
		{ ".tbz2", ".tar" } };
	size_t i, len = in->name_len;
	enum ev_rc rc;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (!ends_in(in->name, in->name_len, ending[i][0]))
			continue;
		len -= strlen(ending[i][0]);
		rc = ev_buf_put(name, in->name, len, err);
		if (rc == EV_OK)
			rc = ev_buf_puts(name, ending[i][1], err);
		return rc;
	}
	return ev_buf_put(name, in->name, len, err);
}
