-- A run of the first version, of which two hours are left, and what it was booked with.
INSERT INTO advertisers (id, name, status, category, created_at, updated_at) VALUES
    (1, 'Smoke Motors', 'active', 'automotive', '2026-11-20 12:00:00', '2026-11-20 12:00:00'),
    (2, 'Smoke Snacks', 'active', 'packaged_food', '2026-11-20 12:00:00', '2026-11-20 12:00:00');
INSERT INTO simulation_runs (run_id, scenario, scenario_text, fingerprint, seed, start, horizon_hours, tick_minutes, shards, workers, paceline_version, python_version, packages, platform, digest, status, started_at, finished_at, seconds, auctions, impressions, spend_micros, notes, tags) VALUES
    ('smoke-1', 'smoke', '{}', 'b2d826c479a6eb2759cdfcb23dbb347f6d253adfe5d4eeb3c2d76e773bdd9817', 7, '2026-11-02 05:00:00', 48, 60, 4, 1, '0.2.0', '3.11.7', '{}', 'Linux x86_64', '9101832985952163e4edaf29ad7581810bc5d66443dabbdaa91ef2c9c256f185', 'complete', '2026-11-20 12:00:00', '2026-11-20 12:00:00', 12.014195630999893, 1184, 145, 3166000, '', '');
INSERT INTO campaigns (id, name, status, advertiser_id, objective, dsp_partner, currency, timezone, start_date, end_date, created_at, updated_at) VALUES
    (1, 'Smoke Launch', 'active', 1, 'awareness', 'direct', 'USD', 'America/New_York', '2026-11-02', '2026-11-03', '2026-11-20 12:00:00', '2026-11-20 12:00:00'),
    (2, 'Smoke Snack', 'active', 2, 'awareness', 'direct', 'USD', 'America/New_York', '2026-11-02', '2026-11-03', '2026-11-20 12:00:00', '2026-11-20 12:00:00');
INSERT INTO inventory_hourly (run_id, hour_start, device, placement, avails, filled, filled_ambient, unfilled, revenue_micros, revenue_ambient_micros, ad_seconds) VALUES
    ('smoke-1', '2026-11-03 00:00:00', 'tv', 'pre_roll', 8, 4, 1, 3, 73000, 31488, 240),
    ('smoke-1', '2026-11-03 00:00:00', 'tv', 'mid_roll', 35, 3, 11, 21, 48000, 150995, 1050),
    ('smoke-1', '2026-11-03 00:00:00', 'desktop', 'pre_roll', 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 00:00:00', 'desktop', 'mid_roll', 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 00:00:00', 'phone', 'pre_roll', 2, 0, 2, 0, 0, 35093, 60),
    ('smoke-1', '2026-11-03 00:00:00', 'phone', 'mid_roll', 12, 3, 6, 3, 48000, 110879, 360),
    ('smoke-1', '2026-11-03 00:00:00', 'tablet', 'pre_roll', 1, 0, 0, 1, 0, 0, 30),
    ('smoke-1', '2026-11-03 00:00:00', 'tablet', 'mid_roll', 4, 0, 1, 3, 0, 18725, 120),
    ('smoke-1', '2026-11-03 03:00:00', 'tv', 'pre_roll', 7, 2, 3, 2, 41000, 42404, 210),
    ('smoke-1', '2026-11-03 03:00:00', 'tv', 'mid_roll', 25, 6, 7, 12, 116000, 109290, 750),
    ('smoke-1', '2026-11-03 03:00:00', 'desktop', 'pre_roll', 3, 0, 3, 0, 0, 63793, 90),
    ('smoke-1', '2026-11-03 03:00:00', 'desktop', 'mid_roll', 12, 1, 8, 3, 16000, 140418, 360),
    ('smoke-1', '2026-11-03 03:00:00', 'phone', 'pre_roll', 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 03:00:00', 'phone', 'mid_roll', 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 03:00:00', 'tablet', 'pre_roll', 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 03:00:00', 'tablet', 'mid_roll', 0, 0, 0, 0, 0, 0, 0);
INSERT INTO line_items (id, name, status, campaign_id, ad_format, max_bid_micros, targeting, dayparts, pacing, bidding, valuation, created_at, updated_at) VALUES
    (1, 'TV drama', 'active', 1, 'standard_video', 25000, '{"include":{"device":["tv"],"genre":["drama"]},"exclude":{}}', NULL, '{"kind":"even"}', '{"kind":"fixed_cpm"}', '{"kind":"constant"}', '2026-11-20 12:00:00', '2026-11-20 12:00:00'),
    (2, 'Everywhere, comedy', 'active', 2, 'standard_video', 16000, '{"include":{"genre":["comedy"]},"exclude":{}}', NULL, '{"kind":"traffic_shaped"}', '{"kind":"fixed_cpm"}', '{"kind":"constant"}', '2026-11-20 12:00:00', '2026-11-20 12:00:00');
INSERT INTO budgets (id, campaign_id, line_item_id, budget_type, amount_micros) VALUES
    (1, NULL, 1, 'lifetime', 120000000),
    (2, NULL, 2, 'lifetime', 90000000);
INSERT INTO creatives (id, name, status, line_item_id, ad_format, mime_type, asset_url, click_url, duration_s, weight, qa_status, created_at, updated_at) VALUES
    (1, 'launch-30s', 'active', 1, 'standard_video', 'video/mp4', 'https://cdn.smoke-motors.example.com/launch-30s.mp4', NULL, 30, 1, 'approved', '2026-11-20 12:00:00', '2026-11-20 12:00:00'),
    (2, 'crunch-15s', 'active', 2, 'standard_video', 'video/mp4', 'https://cdn.smoke-snacks.example.com/crunch-15s.mp4', NULL, 15, 1, 'approved', '2026-11-20 12:00:00', '2026-11-20 12:00:00'),
    (3, 'crunch-30s', 'active', 2, 'standard_video', 'video/mp4', 'https://cdn.smoke-snacks.example.com/crunch-30s.mp4', NULL, 30, 1, 'approved', '2026-11-20 12:00:00', '2026-11-20 12:00:00');
INSERT INTO delivery_events (id, run_id, ts, kind, line_item_id, campaign_id, detail) VALUES
    (1, 'smoke-1', '2026-11-02 05:00:00', 'flight_started', 1, 1, '48 hours'),
    (2, 'smoke-1', '2026-11-02 05:00:00', 'flight_started', 2, 2, '48 hours'),
    (3, 'smoke-1', '2026-11-03 01:00:00', 'status_changed', 1, 1, 'lifetime_budget = 40, status = paused'),
    (4, 'smoke-1', '2026-11-03 03:00:00', 'status_changed', 1, 1, 'status = active'),
    (5, 'smoke-1', '2026-11-03 11:00:00', 'terms_changed', 2, 2, 'max_cpm = 12.5, daily_budget = 0.2'),
    (6, 'smoke-1', '2026-11-03 13:00:00', 'terms_changed', NULL, 2, 'lifetime_budget = 0.5'),
    (7, 'smoke-1', '2026-11-03 14:00:00', 'budget_exhausted', NULL, 2, '0 micros left'),
    (8, 'smoke-1', '2026-11-04 05:00:00', 'flight_ended', 1, 1, 'spent 2350000 micros'),
    (9, 'smoke-1', '2026-11-04 05:00:00', 'flight_ended', 2, 2, 'spent 816000 micros'),
    (10, 'smoke-1', '2026-11-03 05:00:00', 'budget_overspent', 1, 1, '700 micros beyond the daily budget of 9000 micros'),
    (11, 'smoke-1', '2026-11-03 05:00:00', 'daily_reset', 2, 2, 'spent 188000 of 200000 micros'),
    (12, 'smoke-1', '2026-11-04 05:00:00', 'caps_leaked', 1, 1, '3 of 94 impressions');
INSERT INTO flights (id, line_item_id, starts_at, ends_at) VALUES
    (1, 1, '2026-11-02 00:00:00', '2026-11-04 00:00:00'),
    (2, 2, '2026-11-02 00:00:00', '2026-11-04 00:00:00');
INSERT INTO frequency_caps (id, advertiser_id, campaign_id, line_item_id, max_impressions, unit, unit_count) VALUES
    (1, NULL, NULL, 1, 3, 'day', 1),
    (2, NULL, NULL, 2, 2, 'day', 1),
    (3, NULL, NULL, 2, 1, 'pod', 1);
INSERT INTO performance_extended (run_id, hour_start, line_item_id, requests_matched, blocked_daypart, blocked_creative, blocked_budget_lifetime, blocked_budget_daily, blocked_allowance, blocked_frequency_cap, blocked_separation, blocked_throttle, bids, lost_below_floor, lost_ambient, lost_outbid, wins, errors, invalid, impressions, bid_sum_micros, clearing_sum_micros, floor_sum_micros, spend_micros, unique_viewers_hour, new_viewers_hour, reach_to_date, impressions_to_date, freq_1, freq_2, freq_3_5, freq_6_9, freq_10_plus, goal_micros_hour, expected_cum_micros, delivered_cum_micros, bid_multiplier_ppm, participation_ppm, allowance_micros, primary_underdelivery_reason) VALUES
    ('smoke-1', '2026-11-03 00:00:00', 1, 7, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 25000, 25000, 10000, 25000, 1, 1, 14, 32, 4, 2, 8, 0, 0, 4111207, 50000000, 800000, 1000000, 1000000, 4211207, 'insufficient_avails'),
    ('smoke-1', '2026-11-03 00:00:00', 2, 26, 0, 0, 0, 0, 0, 15, 0, 0, 11, 0, 1, 1, 9, 0, 0, 9, 176000, 144000, 90000, 144000, 5, 4, 20, 36, 4, 16, 0, 0, 0, 5481242, 31628708, 576000, 1000000, 1000000, 5545242, 'insufficient_avails'),
    ('smoke-1', '2026-11-03 03:00:00', 1, 15, 0, 0, 0, 0, 0, 4, 5, 0, 6, 0, 0, 0, 6, 1, 0, 5, 150000, 150000, 60000, 125000, 3, 2, 16, 37, 4, 3, 9, 0, 0, 1507693, 19166666, 925000, 1000000, 1000000, 1507693, 'insufficient_avails'),
    ('smoke-1', '2026-11-03 03:00:00', 2, 9, 0, 0, 0, 0, 0, 2, 0, 0, 7, 0, 4, 0, 3, 0, 0, 3, 112000, 48000, 30000, 48000, 2, 2, 24, 43, 5, 19, 0, 0, 0, 5769270, 43393408, 688000, 1000000, 1000000, 5833270, 'insufficient_avails');
INSERT INTO performance (run_id, hour_start, date, hour_of_day, advertiser_id, campaign_id, line_item_id, creative_id, impressions, clicks, video_starts, video_q25, video_q50, video_q75, video_completions, measurable, viewable, ivt, errors, skips, mutes, qr_scans, watch_seconds, spend_micros) VALUES
    ('smoke-1', '2026-11-03 00:00:00', '2026-11-03', 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 30, 25000),
    ('smoke-1', '2026-11-03 00:00:00', '2026-11-03', 0, 2, 2, 2, 2, 7, 0, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 1, 0, 105, 112000),
    ('smoke-1', '2026-11-03 00:00:00', '2026-11-03', 0, 2, 2, 2, 3, 2, 0, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 60, 32000),
    ('smoke-1', '2026-11-03 03:00:00', '2026-11-03', 3, 1, 1, 1, 1, 5, 0, 5, 5, 5, 5, 5, 4, 4, 0, 1, 0, 0, 0, 150, 125000),
    ('smoke-1', '2026-11-03 03:00:00', '2026-11-03', 3, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ('smoke-1', '2026-11-03 03:00:00', '2026-11-03', 3, 2, 2, 2, 3, 3, 0, 3, 3, 3, 3, 3, 3, 2, 0, 0, 0, 0, 0, 90, 48000);
