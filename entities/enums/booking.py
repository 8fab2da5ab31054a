"""Vocabularies of booking: status, budgets, caps, creatives, currencies and buying platforms."""

from entities.enums.word import Word


class EntityStatus(Word):
    """Whether an advertiser, a line item or a creative takes part (DV360's words)."""

    draft = "draft"
    active = "active"
    paused = "paused"
    archived = "archived"


class CampaignStatus(Word):
    """Whether a campaign takes part; only an active one bids."""

    draft = "draft"
    active = "active"
    paused = "paused"
    completed = "completed"
    archived = "archived"


class QAStatus(Word):
    """The state of a creative's review; only an approved one is served."""

    pending = "pending"
    approved = "approved"
    rejected = "rejected"


class RunStatus(Word):
    """How a simulation run ended."""

    complete = "complete"
    failed = "failed"


class Objective(Word):
    """The goal of a campaign."""

    awareness = "awareness"
    consideration = "consideration"
    conversion = "conversion"


class BudgetType(Word):
    """How long a budget lasts."""

    lifetime = "lifetime"
    daily = "daily"


class CapUnit(Word):
    """The window of a frequency cap (Google Ad Manager's time units)."""

    minute = "minute"
    hour = "hour"
    day = "day"
    week = "week"
    month = "month"
    lifetime = "lifetime"
    pod = "pod"
    stream = "stream"


class DspPartner(Word):
    """The platform through which a campaign is bought (domain A1, Buying)."""

    direct = "direct"
    xandr = "xandr", "microsoft"
    the_trade_desk = "the_trade_desk", "ttd", "trade_desk"
    dv360 = "dv360"
    magnite = "magnite"
    yahoo = "yahoo"
    amazon = "amazon"
    aja = "aja"


class Currency(Word):
    """An ISO 4217 currency; a market has one."""

    usd = "USD"
    eur = "EUR"
    gbp = "GBP"
    cad = "CAD"
    aud = "AUD"
    brl = "BRL"
    mxn = "MXN"
    jpy = "JPY"

    @property
    def symbol(self) -> str:
        """Return the prefix of an amount: the currency's own sign, or else its code."""
        return _SYMBOLS.get(self.value, f"{self.value} ")

    @property
    def decimals(self) -> int:
        """Return the number of decimals of an amount: 0 for the yen."""
        return 0 if self is Currency.jpy else 2

    def shown(self, micros: int, *, cents: bool = True) -> str:
        """Return an amount for reading: with its decimals, or in whole units without *cents*."""
        decimals = self.decimals if cents else 0
        step = 10 ** (6 - decimals)
        units, rest = divmod((micros + step // 2) // step, 10**decimals)
        return f"{self.symbol}{units:,}" + (f".{rest:0{decimals}}" if decimals else "")


_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


class CreativeMimeType(Word):
    """The media type of an asset (VAST MediaFile)."""

    mp4 = "video/mp4"
    webm = "video/webm"
    quicktime = "video/quicktime", "mov"
    hls = "application/vnd.apple.mpegurl", "m3u8", "application/x_mpegurl"
    dash = "application/dash+xml", "mpd"
    simid = "text/html"


class AdFormat(Word):
    """The kind of an ad; it limits the length of creatives."""

    standard_video = "standard_video"
    interactive_video = "interactive_video"
    live_video = "live_video"
    pause_ad = "pause_ad"

    @property
    def max_seconds(self) -> int:
        """Return the longest creative in seconds (domain A1, Creative lengths)."""
        return _MAX_SECONDS[self]

    def max_seconds_in(self, *placements: str) -> int:
        """Return the longest creative in seconds that any of *placements* takes; none stands for all."""
        return min(self.max_seconds, 30) if set(placements) == {"pre_roll"} else self.max_seconds


_MAX_SECONDS = {
    AdFormat.standard_video: 75,  # the longest mid-roll; a pre-roll takes 30
    AdFormat.interactive_video: 60,  # [assumption] room for the call to action
    AdFormat.live_video: 30,  # live takes 15 or 30
    AdFormat.pause_ad: 30,  # [assumption]
}


class FactKind(Word):
    """The kind of a delivery event."""

    flight_started = "flight_started"
    flight_ended = "flight_ended"
    budget_exhausted = "budget_exhausted"
    budget_overspent = "budget_overspent"
    daily_reset = "daily_reset"
    status_changed = "status_changed"
    terms_changed = "terms_changed"
    caps_leaked = "caps_leaked"
    market_changed = "market_changed"


class WonBy(Word):
    """What kind of buyer won a slot that a line item had bid for."""

    line_item = "line_item"
    deal = "deal"
    outside_demand = "outside_demand"
