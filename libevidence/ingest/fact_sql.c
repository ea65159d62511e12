/* The statements of fact_rows: one pair a kind. */
#include "ingest/fact_rows.h"

/* Order is that of the kind's table (fact.c) and of the schema. */
const struct ev_fact_sql ev_fact_sql[EV_KINDS] = {
	[EV_K_ACCOUNT] = {
	    "INSERT INTO fact_account(fact, holder, email, phone, "
	    "created, created_ip, created_port, created_via, bio, url, "
	    "location_declared, language, tz_declared, protected) "
	    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT holder, email, phone, created, created_ip, "
	    "created_port, created_via, bio, url, location_declared, "
	    "language, tz_declared, protected FROM fact_account WHERE "
	    "fact = ?",
	},
	[EV_K_LOGIN] = {
	    "INSERT INTO fact_login(fact, action, ip, port, ua, "
	    "device_id, device_model, os, app, cookie, network, "
	    "carrier, t_end, success, country_said, region_said, "
	    "city_said) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?)",
	    "SELECT action, ip, port, ua, device_id, device_model, os, "
	    "app, cookie, network, carrier, t_end, success, "
	    "country_said, region_said, city_said FROM fact_login WHERE "
	    "fact = ?",
	},
	[EV_K_IDENTIFIER] = {
	    "INSERT INTO fact_identifier(fact, id_type, value, role, "
	    "verified, verified_at, t_last, carrier, label) VALUES(?, "
	    "?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT id_type, value, role, verified, verified_at, "
	    "t_last, carrier, label FROM fact_identifier WHERE fact = ?",
	},
	[EV_K_DEVICE] = {
	    "INSERT INTO fact_device(fact, device_id, id_type, model, "
	    "os, os_version, app, app_version, carrier, ua, ad_id, "
	    "locale, t_last) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?)",
	    "SELECT device_id, id_type, model, os, os_version, app, "
	    "app_version, carrier, ua, ad_id, locale, t_last FROM "
	    "fact_device WHERE fact = ?",
	},
	[EV_K_POST] = {
	    "INSERT INTO fact_post(fact, post_id, text, lang, client, "
	    "conversation, reply_to, reply_account, repost_of, "
	    "quote_of, audience, place, lat, lon, form, pinned, t_edit, "
	    "t_deleted, url) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?, ?, ?, ?)",
	    "SELECT post_id, text, lang, client, conversation, "
	    "reply_to, reply_account, repost_of, quote_of, audience, "
	    "place, lat, lon, form, pinned, t_edit, t_deleted, url FROM "
	    "fact_post WHERE fact = ?",
	},
	[EV_K_MESSAGE] = {
	    "INSERT INTO fact_message(fact, message_id, conversation, "
	    "conv_name, conv_type, recipient, text, reply_to, fwd_name, "
	    "fwd_id, client, ip, port, device, t_edit, media) VALUES(?, "
	    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT message_id, conversation, conv_name, conv_type, "
	    "recipient, text, reply_to, fwd_name, fwd_id, client, ip, "
	    "port, device, t_edit, media FROM fact_message WHERE fact = "
	    "?",
	},
	[EV_K_MEMBERSHIP] = {
	    "INSERT INTO fact_membership(fact, \"group\", group_name, "
	    "group_type, member, member_name, role, action, \"by\") "
	    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT \"group\", group_name, group_type, member, "
	    "member_name, role, action, \"by\" FROM fact_membership "
	    "WHERE fact = ?",
	},
	[EV_K_EDGE] = {
	    "INSERT INTO fact_edge(fact, edge_type, other, "
	    "other_handle, other_name, post) VALUES(?, ?, ?, ?, ?, ?)",
	    "SELECT edge_type, other, other_handle, other_name, post "
	    "FROM fact_edge WHERE fact = ?",
	},
	[EV_K_MEDIA] = {
	    "INSERT INTO fact_media(fact, owner_id, ref, declared_path, "
	    "resolved, availability, type, url, caption, hash, "
	    "hash_alg, size) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT owner_id, ref, declared_path, resolved, "
	    "availability, type, url, caption, hash, hash_alg, size "
	    "FROM fact_media WHERE fact = ?",
	},
	[EV_K_RENAME] = {
	    "INSERT INTO fact_rename(fact, what, old, new) VALUES(?, ?, "
	    "?, ?)",
	    "SELECT what, old, new FROM fact_rename WHERE fact = ?",
	},
	[EV_K_PLATFORM_CLAIM] = {
	    "INSERT INTO fact_platform_claim(fact, claim, value, "
	    "accuracy, method) VALUES(?, ?, ?, ?, ?)",
	    "SELECT claim, value, accuracy, method FROM "
	    "fact_platform_claim WHERE fact = ?",
	},
	[EV_K_STATUS] = {
	    "INSERT INTO fact_status(fact, status, scope, object, "
	    "country, reason, t_redacted) VALUES(?, ?, ?, ?, ?, ?, ?)",
	    "SELECT status, scope, object, country, reason, t_redacted "
	    "FROM fact_status WHERE fact = ?",
	},
	[EV_K_PLACE] = {
	    "INSERT INTO fact_place(fact, lat, lon, accuracy, source, "
	    "device_id, label) VALUES(?, ?, ?, ?, ?, ?, ?)",
	    "SELECT lat, lon, accuracy, source, device_id, label FROM "
	    "fact_place WHERE fact = ?",
	},
	[EV_K_ACTIVITY] = {
	    "INSERT INTO fact_activity(fact, action, object, url, text, "
	    "ip, port) VALUES(?, ?, ?, ?, ?, ?, ?)",
	    "SELECT action, object, url, text, ip, port FROM "
	    "fact_activity WHERE fact = ?",
	},
	[EV_K_SETTING] = {
	    "INSERT INTO fact_setting(fact, \"key\", value) VALUES(?, "
	    "?, ?)",
	    "SELECT \"key\", value FROM fact_setting WHERE fact = ?",
	},
	[EV_K_HOP] = {
	    "INSERT INTO fact_hop(fact, message_id, ordinal, from_host, "
	    "by_host, ip) VALUES(?, ?, ?, ?, ?, ?)",
	    "SELECT message_id, ordinal, from_host, by_host, ip FROM "
	    "fact_hop WHERE fact = ?",
	},
	[EV_K_CAPTURE] = {
	    "INSERT INTO fact_capture(fact, tool, tool_version, url, "
	    "query, server_ip, record_id, digest, digest_ok, service, "
	    "target, identifier, t_from, t_to, generated, signed) "
	    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "SELECT tool, tool_version, url, query, server_ip, "
	    "record_id, digest, digest_ok, service, target, identifier, "
	    "t_from, t_to, generated, signed FROM fact_capture WHERE "
	    "fact = ?",
	},
	[EV_K_DECLARED] = {
	    "INSERT INTO fact_declared(fact, label, member, count, "
	    "bytes) VALUES(?, ?, ?, ?, ?)",
	    "SELECT label, member, count, bytes FROM fact_declared "
	    "WHERE fact = ?",
	},
};
