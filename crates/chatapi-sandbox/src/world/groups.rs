//! Groups. They belong to nobody: every instance that is a member sees the same one.

use std::collections::{BTreeMap, VecDeque};

use chatapi_types::{ChatId, UnixTime};
use serde::{Deserialize, Serialize};

use super::Random;

/// All groups of the world, by chat.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Groups {
    groups: BTreeMap<ChatId, Group>,
    /// Their chats, oldest first.
    ages: VecDeque<ChatId>,
    /// Those that have changed since their members were last told, as they were.
    // Empty whenever nobody is at work.
    #[serde(skip)]
    changed: BTreeMap<ChatId, Group>,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// What the address of its invitation ends with.
    pub(crate) code: String,
    /// The name under which its picture is kept among the files.
    pub(crate) picture: Option<String>,
    /// The members by number, in the order in which they came, and whether each is an administrator.
    members: Vec<(String, bool)>,
}

impl Groups {
    /// Makes a group. Who makes it is its first member and administrator.
    pub(crate) fn found(
        &mut self,
        founder: &str,
        name: &str,
        now: UnixTime,
        random: &mut Random,
    ) -> (ChatId, &mut Group) {
        // Two groups of one second would have the same name.
        let mut second = now.as_secs();
        let mut id = ChatId::new(format!("{founder}-{second}@g.us"));
        while self.groups.contains_key(&id) {
            second += 1;
            id = ChatId::new(format!("{founder}-{second}@g.us"));
        }
        self.ages.push_back(id.clone());
        let group = self.groups.entry(id.clone()).or_insert(Group {
            name: name.to_owned(),
            code: random.code(),
            picture: None,
            members: vec![(founder.to_owned(), true)],
        });
        (id, group)
    }

    /// Lets the oldest go.
    pub(crate) fn keep(&mut self, most: usize) {
        while self.ages.len() > most {
            match self.ages.pop_front() {
                Some(oldest) => drop(self.groups.remove(&oldest)),
                None => return,
            }
        }
    }

    pub(crate) fn get(&self, id: &ChatId) -> Option<&Group> {
        self.groups.get(id)
    }

    /// A group that is about to change; how it was is remembered.
    pub(crate) fn get_mut(&mut self, id: &ChatId) -> Option<&mut Group> {
        let group = self.groups.get_mut(id)?;
        if !self.changed.contains_key(id) {
            self.changed.insert(id.clone(), group.clone());
        }
        Some(group)
    }

    /// Groups that are others than when this was last asked, as they were then.
    pub(crate) fn take_changed(&mut self) -> BTreeMap<ChatId, Group> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.retain(|id, old| self.groups.get(id).is_some_and(|group| group != old));
        changed
    }

    /// The group to which an invitation leads.
    pub(crate) fn invited(&self, code: &str) -> Option<&ChatId> {
        self.groups.iter().find(|(_, group)| group.code == code).map(|(id, _)| id)
    }
}

impl Group {
    pub(crate) fn has_member(&self, number: &str) -> bool {
        self.members.iter().any(|(member, _)| member == number)
    }

    pub(crate) fn is_admin(&self, number: &str) -> bool {
        self.members.iter().any(|(member, is_admin)| member == number && *is_admin)
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(number, _)| &**number)
    }

    /// Gives back whether that changed anything. Where there are so many members already, it does
    /// not.
    pub(crate) fn add(&mut self, number: &str, most: usize) -> bool {
        let is_new = !self.has_member(number) && self.members.len() < most;
        if is_new {
            self.members.push((number.to_owned(), false));
        }
        is_new
    }

    /// Gives back whether that changed anything.
    pub(crate) fn remove(&mut self, number: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(member, _)| member != number);
        self.members.len() < before
    }

    /// Makes a member an administrator, or makes one a mere member; gives back whether there is
    /// such a member.
    pub(crate) fn promote(&mut self, number: &str, to_admin: bool) -> bool {
        let mut found = self.members.iter_mut().filter(|(member, _)| member == number);
        found.next().map(|(_, is_admin)| *is_admin = to_admin).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_changed_when_it_is_another() {
        let (mut groups, mut random) = (Groups::default(), Random::new(1));
        let (id, _) = groups.found("1", "A", UnixTime::from_secs(0), &mut random);
        assert!(groups.take_changed().is_empty());
        assert!(!groups.get_mut(&id).unwrap().remove("2"));
        assert!(groups.take_changed().is_empty());
        assert!(groups.get_mut(&id).unwrap().add("2", 9));
        groups.get_mut(&id).unwrap().name = "B".to_owned();
        let changed = groups.take_changed();
        assert_eq!((&*changed[&id].name, changed[&id].has_member("2")), ("A", false));
        assert!(groups.take_changed().is_empty());
    }

    #[test]
    fn two_groups_of_one_second_are_two() {
        let (mut groups, mut random) = (Groups::default(), Random::new(1));
        let now = UnixTime::from_secs(1_600_000_000);
        let (first, _) = groups.found("79990000001", "A", now, &mut random);
        let (second, group) = groups.found("79990000001", "B", now, &mut random);
        assert_eq!(first.as_str(), "79990000001-1600000000@g.us");
        assert_eq!(second.as_str(), "79990000001-1600000001@g.us");
        let code = group.code.clone();
        assert_eq!(groups.invited(&code), Some(&second));
        assert_eq!(groups.invited(""), None);
    }

    #[test]
    fn members_come_and_go_once() {
        let (mut groups, mut random) = (Groups::default(), Random::new(1));
        let (_, group) = groups.found("1", "A", UnixTime::from_secs(0), &mut random);
        assert!(group.add("2", 2) && !group.add("2", 9) && !group.add("3", 2));
        assert!(group.is_admin("1") && !group.is_admin("2"));
        assert!(group.promote("2", true) && group.is_admin("2"));
        assert!(group.promote("2", false) && !group.is_admin("2"));
        assert!(!group.promote("3", true));
        assert!(group.remove("2") && !group.remove("2"));
        assert_eq!(group.members().collect::<Vec<_>>(), ["1"]);
    }
}
