//! The names of the wire documents.

use std::collections::BTreeSet;

use super::VENDORS;

/// Names that stand in the documents and are not methods of the vendor's, with the reason.
const NOT_METHODS: [(&str, &str); 4] = [
    ("sendList", "not part of Chat API proper (§4.2)"),
    ("sendCatalog", "not part of Chat API proper (§4.2)"),
    ("sendTemplate", "not part of Chat API proper (§4.2)"),
    ("settings/ackNotificationsOn", "a legacy path of one setting (§3.1); `settings` sets it"),
];

fn known() -> BTreeSet<&'static str> {
    let operations = VENDORS.iter().flat_map(|vendor| vendor.entries).map(|entry| entry.operation);
    operations
        .flat_map(|operation| [operation.name].into_iter().chain(operation.aliases.iter().copied()))
        .collect()
}

/// The text between `` ` `` signs.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The part of a document from one heading to another.
fn part<'a>(document: &'a str, from: &str, to: &str) -> &'a str {
    let begin = document.find(from).unwrap_or_else(|| panic!("no heading {from}"));
    let end = document.find(to).unwrap_or_else(|| panic!("no heading {to}"));
    &document[begin..end]
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn chat_api() -> BTreeSet<&'static str> {
    let document = include_str!("../../docs/wire/chat-api.md");
    let methods = part(document, "\n## 2. ", "\n## 8. ");
    let paths = code(methods).filter_map(|code| code.strip_prefix('/'));
    paths.filter(|path| is_name(path)).collect()
}

fn admin() -> BTreeSet<&'static str> {
    let document = include_str!("../../docs/wire/chat-api.md");
    first_cells(part(document, "\n## 9. ", "\n## 10. "))
}

fn wamm() -> BTreeSet<&'static str> {
    let document = include_str!("../../docs/wire/wamm.md");
    first_cells(part(document, "\n## 1. ", "\n### 1.4 "))
        .into_iter()
        // The table of message fields stands in the same part.
        .filter(|name| {
            ![
                "msg_id",
                "from_me",
                "phone",
                "phone_real",
                "chat_name",
                "tip_msg",
                "msg_text",
                "msg_link",
                "date_ins",
                "state",
            ]
            .contains(name)
        })
        .collect()
}

/// The names in the first cells of tables.
fn first_cells(text: &'static str) -> BTreeSet<&'static str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(name, _)| name).filter(|name| is_name(name)).collect()
}

#[test]
fn every_name_of_the_documents_is_a_call() {
    let known = known();
    let documented: Vec<_> = chat_api().into_iter().chain(admin()).chain(wamm()).collect();
    assert!(documented.len() > 90, "the documents were read: {documented:?}");
    let excused = |name: &&str| NOT_METHODS.iter().any(|(word, _)| word == name);
    let missing: Vec<_> =
        documented.iter().filter(|name| !known.contains(**name) && !excused(name)).collect();
    assert!(missing.is_empty(), "no typed call for {missing:?}");
}

#[test]
fn every_call_stands_in_the_documents() {
    let documented: BTreeSet<_> = chat_api().into_iter().chain(admin()).chain(wamm()).collect();
    let invented: Vec<_> = known().into_iter().filter(|name| !documented.contains(name)).collect();
    assert!(invented.is_empty(), "not in the wire documents: {invented:?}");
}
