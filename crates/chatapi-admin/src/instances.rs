//! The account's instances.

use chatapi_client::chat_api::Client;
use chatapi_transport::{Error, Result};
use chatapi_types::admin::{CreatedInstance, DeleteInstance, ListInstances, NewInstance};
use chatapi_types::chat_api::ApiUrl;
use chatapi_types::{Call, InstanceId, List, Token};

use crate::connect::client;
use crate::{Admin, Instance, Platform};

/// The account's instances; see [`Admin::instances`].
#[derive(Clone, Copy, Debug)]
pub struct Instances<'a> {
    admin: &'a Admin,
}

impl<'a> Instances<'a> {
    pub(crate) const fn new(admin: &'a Admin) -> Self {
        Self { admin }
    }

    /// All instances, without their tokens. One of a shape that this version does not know comes as
    /// [`Item::Raw`](chatapi_types::Item::Raw).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn list(&self) -> Result<List<Instance>> {
        Ok(self.admin.gateway.call(&ListInstances::new()).await?.instances)
    }

    /// Creates an instance, which the account then pays for.
    ///
    /// # Errors
    ///
    /// Those of a call. When [`may_have_taken_effect`](Error::may_have_taken_effect) is true, list
    /// the instances before creating again: it may be there, and its token is then shown in the
    /// vendor's account only.
    pub async fn create(&self, platform: impl Into<Platform>) -> Result<Created> {
        let created = self.admin.gateway.call(&NewInstance::new(platform)).await?;
        Ok(Created { instance: created.into_instance(), admin: self.admin.clone() })
    }

    /// Deletes an instance, with its queue and its history, once the number is said again. It
    /// cannot be undone.
    pub fn delete(&self, instance: impl Into<InstanceId>) -> Deletion<'a> {
        Deletion { admin: self.admin, instance: instance.into() }
    }
}

/// A new instance. This is the only place where its token is shown: keep it.
#[derive(Clone, Debug)]
pub struct Created {
    instance: CreatedInstance,
    admin: Admin,
}

impl Created {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> &InstanceId {
        &self.instance.id
    }

    /// Its token.
    #[must_use]
    pub const fn token(&self) -> &Token {
        &self.instance.token
    }

    /// Where it is spoken to.
    #[must_use]
    pub const fn api_url(&self) -> &ApiUrl {
        &self.instance.api_url
    }

    /// A client of the instance, over the transport and clock of the account. Bring the instance up
    /// with its [`wait_until_ready`](chatapi_client::chat_api::InstanceState::wait_until_ready).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the vendor gave an address
    /// that cannot be used.
    pub fn client(&self) -> Result<Client> {
        let CreatedInstance { id, api_url, token, .. } = &self.instance;
        client(&self.admin, id, api_url, token.clone())
    }
}

/// A deletion that waits for its confirmation.
#[derive(Clone, Debug)]
#[must_use = "nothing is deleted until it is confirmed"]
pub struct Deletion<'a> {
    admin: &'a Admin,
    instance: InstanceId,
}

impl Deletion<'_> {
    /// Says the number again and deletes the instance. It cannot be undone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the two numbers differ;
    /// else those of a call. When [`may_have_taken_effect`](Error::may_have_taken_effect) is true,
    /// list the instances to see whether it is gone.
    pub async fn confirm(self, again: impl Into<InstanceId>) -> Result<()> {
        let (first, again) = (&self.instance, again.into());
        if *first != again {
            let problem = format!("{first} is to be deleted, but {again} was confirmed");
            return Err(Error::invalid(DeleteInstance::NAME, problem));
        }
        self.admin.gateway.call(&DeleteInstance::new(again)).await.map(drop)
    }
}
