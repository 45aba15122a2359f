//! What somebody may have meant who wrote a name that is none.

/// The names among `known` within two edits of `word`, nearest first, at most five. Case does not count.
pub(crate) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|known| (edits(&wanted, &known.to_lowercase()), known))
        .filter(|&(edits, known)| edits <= 2 && edits < known.len())
        .collect();
    near.sort_unstable();
    near.into_iter().take(5).map(|(_, known)| known).collect()
}

/// The end of a message: `; did you mean …?` with the names among `known` that are most like `word`, or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = near(word, known);
    let far = |known: &str| edits(&word.to_lowercase(), &known.to_lowercase());
    let nearest =
        near.iter().take_while(|known| far(known) == near.first().map_or(0, |best| far(best)));
    match nearest.copied().collect::<Vec<_>>()[..] {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        [one, other, ..] => format!("; did you mean `{one}` or `{other}`?"),
    }
}

/// How many letters must be added, removed, replaced or swapped with a neighbour to make `a` into `b`.
fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let mut cost =
                (last[j] + usize::from(a[i] != b[j])).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_is_found_nearest_first() {
        let known = ["label", "roll", "from", "to", "weekdays"];
        assert_eq!(near("lable", known), ["label"]);
        assert_eq!(near("Weekday", known), ["weekdays"]);
        assert_eq!(near("form", known), ["from"]);
        assert_eq!(near("colour", known), [""; 0]);
        assert_eq!(near("", known), [""; 0]);
        assert_eq!(did_you_mean("Fir", ["Thu", "Fri"]), "; did you mean `Fri`?");
        assert_eq!(did_you_mean("colour", known), "");
        assert_eq!(edits("XNYS", "XNYS"), 0);
        assert_eq!(edits("", "XNYS"), 4);
    }
}
