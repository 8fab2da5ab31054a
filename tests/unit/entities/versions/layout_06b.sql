-- The tables that layout 06b made otherwise than those before it.
CREATE TABLE campaigns (
    id INTEGER NOT NULL,
    name TEXT NOT NULL CONSTRAINT ck_campaigns_name_length CHECK (length(name) BETWEEN 1 AND 120),
    status TEXT NOT NULL,
    advertiser_id INTEGER NOT NULL,
    objective TEXT NOT NULL,
    dsp_partner TEXT NOT NULL,
    currency TEXT NOT NULL,
    timezone TEXT NOT NULL,
    start_date TEXT NOT NULL,
    end_date TEXT NOT NULL,
    pacing TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_campaigns PRIMARY KEY (id),
    CONSTRAINT uq_campaigns_advertiser_id_name UNIQUE (advertiser_id, name),
    CONSTRAINT ck_campaigns_dates_forward CHECK (end_date >= start_date),
    CONSTRAINT fk_campaigns_advertiser_id FOREIGN KEY(advertiser_id) REFERENCES advertisers (id) ON DELETE CASCADE,
    CONSTRAINT ck_campaigns_status_known CHECK (status IN ('draft', 'active', 'paused', 'completed', 'archived')),
    CONSTRAINT ck_campaigns_objective_known CHECK (objective IN ('awareness', 'consideration', 'conversion')),
    CONSTRAINT ck_campaigns_dsp_partner_known CHECK (dsp_partner IN ('direct', 'xandr', 'the_trade_desk', 'dv360', 'magnite', 'yahoo', 'amazon', 'aja')),
    CONSTRAINT ck_campaigns_currency_known CHECK (currency IN ('USD', 'EUR', 'GBP', 'CAD', 'AUD', 'BRL', 'MXN', 'JPY'))
) STRICT;
