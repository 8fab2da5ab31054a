-- The tables that layout 04 made otherwise than those before it.
CREATE TABLE conversions_hourly (
    run_id TEXT NOT NULL,
    hour_start TEXT NOT NULL,
    line_item_id INTEGER NOT NULL,
    touches INTEGER NOT NULL,
    view_through INTEGER NOT NULL,
    click_through INTEGER NOT NULL,
    multi_touch_view_ppm INTEGER NOT NULL,
    multi_touch_click_ppm INTEGER NOT NULL,
    CONSTRAINT pk_conversions_hourly PRIMARY KEY (run_id, hour_start, line_item_id),
    CONSTRAINT ck_conversions_hourly_hour_start_whole CHECK (hour_start LIKE '____-__-__ __:00:00'),
    CONSTRAINT ck_conversions_hourly_something CHECK (touches + view_through + click_through + multi_touch_view_ppm + multi_touch_click_ppm > 0),
    CONSTRAINT fk_conversions_hourly_run_id FOREIGN KEY(run_id) REFERENCES simulation_runs (run_id) ON DELETE CASCADE,
    CONSTRAINT fk_conversions_hourly_line_item_id FOREIGN KEY(line_item_id) REFERENCES line_items (id) ON DELETE RESTRICT,
    CONSTRAINT ck_conversions_hourly_touches_least CHECK (touches >= 0),
    CONSTRAINT ck_conversions_hourly_view_through_least CHECK (view_through >= 0),
    CONSTRAINT ck_conversions_hourly_click_through_least CHECK (click_through >= 0),
    CONSTRAINT ck_conversions_hourly_multi_touch_view_ppm_least CHECK (multi_touch_view_ppm >= 0),
    CONSTRAINT ck_conversions_hourly_multi_touch_click_ppm_least CHECK (multi_touch_click_ppm >= 0)
) STRICT;
CREATE INDEX ix_conversions_hourly_line_item_id_hour_start ON conversions_hourly (line_item_id, hour_start);
