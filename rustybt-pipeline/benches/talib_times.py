#!/usr/bin/env python3
"""Time TA-Lib's functions on the series of indicator.rs, in nanoseconds a value.

    pip install TA-Lib==0.8.2 numpy
    python talib_times.py

One thread, the best of several runs, as `cargo bench -p rustybt-pipeline --bench indicator` shows (its time over
a hundred thousand).
"""
import time

import numpy as np
import talib as t

VALUES = 100_000
MASK = (1 << 64) - 1


def bars(rows, seed):
    state = (seed * 2 + 1) & MASK
    out = np.empty((5, rows))
    close, other = 100.0, 50.0

    def following():
        nonlocal state
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) & MASK
        return (state >> 11) / (1 << 53)

    for row in range(rows):
        close *= 1.0 + 0.02 * (following() - 0.5)
        other *= 1.0 + 0.02 * (following() - 0.5)
        high, low = close * (1.0 + 0.01 * following()), close * (1.0 - 0.01 * following())
        out[:, row] = high, low, close, 1000.0 + np.floor(following() * 9000.0), other
    return [np.ascontiguousarray(column) for column in out]


def functions(h, l, c, v, o):
    return {
        "SMA": lambda: t.SMA(c, 30), "EMA": lambda: t.EMA(c, 30), "RMA": lambda: t.RMA(c, 14), "WMA": lambda: t.WMA(c, 30),
        "DEMA": lambda: t.DEMA(c, 30), "TEMA": lambda: t.TEMA(c, 30), "HMA": lambda: t.HMA(c, 20), "ZLEMA": lambda: t.ZLEMA(c, 30),
        "KAMA": lambda: t.KAMA(c, 30), "VWMA": lambda: t.VWMA(c, v, 30), "TRIX": lambda: t.TRIX(c, 30), "WilderRSI": lambda: t.RSI(c, 14),
        "CMO": lambda: t.CMO(c, 14), "MACD": lambda: t.MACD(c, 12, 26, 9), "PPO": lambda: t.PPO(c, 12, 26, 1),
        "STOCHRSI": lambda: t.STOCHRSI(c, 14, 5, 3, 0), "STOCH": lambda: t.STOCH(h, l, c, 5, 3, 0, 3, 0), "KDJ": lambda: t.KDJ(h, l, c, 9, 3, 13, 3, 13),
        "WILLR": lambda: t.WILLR(h, l, c, 14), "CCI": lambda: t.CCI(h, l, c, 14), "MFI": lambda: t.MFI(h, l, c, v, 14),
        "ULTOSC": lambda: t.ULTOSC(h, l, c, 7, 14, 28), "ROC": lambda: t.ROC(c, 10), "MOM": lambda: t.MOM(c, 10), "AROON": lambda: t.AROON(h, l, 14),
        "ADX": lambda: (t.PLUS_DI(h, l, c, 14), t.MINUS_DI(h, l, c, 14), t.ADX(h, l, c, 14)), "ADXR": lambda: t.ADXR(h, l, c, 14),
        "VORTEX": lambda: t.VORTEX(h, l, c, 14), "SAR": lambda: t.SAR(h, l, 0.02, 0.2), "SUPERTREND": lambda: t.SUPERTREND(h, l, c, 10, 3.0),
        "KC": lambda: t.KC(h, l, c, 20, 10, 2.0), "TRANGE": lambda: t.TRANGE(h, l, c), "ATR": lambda: t.ATR(h, l, c, 14),
        "NATR": lambda: t.NATR(h, l, c, 14), "BBANDS": lambda: t.BBANDS(c, 20, 2, 2, 0), "DONCHIAN": lambda: t.DONCHIAN(h, l, 20),
        "STDDEV": lambda: t.STDDEV(c, 20, 1), "VAR": lambda: t.VAR(c, 20, 1), "MAX": lambda: t.MAX(c, 30), "MIN": lambda: t.MIN(c, 30),
        "LINEARREG": lambda: t.LINEARREG(c, 14), "LINEARREG_SLOPE": lambda: t.LINEARREG_SLOPE(c, 14), "CORREL": lambda: t.CORREL(c, o, 30),
        "BETA": lambda: t.BETA(c, o, 5), "OBV": lambda: t.OBV(c, v), "PVT": lambda: t.PVT(c, v), "CumulativeVWAP": lambda: t.VWAP(h, l, c, v),
        "AD": lambda: t.AD(h, l, c, v), "ADOSC": lambda: t.ADOSC(h, l, c, v, 3, 10), "CMF": lambda: t.CMF(h, l, c, v, 20),
    }


TWENTY = ["SMA", "EMA", "WMA", "DEMA", "WilderRSI", "MACD", "PPO", "STOCH", "WILLR", "CCI", "ROC", "MOM", "AROON", "ADX",
          "ATR", "BBANDS", "STDDEV", "MAX", "MIN", "OBV"]


def best(function, runs):
    times = []
    for _ in range(runs):
        began = time.perf_counter_ns()
        function()
        times.append(time.perf_counter_ns() - began)
    return min(times)


def main():
    print(f"TA-Lib {t.__version__} (C {t.__ta_version__.decode().split()[0]}), numpy {np.__version__}")
    for name, function in functions(*bars(VALUES, 1)).items():
        print(f"{name:<16} {best(function, 50) / VALUES:8.2f} ns a value")
    symbols = [functions(*bars(2520, seed)) for seed in range(500)]
    took = best(lambda: [symbol[name]() for symbol in symbols for name in TWENTY], 5)
    print(f"twenty indicators of 500 symbols: {took / 1e6:.1f} ms")


if __name__ == "__main__":
    main()
