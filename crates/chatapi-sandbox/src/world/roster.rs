//! Things by name.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A place on a roster. Never given out again, so that an event for one who is gone finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key(#[serde(deserialize_with = "super::saved::count")] usize);

impl Key {
    /// The place, counted from 1.
    pub(crate) const fn number(self) -> usize {
        self.0 + 1
    }
}

/// Things that are found by name and, faster, by key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Roster<T> {
    places: BTreeMap<usize, T>,
    /// How many places were given out.
    #[serde(deserialize_with = "crate::world::saved::count")]
    given: usize,
    names: BTreeMap<Box<str>, Key>,
}

impl<T> Roster<T> {
    /// The key that the next thing will have.
    pub(crate) const fn next_key(&self) -> Key {
        Key(self.given)
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Adds a thing in place of the one that had the name before.
    pub(crate) fn add(&mut self, name: &str, thing: T) -> Key {
        self.remove(name);
        let key = self.next_key();
        self.places.insert(key.0, thing);
        self.given += 1;
        self.names.insert(name.into(), key);
        key
    }

    pub(crate) fn find(&self, name: &str) -> Option<Key> {
        self.names.get(name).copied()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        self.places.get(&key.0)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.places.get_mut(&key.0)
    }

    pub(crate) fn rename(&mut self, key: Key, name: &str) {
        self.names.retain(|_, named| *named != key);
        self.names.insert(name.into(), key);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<T> {
        let key = self.names.remove(name)?;
        self.places.remove(&key.0)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.values_mut()
    }

    /// In the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.values()
    }
}

impl<T> Default for Roster<T> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), given: 0, names: BTreeMap::new() }
    }
}
