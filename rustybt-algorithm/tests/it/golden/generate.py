"""Writes what zipline makes of some strategies on the market of rustybt-data: orders.csv, trades.csv, values.csv.

    python generate.py        # zipline-reloaded 3.2.1, Python 3.11

The strategies are those of ../golden.rs, line for line.
"""
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../../../rustybt-data/tests/it/golden"))

import pandas as pd
from generate import ASSETS, CALENDAR, SESSIONS, bundle, text, write
from zipline import run_algorithm
from zipline.api import (
    date_rules,
    order,
    order_target,
    order_target_percent,
    schedule_function,
    set_commission,
    set_slippage,
    symbols,
    time_rules,
)
from zipline.finance.blotter import SimulationBlotter
from zipline.finance.commission import PerDollar, PerShare
from zipline.finance.slippage import FixedBasisPointsSlippage, VolumeShareSlippage


def hold(context, data):
    """Buys once: splits, dividends and an end happen to what is held."""
    if context.bar == 0:
        for asset in context.assets[:3]:
            order(asset, 333)
    if context.bar == 10:
        order(context.assets[3], -77)


def rotate(context, data):
    """Every week other weights, some of them short."""
    for place, asset in enumerate(context.assets):
        if data.can_trade(asset):
            turn = (place + context.bar // 5) % 4
            order_target_percent(asset, [0.05, -0.02, 0.0, 0.04][turn])


def large(context, data):
    """More than a bar can take: orders are filled over days, across a split, or never."""
    if context.bar == 1:
        for asset, amount in zip(context.assets, [40_000, 12_000, 3_000]):
            order(asset, amount)
    if context.bar == 25:
        order(context.assets[0], -70_000)
        order(context.assets[0], 500)
        order(context.assets[1], 3)
        order(context.assets[1], 20_001)
        order(context.assets[2], 9_000)


def limits(context, data):
    """Every ninth bar a limit, a stop and both, around the price."""
    if context.bar % 9:
        return
    for asset in context.assets:
        if data.can_trade(asset):
            price = data.current(asset, "price")
            order(asset, 40, limit_price=round(price * 0.99, 2))
            order(asset, -25, stop_price=round(price * 0.98, 2))
            order(asset, 10, stop_price=round(price * 1.01, 2), limit_price=round(price * 1.02, 2))


def averages(context, data):
    """In while the mean of three closes is above that of eight."""
    if context.bar < 20:
        return
    for asset in context.assets:
        if not data.can_trade(asset):
            continue
        closes = data.history(asset, "price", 8, "1d")
        above = closes[-3:].mean() > closes.mean()
        held = context.portfolio.positions[asset].amount
        if above and held == 0:
            order_target(asset, 200)
        elif not above and held != 0:
            order_target(asset, 0)


def second_of_week(context, data):
    order(context.assets[0], 11)


def third_last_of_month(context, data):
    order(context.assets[1], -7)


STRATEGIES = {"hold": hold, "rotate": rotate, "large": large, "limits": limits, "averages": averages, "calendar": None}


def run(name, placed):
    def initialize(context):
        context.assets = symbols(*ASSETS)
        context.bar = -1
        set_slippage(VolumeShareSlippage(0.025, 0.1))
        set_commission(PerShare(0.001, 0.0))
        if name == "large":
            set_commission(PerDollar(0.0015))
        if name == "rotate":
            set_slippage(FixedBasisPointsSlippage(5.0, 0.1))
            set_commission(PerShare(0.0075, 1.0))
            schedule_function(rotate, date_rules.week_start(), time_rules.market_open())
        if name == "calendar":
            schedule_function(second_of_week, date_rules.week_start(1), time_rules.market_open())
            schedule_function(third_last_of_month, date_rules.month_end(2), time_rules.market_close())

    def handle_data(context, data):
        context.bar += 1
        if name not in ("rotate", "calendar"):
            STRATEGIES[name](context, data)

    result = run_algorithm(
        start=SESSIONS[0],
        end=SESSIONS[-1],
        initialize=initialize,
        handle_data=handle_data,
        capital_base=1e6,
        bundle="golden",
        trading_calendar=CALENDAR,
        benchmark_returns=pd.Series(0.0, index=SESSIONS),
    )
    status = ["open", "filled", "cancelled"]
    orders = [
        [name, str(o.created.date()), o.asset.symbol, *map(text, (o.amount, o.filled, o.commission)), status[o.status]]
        for o in placed
    ]
    trades = [
        [name, str(t["dt"].date()), t["sid"].symbol, text(t["amount"]), text(t["price"]), "order" if t["order_id"] else "auto-close"]
        for session in result.transactions
        for t in session
    ]
    return orders, trades, [f"{text(c)} {text(v)}" for c, v in zip(result.ending_cash, result.portfolio_value)]


def main():
    bundle()
    placed = []
    place = SimulationBlotter.order

    def remember(blotter, *args, **options):
        name = place(blotter, *args, **options)
        if name:
            placed.append(blotter.orders[name])
        return name

    SimulationBlotter.order = remember
    orders, trades, values = [], [], [[str(session.date())] for session in SESSIONS]
    for name in STRATEGIES:
        placed.clear()
        of_orders, of_trades, of_values = run(name, placed)
        orders += of_orders
        trades += of_trades
        for row, value in zip(values, of_values):
            row.append(value)
    write(HERE, "orders.csv", ["strategy", "created", "symbol", "amount", "filled", "commission", "status"], orders)
    write(HERE, "trades.csv", ["strategy", "session", "symbol", "amount", "price", "cause"], trades)
    write(HERE, "values.csv", ["session", *STRATEGIES], values)


if __name__ == "__main__":
    main()
