//! What was probably meant.

/// More names than these are not listed.
const LISTED: usize = 30;

/// A hint for an unknown word: the nearest known one, or all of them.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|known| (distance(&word.to_lowercase(), &known.to_lowercase()), *known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min();
    match near {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None if known.is_empty() || known.len() > LISTED => String::new(),
        None => format!("; known are {}", list(known)),
    }
}

/// Names as a list for a sentence.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The edit distance, two letters the wrong way round being one mistake; words beyond any name's
/// length are just far.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 8 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(x != y);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_listed() {
        assert_eq!(hint("Retruns", &["RSI", "Returns"]), "; did you mean `Returns`?");
        assert_eq!(hint("clsoe", &["open", "close"]), "; did you mean `close`?");
        assert_eq!(hint("rsi", &["RSI", "Returns"]), "; did you mean `RSI`?");
        assert_eq!(hint("xyz", &["a", "b"]), "; known are `a`, `b`");
    }
}
