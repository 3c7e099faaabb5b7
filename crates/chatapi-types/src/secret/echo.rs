//! Finds a secret in a text, however the text spells it.

use std::ops::Range;

/// The first place where `text` spells `secret`, each of its characters plain or in any of the
/// escapes of URLs, forms, JSON, HTML and source code, mixed as it may be.
pub(super) fn find(secret: &str, text: &str, from: usize) -> Option<Range<usize>> {
    let first = secret.chars().next()?;
    let mut bytes = [0; 4];
    let first = first.encode_utf8(&mut bytes).as_bytes()[0];
    let begins = |byte: u8| byte == first || matches!(byte, b'%' | b'+' | b'\\' | b'&');
    (from..text.len()).filter(|at| begins(text.as_bytes()[*at])).find_map(|start| {
        let mut ends = vec![start];
        for character in secret.chars() {
            let mut next = Vec::new();
            for end in ends {
                spelled(character, text.as_bytes(), end, &mut next);
            }
            next.sort_unstable();
            next.dedup();
            ends = next;
            if ends.is_empty() {
                break;
            }
        }
        ends.last().map(|end| start..*end)
    })
}

/// Adds where each spelling of `character` ends that begins at `at`.
fn spelled(character: char, text: &[u8], at: usize, ends: &mut Vec<usize>) {
    let rest = text.get(at..).unwrap_or_default();
    let mut utf8 = [0; 4];
    let utf8 = character.encode_utf8(&mut utf8).as_bytes();
    if rest.starts_with(utf8) {
        ends.push(at + utf8.len());
    }
    match rest.first() {
        Some(b'+') if character == ' ' => ends.push(at + 1),
        Some(b'%') => percent(utf8, text, at, ends),
        Some(b'\\') => backslash(character, text, at, ends),
        Some(b'&') => ends.extend(entity(character, rest).map(|len| at + len)),
        _ => {}
    }
}

/// `%C3%A9`; encoded twice, `%25C3%25A9`.
fn percent(utf8: &[u8], text: &[u8], at: usize, ends: &mut Vec<usize>) {
    let Some((byte, others)) = utf8.split_first() else { return ends.push(at) };
    if text.get(at) != Some(&b'%') {
        return;
    }
    for sign in 0..=TWICE {
        let digits = at + 1 + 2 * sign;
        if hex(text, digits, 2) == Some(u32::from(*byte)) {
            percent(others, text, digits + 2, ends);
        }
        if text.get(digits..digits + 2) != Some(b"25") {
            break;
        }
    }
}

/// How often a text may be escaped over and over again.
const TWICE: usize = 3;

/// How many backslashes in a row may stand before one character. Longer runs spell nothing, so that
/// a text full of them is read in linear time.
const RUN: usize = 4 << TWICE;

fn backslashes(text: &[u8], at: usize) -> usize {
    text[at..].iter().take(RUN + 1).take_while(|byte| **byte == b'\\').count()
}

/// `\"`, `\/`, `\n`, `\u00e9`, `\xe9`, `\u{e9}`, behind as many backslashes as JSON within JSON
/// takes.
fn backslash(character: char, text: &[u8], at: usize, ends: &mut Vec<usize>) {
    let run = backslashes(text, at);
    if character == '\\' {
        // At least one of them stands for itself; which ones belong to what follows is not said.
        ends.extend((1..=run.min(2 << TWICE)).map(|len| at + len));
    }
    if run > RUN {
        return;
    }
    let mark = at + run;
    let letter = match character {
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\0' => b'0',
        other => u8::try_from(other).unwrap_or(0),
    };
    if letter != 0 && text.get(mark) == Some(&letter) {
        ends.push(mark + 1);
    }
    if text.get(mark..mark + 2) == Some(b"u{") {
        let digits = text[mark + 2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let end = mark + 2 + digits;
        if hex(text, mark + 2, digits) == Some(character.into()) && text.get(end) == Some(&b'}') {
            ends.push(end + 1);
        }
    }
    if text.get(mark) == Some(&b'x') && hex(text, mark + 1, 2) == Some(character.into()) {
        ends.push(mark + 3);
    }
    let mut units = [0; 2];
    let mut end = at;
    for unit in character.encode_utf16(&mut units) {
        let run = backslashes(text, end);
        let mark = end + run;
        if run == 0
            || text.get(mark) != Some(&b'u')
            || hex(text, mark + 1, 4) != Some(u32::from(*unit))
        {
            return;
        }
        end = mark + 5;
    }
    ends.push(end);
}

/// `&amp;`, `&#39;`, `&#x27;`: how long it is.
fn entity(character: char, rest: &[u8]) -> Option<usize> {
    let named: &[&[u8]] = match character {
        '&' => &[b"&amp;"],
        '<' => &[b"&lt;"],
        '>' => &[b"&gt;"],
        '"' => &[b"&quot;"],
        '\'' => &[b"&apos;"],
        _ => &[],
    };
    if let Some(name) = named.iter().find(|name| rest.starts_with(name)) {
        return Some(name.len());
    }
    let len = rest.iter().take(12).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(&rest[..len]).ok()?.strip_prefix("&#")?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    (code == Ok(character.into())).then_some(len + 1)
}

fn hex(text: &[u8], at: usize, digits: usize) -> Option<u32> {
    let digits = text.get(at..at + digits)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
