//! All calls of a vendor as one table.

use crate::{Call, Operation};

/// One call of a vendor's catalogue: [`chat_api::CATALOGUE`](crate::chat_api::CATALOGUE).
///
/// The catalogue is made of the [`Call`] declarations themselves, so that what is said about a call
/// (documentation, routes, coverage) cannot differ from what the call does.
///
/// ```
/// use chatapi_types::chat_api::CATALOGUE;
///
/// let aliased = CATALOGUE.iter().find(|entry| entry.operation.is_named("message")).unwrap();
/// assert_eq!((aliased.call, aliased.operation.name), ("SendMessage", "sendMessage"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name of the Rust type.
    pub call: &'static str,
    /// What the call declares about itself.
    pub operation: Operation,
}

impl Entry {
    /// The entry of `C`, a type named `call`.
    #[must_use]
    pub const fn of<C: Call>(call: &'static str) -> Self {
        Self { call, operation: Operation::of::<C>() }
    }
}

/// `catalogue![ReadStatus, SendMessage]`: the entries of these calls, in this order.
macro_rules! catalogue {
    ($($call:ident),* $(,)?) => {
        &[$($crate::catalogue::Entry::of::<$call>(stringify!($call))),*]
    };
}

pub(crate) use catalogue;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{admin, chat_api, wamm};

    const VENDORS: [&[Entry]; 3] = [chat_api::CATALOGUE, admin::CATALOGUE, wamm::CATALOGUE];

    #[test]
    fn every_declaration_stands_in_its_catalogue_once() {
        for (folder, catalogue) in ["chat_api", "admin", "wamm"].into_iter().zip(VENDORS) {
            let calls: BTreeSet<_> = catalogue.iter().map(|entry| entry.call).collect();
            assert_eq!(calls.len(), catalogue.len(), "{folder}: a call stands there twice");
            let declared = declared(folder);
            let listed = calls.into_iter().map(str::to_owned).collect();
            assert_eq!(declared, listed, "{folder}");
        }
    }

    /// The types that the sources of a vendor declare as calls, in whatever way.
    fn declared(folder: &str) -> BTreeSet<String> {
        let sources = format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"));
        let sources = std::fs::read_dir(sources).unwrap();
        let sources = sources.map(|source| source.unwrap().path()).filter(|path| path.is_file());
        let texts = sources.map(|path| std::fs::read_to_string(path).unwrap());
        texts.flat_map(|text| text.lines().filter_map(call).collect::<Vec<_>>()).collect()
    }

    /// `impl Call for Name {`, or a macro's `Name = "wire", …` and `Name = Verb "wire" …`.
    fn call(line: &str) -> Option<String> {
        let name = match line.strip_prefix("impl Call for ") {
            Some(rest) => rest.strip_suffix(" {")?,
            None => {
                let (name, rest) = line.strip_prefix("    ")?.split_once(" = ")?;
                let wire = rest.trim_start_matches("Get ").trim_start_matches("Post ");
                let is_type = name.starts_with(|first: char| first.is_ascii_uppercase());
                (is_type && wire.starts_with('"')).then_some(name)?
            }
        };
        name.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| name.to_owned())
    }

    #[test]
    fn names_and_verbs_tell_the_calls_of_a_vendor_apart() {
        for catalogue in VENDORS {
            let mut seen = BTreeSet::new();
            for Entry { call, operation } in catalogue {
                let names = operation.aliases.iter().chain([&operation.name]);
                for name in names {
                    assert!(seen.insert((*name, operation.verb.as_str())), "{call}: {name}");
                }
            }
        }
    }
}
