#!/usr/bin/env python3
"""Write alphalens's answers for a small made-up factor.

    pip install alphalens-reloaded==0.5.1
    python generate_report.py

makes report.csv (prices, a factor and groups) and report_expected.csv in this folder. The prices are raw: one
asset splits, one pays a dividend, one is listed late, one is delisted; alphalens is given adjusted ones.
"""
import csv
import importlib.metadata
import os
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import alphalens.performance as perf
import alphalens.plotting as plotting
import alphalens.utils as utils

HERE = os.path.dirname(os.path.abspath(__file__))
ASSETS, SESSIONS, PERIODS, QUANTILES = 14, 58, (1, 3, 7), 4
random = np.random.default_rng(20100301)

# The sessions of New York from March on; Good Friday is none.
sessions = [day for day in pd.bdate_range("2010-03-01", periods=SESSIONS + 1) if str(day.date()) != "2010-04-02"]
LATE, GONE, SPLIT, PAYS = 9, 4, 2, 6
START, END = 12, 36
SPLIT_AT, PAYS_AT, RATIO, AMOUNT = 25, 31, 2.0, 1.5


def market():
    steps = random.normal(0, 0.02, (SESSIONS, ASSETS))
    raw = np.round(40 * np.exp(np.cumsum(steps, axis=0)) * (1 + np.arange(ASSETS) / 7), 2)
    raw[SPLIT_AT:, SPLIT] = np.round(raw[SPLIT_AT:, SPLIT] / RATIO, 2)
    raw[:START, LATE] = np.nan
    raw[END + 1:, GONE] = np.nan
    seen = raw.copy()
    seen[:SPLIT_AT, SPLIT] /= RATIO
    # The close of a session is its open here.
    seen[:PAYS_AT, PAYS] *= 1 - AMOUNT / raw[PAYS_AT - 1, PAYS]
    return raw, seen


def main():
    raw, seen = market()
    prices = pd.DataFrame(seen, index=pd.DatetimeIndex(sessions), columns=range(ASSETS))
    ahead = prices.ffill().pct_change(3).shift(-3).to_numpy()
    factor = np.round(np.nan_to_num(ahead) * 4 + random.normal(0, 0.3, ahead.shape), 4)
    factor[random.random(factor.shape) < 0.03] = np.nan
    factor[np.isnan(raw)] = np.nan
    # A pipeline shows an asset from the session after its first.
    factor[START, LATE] = np.nan
    factor[0, :] = np.nan
    groups = ["north", "south", "west"]
    with open(os.path.join(HERE, "report.csv"), "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["date", "sid", "price", "factor", "group"])
        for row, day in enumerate(sessions):
            for sid in range(ASSETS):
                if not np.isnan(raw[row, sid]):
                    number = "" if np.isnan(factor[row, sid]) else repr(float(factor[row, sid]))
                    out.writerow([day.date(), sid, repr(float(raw[row, sid])), number, groups[sid % 3]])

    frame = pd.DataFrame(factor, index=prices.index, columns=prices.columns)
    series = frame.stack().rename_axis(["date", "asset"])
    by_group = {sid: groups[sid % 3] for sid in range(ASSETS)}
    found = []

    def add(measure, period, part, value):
        found.append([measure, period, part, repr(float(value))])

    for neutral in (False, True):
        data = utils.get_clean_factor_and_forward_returns(
            series, prices, groupby=by_group, binning_by_group=neutral, quantiles=2 if neutral else QUANTILES,
            periods=PERIODS, max_loss=1.0)
        names = utils.get_forward_returns_columns(data.columns)
        mode = "neutral_" if neutral else ""
        add(mode + "rows", 0, "", len(data))
        ic = perf.factor_information_coefficient(data, group_adjust=neutral)
        info = plotting.plot_information_table(ic, return_df=True)
        monthly = perf.mean_information_coefficient(data, group_adjust=neutral, by_time="ME")
        grouped = perf.mean_information_coefficient(data, by_group=True)
        earned = perf.factor_returns(data, group_adjust=neutral)
        line = perf.factor_alpha_beta(data, group_adjust=neutral)
        means, errors = perf.mean_return_by_quantile(data, group_adjust=neutral)
        daily, _ = perf.mean_return_by_quantile(data, by_date=True, group_adjust=neutral)
        plain, _ = perf.mean_return_by_quantile(data, by_date=True, demeaned=False)
        within, _ = perf.mean_return_by_quantile(data, by_group=True, group_adjust=neutral)
        top = int(data["factor_quantile"].max())
        spread, _ = perf.compute_mean_returns_spread(daily, top, 1)
        for name, period in zip(names, PERIODS):
            for day, value in ic[name].dropna().items():
                add(mode + "ic", period, day.date(), value)
            for measure, column in (("ic_mean", "IC Mean"), ("ic_std", "IC Std."), ("ic_ratio", "Risk-Adjusted IC"),
                                    ("ic_t", "t-stat(IC)"), ("ic_p", "p-value(IC)"), ("ic_skew", "IC Skew"),
                                    ("ic_kurtosis", "IC Kurtosis")):
                add(mode + measure, period, "", info.loc[name, column])
            for day, value in monthly[name].items():
                add(mode + "ic_month", period, str(day.date())[:7], value)
            for group, value in grouped[name].items():
                add(mode + "ic_group", period, group, value)
            for day, value in earned[name].dropna().items():
                add(mode + "factor_return", period, day.date(), value)
            add(mode + "alpha", period, "", line.loc["Ann. alpha", name])
            add(mode + "beta", period, "", line.loc["beta", name])
            for quantile in range(1, top + 1):
                add(mode + "mean", period, quantile, means.loc[quantile, name])
                add(mode + "error", period, quantile, errors.loc[quantile, name])
                turn = perf.quantile_turnover(data["factor_quantile"], quantile, period)
                add(mode + "turnover", period, quantile, turn.mean())
                if period == 1:
                    growth = perf.cumulative_returns(plain[name].xs(quantile, level="factor_quantile"))
                    add(mode + "growth", period, quantile, growth.iloc[-1])
                for group in groups:
                    add(mode + "mean_group", period, f"{group}/{quantile}", within.loc[(quantile, group), name])
            # alphalens tells of a book of one; the spread here is of one on each side.
            add(mode + "spread", period, "", 2 * spread[name].mean())
            add(mode + "autocorrelation", period, "", perf.factor_rank_autocorrelation(data, period).mean())
    with open(os.path.join(HERE, "report_expected.csv"), "w", newline="") as f:
        version = importlib.metadata.version
        f.write(f"# alphalens-reloaded {version('alphalens-reloaded')}, pandas {pd.__version__}, "
                f"scipy {version('scipy')}; made by generate_report.py\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["measure", "period", "part", "value"])
        out.writerows(found)


if __name__ == "__main__":
    main()
