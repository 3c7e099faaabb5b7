//! An account and its instances.

use chatapi_transport::Gateway;
use chatapi_types::admin::Admin;
use chatapi_types::{ApiKey, InstanceId, Token, UnixMillis};

use crate::Sandbox;
use crate::chat_api::Instance;
use crate::control::InstanceHandle;
use crate::world::{Account, Happening, World};

/// An account, through which instances are created and deleted.
#[derive(Clone, Debug)]
pub struct AccountHandle {
    sandbox: Sandbox,
    place: usize,
}

impl Sandbox {
    /// Adds an account with this API key (`uid`); if there is one, it is that.
    pub fn add_account(&self, key: impl Into<ApiKey>) -> AccountHandle {
        let key = key.into();
        let place = self.with(|world| {
            let mut keys = world.accounts.iter().map(|account| account.key.expose());
            keys.position(|known| known == key.expose()).unwrap_or_else(|| {
                world.accounts.push(Account { key });
                world.accounts.len() - 1
            })
        });
        AccountHandle { sandbox: self.clone(), place }
    }
}

impl AccountHandle {
    /// A gateway to the account's functions, on the sandbox's clock: what an admin client is built
    /// on.
    #[must_use]
    pub fn gateway(&self) -> Gateway<Admin> {
        let key = self.sandbox.with(|world| Some(world.accounts.get(self.place)?.key.clone()));
        // None after a snapshot was restored that is older than the account.
        let key = key.unwrap_or_else(|| ApiKey::new("none"));
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

    /// Adds that many instances of this account, with numbers and tokens of the sandbox's choice:
    /// authenticated, their phones online and charged.
    pub fn add_instances(&self, count: usize) -> Vec<InstanceHandle> {
        let add = |_| {
            let choose = |world: &mut World| {
                (world.next_instance_id(), Token::new(world.scene.random.token()))
            };
            let (id, token) = self.sandbox.with(choose);
            self.add_instance(id, token)
        };
        (0..count).map(add).collect()
    }

    /// Pays for one of its instances: for that many days from now on, 0 for not at all.
    pub fn pay_days(&self, id: impl Into<InstanceId>, days: u32) {
        let id = id.into();
        self.sandbox.with(|world| {
            let key = world.instances.find(id.as_str());
            let Some(instance) = key.and_then(|key| world.instances.get_mut(key)) else {
                return;
            };
            if instance.owner == Some(self.place) {
                instance.note(&mut world.scene, Happening::Control("paid days set".into()));
                instance.pay_days(days, &mut world.scene);
            }
        });
    }

    /// Until when one of its instances is paid.
    #[must_use]
    pub fn paid_till(&self, id: impl Into<InstanceId>) -> Option<UnixMillis> {
        let id = id.into();
        let is_own = |instance: &&Instance| instance.owner == Some(self.place);
        self.sandbox.with(|world| {
            let instance = world.instances.get(world.instances.find(id.as_str())?);
            instance.filter(is_own).map(|instance| instance.paid_till)
        })
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
