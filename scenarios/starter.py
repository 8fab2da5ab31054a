"""A commented scenario to start from, which loads and runs as it is."""

from __future__ import annotations

from datetime import timedelta

from scenarios.models import Scenario
from sim.market.market import Market


def starter(name: str, schema: str, file: str) -> str:
    """Return the text of a scenario for *file*; *schema* is where an editor finds its JSON Schema."""
    market = Market()
    return _TEXT.format(
        schema=schema,
        name=name,
        file=file,
        seed=Scenario.model_fields["seed"].default,
        start=market.start,
        end=market.start + timedelta(days=DAYS - 1),
        second=market.start + timedelta(days=1),
        timezone=market.timezone,
        days=DAYS,
        tick=market.tick_minutes,
        floor=market.floors.cpm,
    )


DAYS = 3
_TEXT = """\
# yaml-language-server: $schema={schema}
#
# A market and the campaigns that compete in it. What is not written here has its default; see all of it,
# and where each value comes from, with: paceline scenario show {file}
# Run it with:                           paceline simulate {file}
name: {name}
description: A small market with two rivals, over {days} days.
seed: {seed}

# Campaigns of ours, by name, that take part as well: paceline list examples, paceline list profiles.
examples: []
profiles: []

market:
  start: {start}            # the first day, at midnight in this zone
  timezone: {timezone}
  days: {days}                      # full.yml has 46
  tick_minutes: {tick}             # how often line items plan: 60, 30, 20, 15, 10, 5 or 1
  population:
    viewers: 5000              # a viewer sees about a dozen ads a day; full.yml has 220,000
  auction: first_price         # or second_price: paceline list auctions
  floors:
    cpm: {floor}                  # nothing is sold below
  # What is changed while flights run, at a local time; take the `#` away to cut a bid on the second day:
  # changes:
  #   - {{at: {second} 18:00, line_item: Tea on TV, max_cpm: 18.00}}

campaigns:
  - advertiser: {{name: Morning Coffee, category: coffee}}   # two of one category never share a pod
    campaign:
      name: Coffee Weeks
      objective: awareness       # awareness, consideration or conversion
      timezone: {timezone}
      start_date: {start}
      end_date: {end}       # included
      line_items:
        - name: Coffee on TV
          max_cpm: 24.00         # the most that a thousand impressions may cost
          lifetime_budget: 400   # of the whole flight; daily_budget: 150 would hold for each local day
          pacing: even           # paceline list pacers
          targeting:
            include: {{device: [tv], genre: [drama, comedy]}}   # exclude: works alike
          frequency_caps:        # at most so many for one viewer
            - {{max_impressions: 3, unit: day}}
            - {{max_impressions: 1, unit: pod}}
          creatives:
            - {{asset_url: "https://cdn.coffee.example.com/morning-30s.mp4", mime_type: mp4, duration_s: 30}}
  - advertiser: {{name: Rival Tea, category: tea}}
    campaign:
      name: Tea Weeks
      objective: awareness
      timezone: {timezone}
      start_date: {start}
      end_date: {end}
      line_items:
        - name: Tea on TV
          max_cpm: 21.00
          lifetime_budget: 300
          pacing: traffic_shaped
          targeting:
            include: {{device: [tv]}}
          frequency_caps:
            - {{max_impressions: 4, unit: day}}
          creatives:
            - {{asset_url: "https://cdn.tea.example.com/evening-15s.mp4", mime_type: mp4, duration_s: 15}}
"""
