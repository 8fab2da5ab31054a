"""Names of files, examples, profiles and campaigns that are not, and those that are stored as they stand."""

PATHS = {
    "": "no scenario ''; known here: {markets}",
    "smoek": "no scenario 'smoek'; did you mean smoke?",
    "SMOKE": "SMOKE: no such file",
    "smoke.yaml": "smoke.yaml: no such file",
    "smoke ": "smoke : no such file",
    "..": "..: is a directory; name a YAML file in it",
    "/dev/null": "/dev/null: is not a file",
    "/dev/zero": "/dev/zero: is not a file",
    "/": "/: is a directory; name a YAML file in it",
    "a\0b": "a\\x00b: cannot be read: embedded null byte",
    "a\nb.yml": "a\\nb.yml: no such file",
    "\x1b[31m.yml": "\\x1b[31m.yml: no such file",
    "\ud800.yml": "\\ud800.yml: cannot be read: 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
    "\u202egnp.yml": "\\u202egnp.yml: no such file",
    "x" * 300: f"{'x' * 199}…: cannot be read: File name too long",
    "x/" * 3000: f"{'x/' * 99}x…: cannot be read: File name too long",
    "~/smoke.yml": "~/smoke.yml: no such file",
    "$HOME/smoke.yml": "$HOME/smoke.yml: no such file",
    "https://example.com/a.yml": "https:/example.com/a.yml: no such file",
    "smoke; rm -rf .": "smoke; rm -rf .: no such file",
    "=1+1": "=1+1: no such file",
    "smoke.yml/deeper": "smoke.yml/deeper: no such file",
}  # fmt: skip
"""Scenarios, as they are named on the command line, and what is told."""

PROFILES = {
    "": "no profile ''; known here: {profiles}",
    "mobile_considerations": "no profile 'mobile_considerations'; did you mean mobile_consideration?",
    "Mobile_consideration": "no profile 'Mobile_consideration'; did you mean mobile_consideration?",
    "mobile_consideration.yml": "no profile 'mobile_consideration.yml'; did you mean mobile_consideration?",
    "../profiles/mobile_consideration": "no profile '../profiles/mobile_consideration'; did you mean mobile_consideration?",
    "../markets/full": "no profile '../markets/full'; known here: {profiles}",
    "/etc/passwd": "no profile '/etc/passwd'; known here: {profiles}",
    "linked": "no profile 'linked'; known here: {profiles}",
    "a\0b": "no profile 'a\\x00b'; known here: {profiles}",
    "x" * 100: "no profile '{x}'; known here: {profiles}",
    "'; DROP TABLE campaigns; --": "no profile ''; DROP TABLE campaigns; --'; known here: {profiles}",
    "ｍobile": "no profile 'ｍobile'; known here: {profiles}",
}  # fmt: skip

EXAMPLES = {
    "": "known here: {examples}",
    "nexbank_conversions": "did you mean nexbank_conversion?",
    "NEXBANK_CONVERSION": "did you mean nexbank_conversion?",
    "../nexbank_conversion": "did you mean nexbank_conversion?",
    "description": "known here: {examples}",
    "a\x1bb": "known here: {examples}",
}

ACCEPTED = {
    "SQL": "Robert'); DROP TABLE campaigns;--",
    "a quote": 'The "best" ad',
    "an ampersand": "Food & Drink <b>",
    "umlauts": "Zürcher Käse",
    "Hebrew": "מודעה",
    "Chinese": "广告",
    "an emoji": "Launch 🚀",
    "120 letters": "n" * 120,
    "one letter": "x",
    "a percent sign": "100%s {name}",
    "a path": "../../etc/passwd",
    "a word of YAML": "null",
    "a sum in the middle": "1+1=2",
    "a braces template": "${jndi:ldap://x}",
}
"""Campaign names that are kept as they are: SQL is harmless where every statement takes parameters."""
