-- Rows of the tables that came later.
INSERT INTO conversions_hourly VALUES ('smoke-1', '2026-11-03 00:00:00', 1, 4, 1, 0, 1000000, 0);
INSERT INTO contention_daily (id, run_id, date, line_item_id, won_by, winner_line_item_id, bids) VALUES
    (1, 'smoke-1', '2026-11-03', 1, 'outside_demand', NULL, 3),
    (2, 'smoke-1', '2026-11-03', 2, 'line_item', 1, 2);
INSERT INTO lift (
    run_id, hour_start, line_item_id, treated_viewers, treated_converters, treated_conversions,
    treated_exposed_viewers, treated_exposed_converters, treated_exposed_conversions, held_out_viewers,
    held_out_converters, held_out_conversions, held_out_exposed_viewers, held_out_exposed_converters,
    held_out_exposed_conversions
) VALUES ('smoke-1', '2026-11-03 00:00:00', 1, 54, 3, 4, 20, 1, 1, 6, 1, 1, 2, 0, 0);
INSERT INTO study_results VALUES ('caps', '2 a day', 7, '', 'delivery', 0.75, 'f', 'c', 'd');
