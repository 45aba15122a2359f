//! One law for all rolling kernels: how many digits are right, beside numbers of 106 bits.
//!
//! On ordinary prices, 1e-12 of the answer (or of what it is made from, where the answer may be nothing: a
//! correlation of one). After a spike of 1e15 has left the window, 1e-9. Missing where the reference is, and
//! nowhere else.

use rustybt_pipeline::indicator::{Kind, over};
use rustybt_pipeline::{
    AnnualizedVolatility, AverageDollarVolume, Block, BollingerBands, CustomFactor,
    ExponentialWeightedMovingAverage, ExponentialWeightedMovingStdDev, LinearWeightedMovingAverage,
    RollingKurtosis, RollingLinearRegression, RollingPearson, RollingSkew, RollingSpearman, Rsi,
    SimpleBeta, SimpleMovingAverage, StandardDeviation, Vwap, WeightedAverageValue, kernel,
};

use crate::wide::Wide;

/// Windows of x and y, and what they come to: the number, and what it is small beside.
type Reference = Box<dyn Fn(&[f64], &[f64]) -> (f64, f64)>;
/// Rolling over x and y.
type Rolling = Box<dyn Fn(&[f64], &[f64]) -> Vec<f64>>;

struct Law {
    name: String,
    window: usize,
    rolling: Rolling,
    reference: Reference,
}

const MISSING: (f64, f64) = (f64::NAN, 0.0);

fn w(value: f64) -> Wide {
    Wide::from(value)
}

fn present(values: &[f64]) -> Vec<Wide> {
    values.iter().filter(|value| !value.is_nan()).map(|value| w(*value)).collect()
}

fn mean(values: &[Wide]) -> Wide {
    values.iter().copied().sum::<Wide>() / w(values.len() as f64)
}

/// The mean product of distances from the means.
fn product(x: &[Wide], y: &[Wide]) -> Wide {
    let (a, b) = (mean(x), mean(y));
    x.iter().zip(y).map(|(x, y)| (*x - a) * (*y - b)).sum::<Wide>() / w(x.len() as f64)
}

fn deviation(values: &[Wide]) -> Wide {
    product(values, values).sqrt()
}

fn any_missing(x: &[f64], y: &[f64]) -> bool {
    x.iter().chain(y).any(|value| value.is_nan())
}

/// Of what is there of x.
fn of_present(tell: impl Fn(&[Wide]) -> (f64, f64) + 'static) -> Reference {
    Box::new(move |x, _| {
        let present = present(x);
        if present.is_empty() { MISSING } else { tell(&present) }
    })
}

/// Of x and y, where nothing is missing.
fn of_both(tell: impl Fn(&[Wide], &[Wide]) -> (f64, f64) + 'static) -> Reference {
    Box::new(move |x, y| if any_missing(x, y) { MISSING } else { tell(&present(x), &present(y)) })
}

/// Of x, where nothing is missing.
fn of_whole(tell: impl Fn(&[Wide]) -> (f64, f64) + 'static) -> Reference {
    Box::new(move |x, _| if any_missing(x, &[]) { MISSING } else { tell(&present(x)) })
}

fn exact(value: Wide) -> (f64, f64) {
    (value.narrow(), 0.0)
}

/// One output of a factor's block form.
fn block<C: CustomFactor>(factor: C, inputs: usize, part: usize) -> Rolling {
    Box::new(move |x, y| {
        let outputs = factor.outputs().len().max(1);
        let rows = (x.len() + 1).saturating_sub(factor.window_length());
        let mut out = vec![f64::NAN; rows * outputs];
        let series = [x, y];
        let form = factor.block_form().unwrap();
        form.compute_block(&Block::new(17, &series[..inputs]), &mut out);
        out[part * rows..(part + 1) * rows].to_vec()
    })
}

/// One output of an indicator over slices, from its first window on.
fn indicator(kind: Kind, inputs: usize, part: usize, window: usize) -> Rolling {
    Box::new(move |x, y| {
        let found = over(kind, &[x, y][..inputs]).unwrap();
        found[part][window - 1..].to_vec()
    })
}

fn central(values: &[Wide], power: i32) -> Wide {
    let mean = mean(values);
    let powers = values.iter().map(|value| {
        let distance = *value - mean;
        (1..power).fold(distance, |product, _| product * distance)
    });
    powers.sum::<Wide>() / w(values.len() as f64)
}

fn decayed(x: &[Wide], decay: f64) -> Wide {
    let (mut above, mut below) = (Wide::ZERO, Wide::ZERO);
    for value in x {
        above = above * w(decay) + *value;
        below = below * w(decay) + w(1.0);
    }
    above / below
}

/// Weights whose powers the reference squares, too.
fn decayed_deviation(x: &[Wide], decay: f64) -> Wide {
    let mean = decayed(x, decay);
    let squares: Vec<Wide> = x.iter().map(|v| (*v - mean) * (*v - mean)).collect();
    let (mut sum, mut of_squares) = (Wide::ZERO, Wide::ZERO);
    for _ in x {
        sum = sum * w(decay) + w(1.0);
        of_squares = of_squares * w(decay) * w(decay) + w(1.0);
    }
    (decayed(&squares, decay) * (sum * sum / (sum * sum - of_squares))).sqrt()
}

fn line_parts(x: &[Wide], y: &[Wide]) -> [(f64, f64); 4] {
    let (xx, xy, yy) = (product(x, x), product(x, y), product(y, y));
    let beta = xy / xx;
    let alpha = mean(y) - beta * mean(x);
    let r = xy / (xx * yy).sqrt();
    let freedom = w(x.len() as f64 - 2.0);
    let stderr = ((w(1.0) - r * r) * yy / xx / freedom).sqrt();
    let slope = (yy / xx).sqrt().narrow();
    [
        (alpha.narrow(), mean(y).abs().narrow() + slope * mean(x).abs().narrow()),
        (beta.narrow(), slope),
        (r.narrow(), 1.0),
        (stderr.narrow(), 0.0),
    ]
}

fn ranks(values: &[Wide]) -> Vec<Wide> {
    let rank = |value: &Wide| {
        let below = values.iter().filter(|other| other.narrow() < value.narrow()).count();
        let equal = values.iter().filter(|other| other.narrow() == value.narrow()).count();
        w(below as f64 + f64::midpoint(equal as f64, 1.0))
    };
    values.iter().map(rank).collect()
}

/// Sums of rises and falls; a change from or to what is missing is neither.
fn moves(x: &[f64]) -> (Wide, Wide) {
    let changes = x.windows(2).filter(|pair| !(pair[0] + pair[1]).is_nan());
    changes.fold((Wide::ZERO, Wide::ZERO), |(up, down), pair| {
        let change = w(pair[1]) - w(pair[0]);
        if change.narrow() > 0.0 { (up + change, down) } else { (up, down - change) }
    })
}

/// `Σ xy / Σ y` and `Σ xy / n` of what is there.
fn weighted(x: &[f64], y: &[f64]) -> (Wide, Wide) {
    let pairs = x.iter().zip(y);
    let both = pairs.filter(|(x, y)| !(x.is_nan() || y.is_nan()));
    let above: Wide = both.map(|(x, y)| w(*x) * w(*y)).sum();
    (above, present(y).into_iter().sum())
}

fn laws(n: usize) -> Vec<Law> {
    let mut laws: Vec<Law> = Vec::new();
    let mut law = |name: &str, window: usize, rolling: Rolling, reference: Reference| {
        laws.push(Law { name: format!("{name}({window})"), window, rolling, reference });
    };
    let sums = move |x: &[f64], _: &[f64]| {
        let mut out = vec![0.0; x.len() + 1 - n];
        kernel::rolling_sum(x, n, &mut out);
        out
    };
    law("rolling_sum", n, Box::new(sums), of_whole(|x| exact(x.iter().copied().sum())));
    for (part, name) in ["mean", "deviation"].into_iter().enumerate() {
        let rolling = move |x: &[f64], _: &[f64]| {
            let mut out = vec![[0.0; 2]; x.len() + 1 - n];
            kernel::rolling_deviation(x, 5, n, &mut out);
            out.into_iter().map(|both| both[part]).collect()
        };
        let reference = of_present(move |x| exact(if part == 0 { mean(x) } else { deviation(x) }));
        law(&format!("rolling_deviation.{name}"), n, Box::new(rolling), reference);
    }
    let mean_of = || of_present(|x| exact(mean(x)));
    law("SMA", n, block(SimpleMovingAverage::new(n).unwrap(), 1, 0), mean_of());
    law(
        "StandardDeviation",
        n,
        block(StandardDeviation::new(n).unwrap(), 1, 0),
        of_present(|x| exact(deviation(x))),
    );
    law(
        "AnnualizedVolatility",
        n,
        block(AnnualizedVolatility::new(n, 252.0).unwrap(), 1, 0),
        of_present(|x| exact(deviation(x) * w(252.0).sqrt())),
    );
    for (part, side) in [-2.0, 0.0, 2.0].into_iter().enumerate() {
        law(
            "BollingerBands",
            n,
            block(BollingerBands::new(n, 2.0).unwrap(), 1, part),
            of_present(move |x| {
                ((mean(x) + w(side) * deviation(x)).narrow(), mean(x).abs().narrow())
            }),
        );
    }
    law(
        "LinearWeightedMovingAverage",
        n,
        block(LinearWeightedMovingAverage::new(n).unwrap(), 1, 0),
        Box::new(move |x, _| {
            let terms = x.iter().zip(1..).filter(|(x, _)| !x.is_nan());
            let above: Wide = terms.map(|(x, i)| w(*x) * w(f64::from(i))).sum();
            exact(above / w((n * (n + 1)) as f64 / 2.0))
        }),
    );
    for decay in [0.5, 0.94, 0.99] {
        law(
            &format!("EWMA {decay}"),
            n,
            block(ExponentialWeightedMovingAverage::new(n, decay).unwrap(), 1, 0),
            of_whole(move |x| exact(decayed(x, decay))),
        );
        // Of a long window and a quick decay nothing is left to correct.
        law(
            &format!("EWMSTD {decay}"),
            n,
            block(ExponentialWeightedMovingStdDev::new(n, decay).unwrap(), 1, 0),
            of_whole(move |x| exact(decayed_deviation(x, decay))),
        );
    }
    for (part, name) in ["alpha", "beta", "r", "stderr"].into_iter().enumerate() {
        let out = if part == 3 { 4 } else { part };
        law(
            &format!("RollingLinearRegression.{name}"),
            n,
            block(RollingLinearRegression::new(n).unwrap(), 2, out),
            // The first input is the dependent one.
            of_both(move |y, x| line_parts(x, y)[part]),
        );
    }
    law(
        "RollingPearson",
        n,
        block(RollingPearson::new(n).unwrap(), 2, 0),
        of_both(|x, y| line_parts(x, y)[2]),
    );
    law(
        "RollingSpearman",
        n,
        block(RollingSpearman::new(n).unwrap(), 2, 0),
        of_both(|x, y| line_parts(&ranks(x), &ranks(y))[2]),
    );
    law(
        "SimpleBeta",
        n,
        block(SimpleBeta::new(n, 0.25).unwrap(), 2, 0),
        Box::new(move |own, market| {
            let pairs = own.iter().zip(market).filter(|(a, b)| !(a.is_nan() || b.is_nan()));
            let (own, market): (Vec<Wide>, Vec<Wide>) = pairs.map(|(a, b)| (w(*a), w(*b))).unzip();
            let missing = n - own.len();
            if missing as f64 > (0.25 * n as f64).floor() {
                return MISSING;
            }
            line_parts(&market, &own)[1]
        }),
    );
    law(
        "RollingSkew",
        n,
        block(RollingSkew::new(n).unwrap(), 1, 0),
        of_present(|x| {
            let variance = central(x, 2);
            ((central(x, 3) / (variance * variance.sqrt())).narrow(), 1.0)
        }),
    );
    law(
        "RollingKurtosis",
        n,
        block(RollingKurtosis::new(n).unwrap(), 1, 0),
        of_present(|x| {
            let variance = central(x, 2);
            let ratio = central(x, 4) / (variance * variance);
            ((ratio - w(3.0)).narrow(), ratio.narrow())
        }),
    );
    law(
        "RSI",
        n,
        block(Rsi::new(n).unwrap(), 1, 0),
        Box::new(|x, _| {
            let (up, down) = moves(x);
            ((w(100.0) * up / (up + down)).narrow(), 1.0)
        }),
    );
    let vwap = || -> Reference {
        Box::new(|x, y| {
            let (above, below) = weighted(x, y);
            exact(above / below)
        })
    };
    law("VWAP", n, block(Vwap::new(n).unwrap(), 2, 0), vwap());
    law("WeightedAverageValue", n, block(WeightedAverageValue::new(n).unwrap(), 2, 0), vwap());
    law(
        "AverageDollarVolume",
        n,
        block(AverageDollarVolume::new(n).unwrap(), 2, 0),
        Box::new(move |x, y| exact(weighted(x, y).0 / w(n as f64))),
    );
    let period = n;
    let wma = of_whole(|x| {
        let terms = x.iter().zip(1..).map(|(x, i)| (*x * w(f64::from(i)), w(f64::from(i))));
        let (above, below) = terms.fold((Wide::ZERO, Wide::ZERO), |(a, b), (x, i)| (a + x, b + i));
        exact(above / below)
    });
    law("WMA indicator", n, indicator(Kind::Wma { period }, 1, 0, n), wma);
    law("SMA indicator", n, indicator(Kind::Sma { period }, 1, 0, n), of_whole(|x| exact(mean(x))));
    law(
        "VAR indicator",
        n,
        indicator(Kind::Var { period }, 1, 0, n),
        of_whole(|x| exact(product(x, x))),
    );
    law(
        "STDDEV indicator",
        n,
        indicator(Kind::Stddev { period }, 1, 0, n),
        of_whole(|x| exact(deviation(x))),
    );
    law(
        "CORREL indicator",
        n,
        indicator(Kind::Correl { period }, 2, 0, n),
        of_both(|x, y| line_parts(x, y)[2]),
    );
    let places: Vec<Wide> = (0..n).map(|place| w(place as f64)).collect();
    law(
        "LINEARREG_SLOPE indicator",
        n,
        indicator(Kind::LinearregSlope { period }, 1, 0, n),
        of_whole(move |x| line_parts(&places, x)[1]),
    );
    law(
        "BETA indicator",
        n + 1,
        indicator(Kind::Beta { period }, 2, 0, n + 1),
        of_both(|x, y| {
            let changes = |v: &[Wide]| -> Vec<Wide> {
                v.windows(2).map(|pair| pair[1] / pair[0] - w(1.0)).collect()
            };
            line_parts(&changes(x), &changes(y))[1]
        }),
    );
    laws
}

/// Numbers that look random: `SplitMix64`.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Prices that walk, in cents, and others beside them.
fn prices(rows: usize) -> (Vec<f64>, Vec<f64>) {
    let mut next = random(42);
    let (mut price, mut other) = (100.0, 37.0);
    let pairs = (0..rows).map(|_| {
        let common = next() - 0.5;
        price *= 1.0 + 0.03 * (common + next() - 0.5);
        other *= 1.0 + 0.04 * (common + next() - 0.5);
        let cents = |x: f64| (x * 100.0).round() / 100.0;
        (cents(price), cents(other))
    });
    pairs.unzip()
}

/// The furthest that a law is off, of the windows that `judged` lets through, and where.
fn furthest(law: &Law, x: &[f64], y: &[f64], judged: impl Fn(usize) -> bool) -> (f64, String) {
    let found = (law.rolling)(x, y);
    assert_eq!(found.len(), x.len() + 1 - law.window, "{}", law.name);
    let mut worst = (0.0, String::new());
    for (first, found) in found.into_iter().enumerate().filter(|(first, _)| judged(*first)) {
        let windows = first..first + law.window;
        let (expected, scale) = (law.reference)(&x[windows.clone()], &y[windows]);
        let told = format!("{} at {first}: {found:e} is not {expected:e}", law.name);
        assert_eq!(found.is_nan(), expected.is_nan(), "{told}");
        let off = (found - expected).abs() / expected.abs().max(scale);
        if off > worst.0 {
            worst = (off, told);
        }
    }
    worst
}

const ROWS: usize = 420;

#[test]
fn ordinary_prices_to_twelve_digits() {
    let (x, y) = prices(ROWS);
    let changes = |v: &[f64]| -> Vec<f64> { v.windows(2).map(|p| p[1] / p[0] - 1.0).collect() };
    let mut wrong = Vec::new();
    for window in [5, 20, 63, 252] {
        for law in laws(window) {
            for (what, x, y) in [("prices", &x, &y), ("returns", &changes(&x), &changes(&y))] {
                // A volume-weighted mean of returns has weights that cancel.
                if what == "returns" && ["VWAP", "Weig", "BETA", "Aver"].contains(&&law.name[..4]) {
                    continue;
                }
                // Means and sums of returns cancel: what they are small beside is the size of a return.
                let tolerance = if what == "returns" { 1e-11 } else { 1e-12 };
                let (off, told) = furthest(&law, x, y, |_| true);
                if off > tolerance {
                    wrong.push(format!("{what}: {told} ({off:.1e})"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_spike_that_left_leaves_nothing() {
    let (mut x, mut y) = prices(ROWS);
    let spikes = [120, 141, 300];
    for spike in spikes {
        x[spike] = 1e15;
        y[spike + 3] = 1e15;
    }
    let mut wrong = Vec::new();
    for window in [5, 20, 63] {
        for law in laws(window) {
            let clear = |first: usize| {
                let holds = |place: usize| (first..first + law.window).contains(&place);
                !spikes.iter().any(|spike| holds(*spike) || holds(spike + 3))
            };
            let (off, told) = furthest(&law, &x, &y, clear);
            if off > 1e-12 {
                wrong.push(format!("{told} ({off:.1e})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_missing_is_missing_and_nothing_else() {
    let (mut x, mut y) = prices(ROWS);
    for place in [0, 31, 90, 91, 200, 330] {
        x[place] = f64::NAN;
    }
    x[370..400].fill(f64::NAN);
    y[333..336].fill(f64::NAN);
    let mut wrong = Vec::new();
    for window in [5, 20] {
        for law in laws(window) {
            let (off, told) = furthest(&law, &x, &y, |_| true);
            if off > 1e-12 {
                wrong.push(format!("{told} ({off:.1e})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
