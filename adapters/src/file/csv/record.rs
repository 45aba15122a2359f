//! One line into cells: quotes undone, blanks around cells taken off.

use std::borrow::Cow;

/// The most columns a file may have.
pub(crate) const MOST_COLUMNS: usize = 4096;

/// Splits a line into its cells, in place of what `cells` held.
///
/// A cell that begins with `"` ends at the next one that is not doubled, or with the line. Cells
/// beyond [`MOST_COLUMNS`] are counted as one.
pub(crate) fn split<'t>(line: &'t [u8], delimiter: u8, cells: &mut Vec<Cow<'t, [u8]>>) {
    cells.clear();
    let mut rest = line;
    loop {
        rest = trim_start(rest, delimiter);
        let (cell, behind) = if let [b'"', quoted @ ..] = rest {
            unquote(quoted, delimiter)
        } else {
            let end = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
            let (cell, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            (Cow::Borrowed(cell.trim_ascii_end()), behind)
        };
        cells.push(cell);
        match behind {
            [_, next @ ..] if cells.len() <= MOST_COLUMNS => rest = next,
            _ => return,
        }
    }
}

/// A line as people may see it: without the end of line, cut to a sensible length.
pub(crate) fn shown(line: &[u8]) -> String {
    const LONGEST: usize = 200;
    let line = line.trim_ascii_end();
    match line.get(..LONGEST) {
        Some(start) if line.len() > LONGEST => format!("{}…", String::from_utf8_lossy(start)),
        _ => String::from_utf8_lossy(line).into_owned(),
    }
}

/// Blanks before a cell; a tab is none where it divides cells.
fn trim_start(text: &[u8], delimiter: u8) -> &[u8] {
    let blank = |byte: &u8| byte.is_ascii_whitespace() && *byte != delimiter;
    let blanks = text.iter().take_while(|byte| blank(byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// The cell up to its closing quote, and what follows it from the delimiter on.
fn unquote(quoted: &[u8], delimiter: u8) -> (Cow<'_, [u8]>, &[u8]) {
    let mut undoubled: Option<Vec<u8>> = None;
    let (mut from, mut at) = (0, 0);
    loop {
        let Some(quote) = memchr::memchr(b'"', quoted.get(at..).unwrap_or_default()) else {
            at = quoted.len();
            break;
        };
        at += quote;
        if quoted.get(at + 1) != Some(&b'"') {
            break;
        }
        let cell = undoubled.get_or_insert_default();
        cell.extend_from_slice(quoted.get(from..=at).unwrap_or_default());
        at += 2;
        from = at;
    }
    let last = quoted.get(from..at).unwrap_or_default();
    let rest = quoted.get(at + 1..).unwrap_or_default();
    let end = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
    let (stray, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    let stray = stray.trim_ascii_end();
    if undoubled.is_none() && stray.is_empty() {
        return (Cow::Borrowed(last.trim_ascii()), behind);
    }
    let mut cell = undoubled.unwrap_or_default();
    cell.extend_from_slice(last);
    cell.extend_from_slice(stray);
    (Cow::Owned(cell.trim_ascii().to_vec()), behind)
}

/// Where a cell ends that nobody reads; `None` where it is quoted.
#[inline]
pub(crate) fn skip_cell(text: &[u8], at: usize, delimiter: u8) -> Option<usize> {
    let rest = text.get(at..)?;
    let end = memchr::memchr3(delimiter, b'\n', b'\r', rest)?;
    (!rest.get(..end)?.contains(&b'"')).then_some(at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str, delimiter: u8) -> Vec<String> {
        let mut cells = Vec::new();
        split(line.as_bytes(), delimiter, &mut cells);
        cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    #[test]
    fn lines_become_cells() {
        assert_eq!(cells("a,b,c", b','), ["a", "b", "c"]);
        assert_eq!(cells("", b','), [""]);
        assert_eq!(cells(",,", b','), ["", "", ""]);
        assert_eq!(cells(" a , \"b, c\" ,d ", b','), ["a", "b, c", "d"]);
        assert_eq!(cells("a\t\tc", b'\t'), ["a", "", "c"]);
        assert_eq!(cells("\"say \"\"hi\"\"\";2", b';'), ["say \"hi\"", "2"]);
        assert_eq!(cells("\"open,2,3", b','), ["open,2,3"]);
        assert_eq!(cells("\"a\"b,c", b','), ["ab", "c"]);
        assert_eq!(cells("\"\",x", b','), ["", "x"]);
    }

    #[test]
    fn columns_are_bounded() {
        let line = ",".repeat(10 * MOST_COLUMNS);
        assert_eq!(cells(&line, b',').len(), MOST_COLUMNS + 1);
    }

    #[test]
    fn long_lines_are_cut() {
        assert_eq!(shown(b"a,b\r\n"), "a,b");
        assert_eq!(shown(&[b'x'; 500]).chars().count(), 201);
        assert_eq!(shown(b"\xff"), "\u{fffd}");
    }
}
