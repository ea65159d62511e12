-- Built after a bulk load: any of these may be missing, none may differ.
CREATE INDEX ix_artifact_sha256 ON artifact(sha256);
CREATE INDEX ix_fact_account ON fact(account, platform);
CREATE INDEX ix_fact_artifact ON fact(artifact);
CREATE INDEX ix_fact_reading ON fact(reading);
CREATE INDEX ix_fact_kind ON fact(kind);
CREATE INDEX ix_fact_t ON fact(t);
CREATE VIRTUAL TABLE words USING fts5(text, content='',
	tokenize='unicode61 remove_diacritics 2');
