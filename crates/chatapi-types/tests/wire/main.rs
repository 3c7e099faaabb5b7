//! Fixed wire samples: what the vendors say and what they must be told, written from the wire
//! documents and compared with this crate, byte for byte where the documents allow it.
//!
//! `README.md` beside this file says what the files are called and where each comes from. A file
//! that no test uses fails the test `every_file_is_used`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod errors;
mod events;
mod files;
mod odd;
mod render;
mod replies;
mod requests;

use std::collections::BTreeSet;

#[test]
fn every_file_is_used() {
    let mut used: BTreeSet<String> = replies::files();
    used.extend(odd::files());
    used.extend(errors::files());
    used.extend(requests::files());
    used.extend(events::files());
    let there = files::all();
    let unused: Vec<_> = there.difference(&used).collect();
    assert!(unused.is_empty(), "files that no test uses: {unused:#?}");
    let missing: Vec<_> = used.difference(&there).collect();
    assert!(missing.is_empty(), "files that tests want and that are not there: {missing:#?}");
}
