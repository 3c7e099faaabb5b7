//! Reading never falls over, and its errors never quote the document.

use chatapi_types::admin::Admin;
use chatapi_types::chat_api::ChatApi;
use chatapi_types::wamm::Wamm;
use chatapi_types::{Answer, DecodeError, Dialect, ErrorCode, RawJson, json};
use proptest::prelude::*;

use crate::samples::{SAMPLES, any_sample};
use crate::tree::Tree;

const CANARY: &str = "CANARY";

fn read_every_way(bytes: &[u8]) {
    for sample in SAMPLES {
        if let Err(error) = (sample.read)(bytes) {
            assert!(!error.to_string().is_empty());
        }
    }
    let _ = json::from_slice::<RawJson>(bytes);
    let _ = json::from_slice::<serde_json::Value>(bytes);
    let _ = json::from_slice::<std::collections::BTreeMap<String, u8>>(bytes);
    for status in [200, 204, 302, 401, 500, 999] {
        for kind in [None, Some("text/html"), Some("application/json")] {
            let answer = Answer::new(status, kind, bytes);
            judge(&ChatApi::path("1"), &answer);
            judge(&Admin::json(), &answer);
            judge(&Wamm::query(), &answer);
        }
    }
}

fn judge<D: Dialect>(dialect: &D, answer: &Answer<'_>) {
    if let Some(words) = dialect.complaint(answer) {
        assert!(!D::Code::classify(&words).advice().is_empty());
    }
}

fn is_silent(error: &DecodeError) -> Result<(), TestCaseError> {
    let shown = format!("{error} {error:?} {}", error.place());
    prop_assert!(!shown.to_uppercase().contains(CANARY), "{}", shown);
    Ok(())
}

/// Things that are wrong almost everywhere.
fn wrong() -> impl Strategy<Value = Tree> {
    let text = Tree::text(CANARY);
    proptest::sample::select(vec![
        text.clone(),
        Tree::text(", expected CANARY"),
        Tree::text("missing field `CANARY`"),
        Tree::text("invalid type: CANARY, expected CANARY at line 1 column 1"),
        Tree::text("8 900 CANARY"),
        Tree::List(vec![text.clone()]),
        Tree::Object(vec![(CANARY.into(), text.clone())]),
        Tree::Object(vec![("$serde_json::private::Number".into(), text)]),
        Tree::Object(vec![("$serde_json::private::RawValue".into(), Tree::text("{CANARY"))]),
    ])
}

proptest! {
    #[test]
    fn any_bytes_are_coped_with(bytes: Vec<u8>) {
        read_every_way(&bytes);
    }

    #[test]
    fn damaged_answers_are_coped_with(
        sample in any_sample(), damage: Vec<(usize, u8)>, cut: usize,
    ) {
        let mut bytes = sample.json().into_bytes();
        for (at, byte) in damage.into_iter().take(8) {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(cut % (bytes.len() + 1));
        read_every_way(&bytes);
    }

    #[test]
    fn whatever_is_cut_off_is_called_so(sample in any_sample(), cut: usize) {
        let json = sample.json();
        let cut = 1 + cut % (json.len() - 1);
        let error = (sample.read)(&json.as_bytes()[..cut]).unwrap_err();
        prop_assert!(error.is_truncated(), "{}: {}", String::from_utf8_lossy(&json.as_bytes()[..cut]), error);
    }

    #[test]
    fn errors_never_show_a_value(
        sample in any_sample(), nth: usize, wrong in wrong(), cut: Option<usize>,
    ) {
        let mut tree = Tree::parse(&sample.json());
        tree.change(nth, |_, _| true, |node| *node = wrong);
        let mut json = tree.write("").into_bytes();
        if let Some(cut) = cut {
            json.truncate(cut % (json.len() + 1)); // in the middle of a character, too
        }
        if let Err(error) = (sample.read)(&json) {
            is_silent(&error)?;
        }
    }

    #[test]
    fn errors_never_show_a_name(
        sample in any_sample(), nth: usize, wrong in wrong(), cut: Option<usize>,
    ) {
        let mut tree = Tree::parse(&sample.json());
        let is_object = |_: &str, node: &Tree| matches!(node, Tree::Object(m) if !m.is_empty());
        tree.change(nth, is_object, |node| {
            if let Tree::Object(members) = node {
                let at = nth % members.len();
                members[at] = (CANARY.to_owned(), wrong);
            }
        });
        let mut json = tree.write("").into_bytes();
        if let Some(cut) = cut {
            json.truncate(cut % (json.len() + 1)); // in the middle of a character, too
        }
        if let Err(error) = (sample.read)(&json) {
            is_silent(&error)?;
        }
        // Also where the type takes any name.
        type Nested = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>;
        if let Err(error) = json::from_slice::<Nested>(&json) {
            is_silent(&error)?;
        }
    }
}
