"""Writes the tables beside it: closed weekdays and half days, 2010 to 2026, of pandas_market_calendars 5.5.0.

    python -m venv venv && venv/bin/pip install "pandas<3" pandas_market_calendars==5.5.0
    venv/bin/python make.py
"""

from pathlib import Path

import pandas as pd
import pandas_market_calendars as pmc

PRODUCTS = {
    "cme_crypto": ("CME Globex Crypto", "America/Chicago", "2017-12-18"),
    "cme_energy": ("CMEGlobex_EnergyAndMetals", "America/Chicago", "2010-01-01"),
    "cme_equity": ("CME Globex Equity", "America/Chicago", "2010-01-01"),
    "cme_fx": ("CMEGlobex_FX", "America/Chicago", "2010-01-01"),
    "cme_grains": ("CMEGlobex_Grains", "America/Chicago", "2010-01-01"),
    "cme_rate": ("CME_Rate", "America/Chicago", "2010-01-01"),
    "sifma_uk": ("SIFMA_UK", "Europe/London", "2010-01-01"),
    "sifma_us": ("SIFMA_US", "America/New_York", "2010-01-01"),
}

for name, (called, zone, first) in PRODUCTS.items():
    closes = pmc.get_calendar(called).schedule(first, "2026-12-31")["market_close"]
    local = closes.dt.tz_convert(zone).dt.strftime("%H:%M")
    usual = local.mode()[0]
    rows = {date: time for date, time in local.items() if time != usual}
    rows |= {date: "-" for date in pd.bdate_range(first, "2026-12-31").difference(closes.index)}
    head = f"# {called}, with pandas_market_calendars {pmc.__version__}, by make.py\n"
    text = "".join(f"{date:%Y-%m-%d} {rows[date]}\n" for date in sorted(rows))
    (Path(__file__).parent / f"{name}.txt").write_text(head + text)
