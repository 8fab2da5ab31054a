-- Two tables as version 4 made them, and one run: before the facts of a run were typed.
CREATE TABLE simulation_runs (
    run_id TEXT NOT NULL,
    scenario TEXT NOT NULL,
    scenario_text TEXT NOT NULL,
    book_text TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seed INTEGER NOT NULL,
    start TEXT NOT NULL,
    horizon_hours INTEGER NOT NULL,
    tick_minutes INTEGER NOT NULL,
    shards INTEGER NOT NULL,
    workers INTEGER NOT NULL,
    paceline_version TEXT NOT NULL,
    code TEXT NOT NULL,
    python_version TEXT NOT NULL,
    packages TEXT NOT NULL,
    platform TEXT NOT NULL,
    digest TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    auctions INTEGER NOT NULL,
    impressions INTEGER NOT NULL,
    spend_micros INTEGER NOT NULL,
    notes TEXT NOT NULL,
    tags TEXT NOT NULL,
    CONSTRAINT pk_simulation_runs PRIMARY KEY (run_id),
    CONSTRAINT ck_simulation_runs_run_id_length CHECK (length(run_id) > 0),
    CONSTRAINT ck_simulation_runs_times_forward CHECK (finished_at >= started_at),
    CONSTRAINT ck_simulation_runs_seconds_least CHECK (seconds >= 0),
    CONSTRAINT ck_simulation_runs_start_whole CHECK (start LIKE '____-__-__ __:00:00'),
    CONSTRAINT ck_simulation_runs_tick_divides_hour CHECK (60 % tick_minutes = 0),
    CONSTRAINT ck_simulation_runs_seed_least CHECK (seed >= 0),
    CONSTRAINT ck_simulation_runs_horizon_hours_least CHECK (horizon_hours >= 1),
    CONSTRAINT ck_simulation_runs_tick_minutes_least CHECK (tick_minutes >= 1),
    CONSTRAINT ck_simulation_runs_shards_least CHECK (shards >= 1),
    CONSTRAINT ck_simulation_runs_workers_least CHECK (workers >= 1),
    CONSTRAINT ck_simulation_runs_status_known CHECK (status IN ('complete', 'failed')),
    CONSTRAINT ck_simulation_runs_auctions_least CHECK (auctions >= 0),
    CONSTRAINT ck_simulation_runs_impressions_least CHECK (impressions >= 0),
    CONSTRAINT ck_simulation_runs_spend_micros_least CHECK (spend_micros >= 0)
) STRICT;

CREATE TABLE delivery_events (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    ts TEXT NOT NULL,
    kind TEXT NOT NULL,
    line_item_id INTEGER,
    campaign_id INTEGER,
    detail TEXT NOT NULL,
    CONSTRAINT pk_delivery_events PRIMARY KEY (id),
    CONSTRAINT ck_delivery_events_kind_length CHECK (length(kind) > 0),
    CONSTRAINT fk_delivery_events_run_id FOREIGN KEY(run_id) REFERENCES simulation_runs (run_id) ON DELETE CASCADE,
    CONSTRAINT fk_delivery_events_line_item_id FOREIGN KEY(line_item_id) REFERENCES line_items (id) ON DELETE RESTRICT,
    CONSTRAINT fk_delivery_events_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id) ON DELETE RESTRICT
) STRICT;

INSERT INTO simulation_runs VALUES (
    'smoke-1', 'smoke', '{}', '', 'f', 7, '2026-11-02 00:00:00', 24, 60, 4, 1, '0.0.9', '', '3.11', '{}', 'linux', 'd',
    'complete', '2026-11-20 12:00:00', '2026-11-20 12:00:01', 0.5, 10, 5, 100, '', ''
);
INSERT INTO delivery_events (run_id, ts, kind, detail) VALUES ('smoke-1', '2026-11-02 00:00:00', 'flight_started', '24 hours');
PRAGMA application_id = 1885430629;
PRAGMA user_version = 4;
