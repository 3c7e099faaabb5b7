//! The files of the folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire")
}

/// The bytes of a file.
pub(crate) fn read(file: &str) -> Vec<u8> {
    fs::read(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All samples, with `/` between the parts of their names.
pub(crate) fn all() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&root(), "", &mut found);
    found
}

/// The samples that stand in a folder itself.
pub(crate) fn within(folder: &str) -> impl Iterator<Item = String> {
    let start = format!("{folder}/");
    all()
        .into_iter()
        .filter(move |file| file.strip_prefix(&start).is_some_and(|name| !name.contains('/')))
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), found);
        } else if !name.ends_with(".rs") && name != "README.md" {
            found.insert(name);
        }
    }
}
