//! Symbols as names of files: which text may be one, and which look alike.

/// Says why a text can be no symbol.
///
/// # Errors
///
/// What is wrong with it.
pub(in crate::file) fn check(symbol: &str) -> Result<(), &'static str> {
    const LONGEST: usize = 64;
    let strange = |c: char| {
        c.is_control() || (c.is_whitespace() && c != ' ') || (!c.is_ascii() && !c.is_alphanumeric())
    };
    if symbol.trim().is_empty() {
        Err("it is empty")
    } else if symbol.contains(['/', '\\']) {
        Err("it holds a path separator")
    } else if symbol.contains("..") {
        Err("it holds `..`, which leads out of the folder")
    } else if symbol.len() > LONGEST {
        Err("it is longer than 64 bytes")
    } else if symbol.contains(strange) {
        Err("it holds a character that cannot be seen")
    } else {
        Ok(())
    }
}

/// A symbol in the form in which symbols are compared.
pub(super) fn fold(symbol: &str) -> String {
    symbol
        .trim()
        .chars()
        .map(|c| if matches!(c, '-' | '/' | '_') { '.' } else { c.to_ascii_uppercase() })
        .collect()
}

/// Up to three of `known` that look most like `symbol`, all equally so.
pub(super) fn near<'k>(symbol: &str, known: impl Iterator<Item = &'k str>) -> Vec<String> {
    let folded = fold(symbol);
    let farthest = (folded.chars().count() / 2).clamp(1, 2);
    let mut found: Vec<(usize, &str)> = known
        .map(|name| (distance(&folded, &fold(name)), name))
        .filter(|(distance, _)| *distance <= farthest)
        .collect();
    found.sort_unstable();
    let nearest = found.first().map(|(distance, _)| *distance);
    found.retain(|(distance, _)| Some(*distance) == nearest);
    found.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&row, j) + usize::from(x != *y)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = j > 0 && b.get(j - 1) == Some(&x) && previous == Some(*y);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        previous = Some(x);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_stay_in_their_folder() {
        for symbol in ["AAPL", "BRK.A", "BRK-B", "BRK B", "7203.T", "^GSPC", "EURUSD=X", "ÖBB"] {
            assert_eq!(check(symbol), Ok(()), "{symbol}");
        }
        assert_eq!(check("../x"), Err("it holds a path separator"));
        assert_eq!(check("a\\b"), Err("it holds a path separator"));
        assert_eq!(check(".."), Err("it holds `..`, which leads out of the folder"));
        assert_eq!(check(" "), Err("it is empty"));
        assert_eq!(check("A\u{200b}B"), Err("it holds a character that cannot be seen"));
        assert_eq!(check("A\u{202e}B"), Err("it holds a character that cannot be seen"));
        assert_eq!(check(&"A".repeat(65)), Err("it is longer than 64 bytes"));
    }

    #[test]
    fn neighbours() {
        let known = ["AAPL", "AAP", "MSFT", "BRK.A"];
        let near = |symbol| near(symbol, known.into_iter());
        assert_eq!(near("APPL"), ["AAPL"]);
        assert_eq!(near("AALP"), ["AAP", "AAPL"]);
        assert_eq!(near("MSF"), ["MSFT"]);
        assert_eq!(near("brk-b"), ["BRK.A"]);
        assert!(near("TSLA").is_empty());
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "AB", 2),
            ("KITTEN", "SITTING", 3),
            ("AB", "BA", 1),
            ("IBM", "IBM", 0),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
