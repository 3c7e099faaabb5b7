//! The users of the wamm account.

use chatapi_types::wamm::{User, UserRole};
use chatapi_types::{LocalStamp, UserId};

use crate::Sandbox;
use crate::world::{Happening, Scene, Subject};

impl Sandbox {
    /// Makes the wamm account, to which all channels belong, a test account from now on: so many
    /// messages a day, and an end. `false` makes it a paid one again.
    pub fn test_account(&self, on: bool) {
        self.with(|world| world.test_account(on));
    }

    /// Adds a user to the wamm account that all channels belong to. Without any, `user_list` has
    /// nothing to show.
    pub fn add_user(&self, role: impl Into<UserRole>, name: &str) -> UserId {
        let role = role.into();
        self.with(|world| {
            let scene = &mut world.scene;
            let now = LocalStamp::at(scene.unix().into(), scene.profile.wamm.utc_offset_minutes);
            note(scene, "user added");
            scene.office.add_user(role, name, now)
        })
    }

    /// Changes a user: mail address, role, blocked or deleted. The id stays. Gives back whether
    /// there is such a user.
    pub fn change_user(&self, id: impl Into<UserId>, change: impl FnOnce(&mut User)) -> bool {
        let id = id.into();
        self.with(|world| {
            note(&mut world.scene, "user changed");
            let Some(user) = world.scene.office.user_mut(id.as_str()) else {
                return false;
            };
            let id = user.user_id.clone();
            change(user);
            user.user_id = id;
            true
        })
    }
}

fn note(scene: &mut Scene, what: &'static str) {
    scene.note(&Subject::Sandbox, Happening::Control(what.into()));
}
