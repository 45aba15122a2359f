//! What an indicator is, and how its state is put away.

use crate::Error;

/// A part of an indicator's state.
#[derive(Debug)]
pub enum Cell<'a> {
    /// A number.
    Number(&'a mut f64),
    /// A count or a position.
    Count(&'a mut usize),
}

/// A formula that takes values one after the other and remembers what it needs.
pub trait Indicator: Send {
    /// Takes one value of each input and writes one of each output, `NaN` while there are too few.
    fn update(&mut self, inputs: &[f64], out: &mut [f64]);

    /// Takes all values of each input and writes all of each output, with the bits that
    /// [`update`](Self::update) would give: as many as the shortest slice has.
    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
        one_by_one(self, inputs, out);
    }

    /// Shows every part of the state, always the same ones in the same order.
    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>));

    /// The state, to go on from later.
    fn snapshot(&mut self) -> Vec<u64> {
        let mut saved = Vec::new();
        self.cells(&mut |cell| {
            saved.push(match cell {
                Cell::Number(number) => number.to_bits(),
                Cell::Count(count) => *count as u64,
            });
        });
        saved
    }

    /// Goes on from a state of the same indicator with the same parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Snapshot`] for a state of another size.
    fn restore(&mut self, saved: &[u64]) -> Result<(), Error> {
        let mut cells = 0;
        self.cells(&mut |_| cells += 1);
        if cells != saved.len() {
            return Err(Error::Snapshot { found: saved.len(), expected: cells });
        }
        let mut saved = saved.iter();
        self.cells(&mut |cell| {
            let Some(saved) = saved.next() else { return };
            match cell {
                Cell::Number(number) => *number = f64::from_bits(*saved),
                Cell::Count(count) => *count = usize::try_from(*saved).unwrap_or_default(),
            }
        });
        Ok(())
    }
}

/// Value after value.
pub(super) fn one_by_one<I: Indicator + ?Sized>(
    indicator: &mut I,
    inputs: &[&[f64]],
    out: &mut [&mut [f64]],
) {
    if let ([values], [out]) = (inputs, &mut *out) {
        for (value, out) in values.iter().zip(out.iter_mut()) {
            indicator.update(std::slice::from_ref(value), std::slice::from_mut(out));
        }
        return;
    }
    let shown = out.iter().map(|out| out.len()).min().unwrap_or(0);
    let count = inputs.iter().map(|input| input.len()).min().unwrap_or(0).min(shown);
    // No indicator takes more than the five numbers of a bar, or gives more than that.
    let (mut values, mut found) = ([f64::NAN; 5], [f64::NAN; 5]);
    let (values, found) = (&mut values[..inputs.len().min(5)], &mut found[..out.len().min(5)]);
    for row in 0..count {
        for (value, input) in values.iter_mut().zip(inputs) {
            *value = input[row];
        }
        indicator.update(values, found);
        for (out, found) in out.iter_mut().zip(&*found) {
            out[row] = *found;
        }
    }
}
