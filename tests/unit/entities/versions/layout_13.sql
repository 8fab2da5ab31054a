-- The tables that layout 13 made otherwise than those before it.
CREATE TABLE study_results (
    study TEXT NOT NULL,
    arm TEXT NOT NULL,
    seed INTEGER NOT NULL,
    line_item TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL,
    fingerprint TEXT NOT NULL,
    code TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_study_results PRIMARY KEY (study, arm, seed, line_item, metric),
    CONSTRAINT ck_study_results_seed_least CHECK (seed >= 0)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_study_results_fingerprint_code ON study_results (fingerprint, code);
