#!/usr/bin/env python3
"""Makes feasts.csv: dates of feasts by programs other than this one.

  pip install pyluach==2.3.0 convertdate==2.5.1 sxtwl==2.0.7 korean_lunar_calendar==0.4.0 python-dateutil
  feasts.py > feasts.csv
"""
import datetime, importlib.metadata

import sxtwl
from convertdate import islamic
from dateutil.easter import EASTER_ORTHODOX, easter
from korean_lunar_calendar import KoreanLunarCalendar
from pyluach import dates, hebrewcal

PACKAGES = ("pyluach", "convertdate", "sxtwl", "korean_lunar_calendar", "python-dateutil")
YEARS = range(1950, 2050)
NISAN, IYAR, SIVAN, AV, TISHRI, ADAR = 1, 2, 3, 5, 7, 12
HEBREW = {
    "Adar 14": (ADAR, 14),
    "Nisan 15": (NISAN, 15),
    "Iyar 4": (IYAR, 4),
    "Sivan 6": (SIVAN, 6),
    "Av 9": (AV, 9),
    "Tishri 1": (TISHRI, 1),
    "Tishri 10": (TISHRI, 10),
}
QINGMING = 7


def hebrew(year, month, day):
    # A Hebrew year begins in autumn, with Tishri; in a leap year the second Adar has the feast.
    of = year + (3761 if month == TISHRI else 3760)
    leap = month == ADAR and hebrewcal.Year(of).leap
    return dates.HebrewDate(of, month + leap, day).to_pydate()


def new_moons():
    """First days of the regular months of the Chinese calendar, found day by day."""
    first, day = {}, datetime.date(min(YEARS), 1, 1)
    while day.year <= max(YEARS) + 1:
        of = sxtwl.fromSolar(day.year, day.month, day.day)
        if of.getLunarDay() == 1 and not of.isLunarLeap():
            first[of.getLunarYear(), of.getLunarMonth()] = day
        day += datetime.timedelta(1)
    return first


def korean(calendar, year, month, day):
    calendar.setLunarDate(year, month, day, False)
    return datetime.date(calendar.solarYear, calendar.solarMonth, calendar.solarDay)


def qingming(year):
    for day in range(1, 10):
        of = sxtwl.fromSolar(year, 4, day)
        if of.hasJieQi() and of.getJieQi() == QINGMING:
            return datetime.date(year, 4, day)


def main():
    print("# made by feasts.py with", ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    print("anchor,dates")
    moons, korea = new_moons(), KoreanLunarCalendar()
    rows = {
        "easter": map(easter, YEARS),
        "orthodox-easter": (easter(year, EASTER_ORTHODOX) for year in YEARS),
        "qingming": map(qingming, YEARS),
    }
    for name, date in HEBREW.items():
        rows[f"hebrew {name}"] = [hebrew(year, *date) for year in YEARS]
    for month, day in ((1, 1), (4, 8), (5, 5), (8, 15), (9, 9)):
        rows[f"chinese {month:02}-{day:02}"] = [moons[year, month] + datetime.timedelta(day - 1) for year in YEARS]
    for month, day in ((1, 1), (4, 8), (8, 15)):
        rows[f"korean {month:02}-{day:02}"] = [korean(korea, year, month, day) for year in YEARS]
    first, last = (islamic.from_gregorian(year, 6, 1)[0] for year in (min(YEARS), max(YEARS)))
    for month, day in ((1, 1), (3, 12), (10, 1), (12, 10)):
        found = (datetime.date(*islamic.to_gregorian(year, month, day)) for year in range(first - 1, last + 3))
        rows[f"islamic {month:02}-{day:02}"] = [date for date in found if date.year in YEARS]
    for anchor, found in rows.items():
        print(f"{anchor},{' '.join(date.isoformat() for date in found)}")


main()
