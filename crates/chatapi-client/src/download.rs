//! Writing what was fetched to a path, whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use chatapi_transport::{Error, Result};
use chatapi_types::Call as _;
use chatapi_types::chat_api::ReadFile;

/// A path at which a file can stand.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    path: PathBuf,
}

impl Place {
    /// Looks whether there is a folder for it, so that nothing is fetched in vain.
    pub(crate) async fn at(path: &Path) -> Result<Self> {
        let refuse = |problem: &str| refuse(path, problem);
        if path.file_name().is_none() {
            return Err(refuse("names no file"));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        if !tokio::fs::metadata(&folder).await.is_ok_and(|about| about.is_dir()) {
            return Err(refuse("cannot be written: there is no such folder"));
        }
        if tokio::fs::metadata(path).await.is_ok_and(|about| about.is_dir()) {
            return Err(refuse("is a folder"));
        }
        Ok(Self { folder, path: path.to_owned() })
    }

    /// Writes a file beside the place and moves it there. It goes on when nobody waits any longer,
    /// so that nothing half-written is left behind.
    pub(crate) async fn write(self, content: Vec<u8>) -> Result<u64> {
        let Self { folder, path } = self;
        let place = path.clone();
        let written = tokio::task::spawn_blocking(move || replace(&folder, &place, &content));
        let written = written.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        written.map_err(|error| refuse(&path, &format!("cannot be written: {error}")))
    }
}

fn refuse(path: &Path, problem: &str) -> Error {
    Error::invalid(ReadFile::NAME, format!("{} {problem}", path.display()))
}

fn replace(folder: &Path, path: &Path, content: &[u8]) -> io::Result<u64> {
    let (mut file, beside) = create_beside(folder)?;
    let written = file
        .write_all(content)
        // On the disk before it gets its name: else a crash could leave the name without content.
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written.map(|()| content.len() as u64)
}

/// A new file of a name that nobody else has.
fn create_beside(folder: &Path) -> io::Result<(fs::File, PathBuf)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = folder.join(format!(".chatapi-{}-{number}.part", std::process::id()));
        match fs::File::create_new(&beside) {
            Ok(file) => return Ok((file, beside)),
            // Left behind by a process that had our number and was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("chatapi-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_file_replaces_the_one_that_was_there() {
        let folder = folder("replace");
        let path = folder.join("bill.pdf");
        fs::write(&path, "old and longer").unwrap();
        let bytes = Place::at(&path).await.unwrap().write(b"new".to_vec()).await.unwrap();
        assert_eq!((bytes, fs::read(&path).unwrap()), (3, b"new".to_vec()));
        assert_eq!(names(&folder), ["bill.pdf"], "nothing is left beside it");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn what_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = folder("leftover");
        let path = folder.join("bill.pdf");
        let place = Place::at(&path).await.unwrap();
        // What was no folder when it was looked at, is one now: nothing can be moved over it.
        fs::create_dir_all(path.join("taken")).unwrap();
        let error = place.write(b"new".to_vec()).await.unwrap_err();
        assert!(error.to_string().contains("bill.pdf cannot be written"), "{error}");
        assert_eq!(names(&folder), ["bill.pdf"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn places_where_no_file_can_stand_are_refused_beforehand() {
        let folder = folder("places");
        for (path, words) in [
            (folder.join(".."), "names no file"),
            (folder.join("none").join("x.pdf"), "no such folder"),
            (folder.clone(), "is a folder"),
        ] {
            let error = Place::at(&path).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
