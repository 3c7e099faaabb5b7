//! Answers that are believed for a while.

use std::collections::HashMap;
use std::hash::Hash;

use chatapi_transport::Moment;

/// Answers that are believed for a while, and not more of them than fit.
#[derive(Debug)]
pub(super) struct Memory<K> {
    answers: HashMap<K, (bool, Moment)>,
    room: usize,
}

impl<K: Eq + Hash + Clone> Memory<K> {
    pub(super) fn new(room: usize) -> Self {
        Self { answers: HashMap::new(), room }
    }

    pub(super) fn answer(&self, about: &K, now: Moment) -> Option<bool> {
        self.answers.get(about).filter(|(_, until)| now < *until).map(|(answer, _)| *answer)
    }

    pub(super) fn keep(&mut self, about: K, answer: bool, until: Moment, now: Moment) {
        if self.room == 0 {
            return;
        }
        if self.answers.len() >= self.room && !self.answers.contains_key(&about) {
            self.answers.retain(|_, (_, until)| now < *until);
            // Still full: the one that would be forgotten first goes.
            if self.answers.len() >= self.room {
                let first = self.answers.iter().min_by_key(|(_, (_, until))| *until);
                let first = first.map(|(about, _)| about.clone());
                first.map(|about| self.answers.remove(&about));
            }
        }
        self.answers.insert(about, (answer, until));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::after_start(Duration::from_secs(seconds))
    }

    #[test]
    fn answers_are_believed_until_their_time_is_over() {
        let mut memory = Memory::new(10);
        memory.keep("a", true, at(10), at(0));
        assert_eq!(memory.answer(&"a", at(9)), Some(true));
        assert_eq!(memory.answer(&"a", at(10)), None);
        assert_eq!(memory.answer(&"b", at(0)), None);
    }

    #[test]
    fn there_are_never_more_than_fit() {
        let mut memory = Memory::new(3);
        for n in 0..100 {
            memory.keep(n, n % 2 == 0, at(100 + n), at(n));
            assert!(memory.answers.len() <= 3);
        }
        assert_eq!(memory.answer(&99, at(100)), Some(false));
        let mut none = Memory::new(0);
        none.keep(1, true, at(9), at(0));
        assert_eq!(none.answer(&1, at(1)), None);
    }
}
