//! Sums of every window of a series, each a tree of its own values.
//!
//! A window of `4m + d` values is four windows of `m`, and `d` values more; so all windows of one
//! length come from all windows of a quarter of it, in passes that no addition has to wait for. A
//! sum is a function of the values in its window and of nothing else, so a value that leaves a
//! window leaves no trace, and it does not matter where a series begins. Rounding errors grow with
//! the logarithm of the window (N. J. Higham, *The accuracy of floating point summation*, 1993).

/// Windows that one pass makes: what lies between passes stays in the nearest cache.
const AT_A_TIME: usize = 1024;

/// The sum of every window of `window` values: `out[i]` is that of `values[i..i + window]`.
///
/// Writes as many sums as there are windows and places for them.
///
/// ```
/// let mut out = [0.0; 3];
/// rustybt_pipeline::kernel::rolling_sum(&[1.0, 2.0, 3.0, 4.0], 2, &mut out);
/// assert_eq!(out, [3.0, 5.0, 7.0]);
/// ```
pub fn rolling_sum(values: &[f64], window: usize, out: &mut [f64]) {
    in_passes(values, window, out, |passes, seen, out| passes.sum(seen, window, out));
}

/// The sum of every window, over the number of its values.
pub(crate) fn rolling_quotient(values: &[f64], window: usize, out: &mut [f64]) {
    let count = window as f64;
    in_passes(values, window, out, |passes, seen, out| {
        passes.sum(seen, window, &mut Quotients { out, count });
    });
}

fn in_passes(
    values: &[f64],
    window: usize,
    out: &mut [f64],
    sum: impl Fn(&mut Passes, &[f64], &mut [f64]),
) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let windows = windows.min(out.len());
    let room = || Vec::with_capacity(windows.min(AT_A_TIME) + window);
    let mut passes = Passes { shorter: room(), longer: room() };
    let out = out.get_mut(..windows).unwrap_or_default();
    for (out, first) in out.chunks_mut(AT_A_TIME).zip((0..).step_by(AT_A_TIME)) {
        let seen = values.get(first..first + out.len() + window - 1).unwrap_or_default();
        sum(&mut passes, seen, out);
    }
}

/// The sum of one window, with the bits that [`rolling_sum`] gives it; 0 of nothing.
///
/// ```
/// assert_eq!(rustybt_pipeline::kernel::sum_of_window(&[1.0, 2.0, 3.0]), 6.0);
/// ```
pub fn sum_of_window(values: &[f64]) -> f64 {
    match values {
        [] => 0.0,
        [a] => *a,
        [a, b] => a + b,
        [a, b, c] => (a + b) + c,
        _ => {
            let (quarters, rest) = values.split_at(values.len() / 4 * 4);
            let mut quarters = quarters.chunks_exact(quarters.len() / 4).map(sum_of_window);
            let mut next = || quarters.next().unwrap_or_default();
            let sum = (next() + next()) + (next() + next());
            if rest.is_empty() { sum } else { sum + sum_of_window(rest) }
        }
    }
}

/// The sums between passes.
struct Passes {
    shorter: Vec<f64>,
    longer: Vec<f64>,
}

impl Passes {
    /// The sums of all windows of `values`: from the leading digit of the length in base four on,
    /// each digit makes windows four times as long, and by itself longer.
    fn sum(&mut self, values: &[f64], window: usize, out: &mut (impl Sink + ?Sized)) {
        let mut shift = window.ilog2() & !1;
        let mut length = window >> shift;
        if shift == 0 {
            return begun(values, length, out);
        }
        begun(values, length, &mut self.shorter);
        loop {
            shift -= 2;
            let digit = (window >> shift) & 3;
            let rest = values.get(4 * length..).unwrap_or_default();
            if shift == 0 {
                return lengthened(&self.shorter, length, rest, digit, out);
            }
            lengthened(&self.shorter, length, rest, digit, &mut self.longer);
            std::mem::swap(&mut self.shorter, &mut self.longer);
            length = 4 * length + digit;
        }
    }
}

/// Where the sums of a pass go.
trait Sink {
    fn take(&mut self, sums: impl Iterator<Item = f64>);
}

impl Sink for Vec<f64> {
    #[inline]
    fn take(&mut self, sums: impl Iterator<Item = f64>) {
        self.clear();
        self.extend(sums);
    }
}

impl Sink for [f64] {
    #[inline]
    fn take(&mut self, sums: impl Iterator<Item = f64>) {
        for (place, sum) in self.iter_mut().zip(sums) {
            *place = sum;
        }
    }
}

/// Where sums go that are divided: the divisions take the time in which numbers are fetched.
struct Quotients<'a> {
    out: &'a mut [f64],
    count: f64,
}

impl Sink for Quotients<'_> {
    #[inline]
    fn take(&mut self, sums: impl Iterator<Item = f64>) {
        for (place, sum) in self.out.iter_mut().zip(sums) {
            *place = sum / self.count;
        }
    }
}

/// Windows of one, two or three values.
#[inline]
fn begun(values: &[f64], length: usize, sink: &mut (impl Sink + ?Sized)) {
    let at = |place: usize| values.get(place..).unwrap_or_default();
    match length {
        1 => sink.take(values.iter().copied()),
        2 => sink.take(values.iter().zip(at(1)).map(|(a, b)| a + b)),
        _ => sink.take(values.iter().zip(at(1)).zip(at(2)).map(|((a, b), c)| (a + b) + c)),
    }
}

/// Four windows of one length, and the first `digit` values of what comes after them.
#[inline]
fn lengthened(
    sums: &[f64],
    length: usize,
    rest: &[f64],
    digit: usize,
    sink: &mut (impl Sink + ?Sized),
) {
    let quarter = |place: usize| sums.get(place * length..).unwrap_or_default();
    let fours = sums.iter().zip(quarter(1)).zip(quarter(2)).zip(quarter(3));
    let fours = fours.map(|(((a, b), c), d)| (a + b) + (c + d));
    let at = |place: usize| rest.get(place..).unwrap_or_default();
    match digit {
        0 => sink.take(fours),
        1 => sink.take(fours.zip(rest).map(|(sum, a)| sum + a)),
        2 => sink.take(fours.zip(rest.iter().zip(at(1))).map(|(sum, (a, b))| sum + (a + b))),
        _ => {
            let rest = rest.iter().zip(at(1)).zip(at(2)).map(|((a, b), c)| (a + b) + c);
            sink.take(fours.zip(rest).map(|(sum, rest)| sum + rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Vec<f64> {
        (0..n).map(|i| 100.0 + ((i * 7919) % 1009) as f64 / 7.0).collect()
    }

    #[test]
    fn every_window_has_its_own_sum_and_the_bits_of_it() {
        let values = series(1300);
        for window in (1..=70).chain([127, 128, 252, 255, 256, 257, 1000, 1299, 1300]) {
            let mut found = vec![0.0; values.len() + 1 - window];
            rolling_sum(&values, window, &mut found);
            for (i, sum) in found.iter().enumerate() {
                let part = &values[i..i + window];
                assert_eq!(sum.to_bits(), sum_of_window(part).to_bits(), "{window} at {i}");
                let expected: f64 = part.iter().sum();
                assert!((sum / expected - 1.0).abs() < 1e-13, "{window} at {i}");
            }
        }
    }

    #[test]
    fn what_leaves_the_window_leaves_no_trace() {
        let mut values = series(100);
        let mut clean = vec![0.0; 81];
        rolling_sum(&values, 20, &mut clean);
        for poison in [f64::NAN, f64::INFINITY, 1e300] {
            values[30] = poison;
            let mut out = vec![0.0; 81];
            rolling_sum(&values, 20, &mut out);
            assert_eq!(out[31..], clean[31..]);
            assert_eq!(out[..=10], clean[..=10]);
        }
    }

    #[test]
    fn odd_lengths_do_nothing() {
        let mut out = [7.0; 2];
        rolling_sum(&[1.0], 2, &mut out);
        rolling_sum(&[1.0], 0, &mut out);
        rolling_sum(&[], 5, &mut out);
        assert_eq!(out, [7.0; 2]);
        assert_eq!(sum_of_window(&[]), 0.0);
    }
}
