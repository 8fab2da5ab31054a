-- The tables that layout 06 made otherwise than those before it.
CREATE TABLE contention_daily (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    date TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    won_by TEXT NOT NULL,
    winner_line_item_id INTEGER,
    bids INTEGER NOT NULL,
    CONSTRAINT pk_contention_daily PRIMARY KEY (id),
    CONSTRAINT ck_contention_daily_winner_of_kind CHECK ((winner_line_item_id IS NULL) = (won_by = 'outside_demand')),
    CONSTRAINT ck_contention_daily_winner_is_another CHECK (winner_line_item_id <> line_item_id),
    CONSTRAINT fk_contention_daily_run_id FOREIGN KEY(run_id) REFERENCES simulation_runs (run_id) ON DELETE CASCADE,
    CONSTRAINT fk_contention_daily_line_item_id FOREIGN KEY(line_item_id) REFERENCES line_items (id) ON DELETE RESTRICT,
    CONSTRAINT fk_contention_daily_winner_line_item_id FOREIGN KEY(winner_line_item_id) REFERENCES line_items (id) ON DELETE RESTRICT,
    CONSTRAINT ck_contention_daily_won_by_known CHECK (won_by IN ('line_item', 'deal', 'outside_demand')),
    CONSTRAINT ck_contention_daily_bids_least CHECK (bids >= 1)
) STRICT;
CREATE INDEX ix_contention_daily_line_item_id_date ON contention_daily (line_item_id, date);
CREATE INDEX ix_contention_daily_winner_line_item_id_date ON contention_daily (winner_line_item_id, date);
CREATE UNIQUE INDEX ux_contention_daily_winner ON contention_daily (run_id, date, line_item_id, coalesce(winner_line_item_id, 0));
