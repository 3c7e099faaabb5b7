//! An account and its instances.

use chatapi_transport::Gateway;
use chatapi_types::admin::Admin;
use chatapi_types::{ApiKey, InstanceId, Token};

use crate::Sandbox;
use crate::control::InstanceHandle;
use crate::world::{Account, World};

/// An account, through which instances are created and deleted.
#[derive(Clone, Debug)]
pub struct AccountHandle {
    sandbox: Sandbox,
    place: usize,
}

impl Sandbox {
    /// Adds an account with this API key (`uid`).
    pub fn add_account(&self, key: impl Into<ApiKey>) -> AccountHandle {
        let key = key.into();
        let place = self.with(|world| {
            world.accounts.push(Account { key });
            world.accounts.len() - 1
        });
        AccountHandle { sandbox: self.clone(), place }
    }
}

impl AccountHandle {
    /// A gateway to the account's functions, on the sandbox's clock: what an admin client is built
    /// on.
    #[must_use]
    pub fn gateway(&self) -> Gateway<Admin> {
        let key = self.sandbox.with(|world| world.accounts[self.place].key.clone());
        let (address, dialect) = (self.sandbox.admin_address(), Admin::json());
        Gateway::new(address, dialect, key, self.sandbox.clone()).on_clock(self.sandbox.clock())
    }

    /// Adds an instance of this account: authenticated, its phone online and charged.
    pub fn add_instance(
        &self,
        id: impl Into<InstanceId>,
        token: impl Into<Token>,
    ) -> InstanceHandle {
        self.sandbox.place_instance(id.into(), token.into(), Some(self.place))
    }

    /// The numbers of its instances, in the order of their creation.
    #[must_use]
    pub fn instances(&self) -> Vec<InstanceId> {
        let owned = |world: &mut World| {
            let all = world.instances.iter();
            let own = all.filter(|instance| instance.owner == Some(self.place));
            own.map(|instance| instance.id.clone()).collect()
        };
        self.sandbox.with(owned)
    }
}
