//! Groups and their members.

use chatapi_transport::Result;
use chatapi_types::ChatId;
use chatapi_types::chat_api::{
    AddGroupParticipant, CreateGroup, DemoteGroupParticipant, JoinGroup, Joined, LeaveGroup,
    PromoteGroupParticipant, Recipient, RemoveGroupParticipant,
};

use super::Client;
use crate::prepared::Prepared;

/// Groups and their members; see [`Client::groups`]. [`Chats::one`](super::Chats::one) tells who is
/// in a group, and its invitation.
///
/// Making a group and changing its members are actions: they may wait in the
/// [queue of actions](super::Queue::show_actions), and an answer only says that the gateway took
/// them. A member is named by phone or by private chat.
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// let boris: Phone = "+7 (900) 000-00-02".parse()?;
/// let groups = client.groups();
/// let made = groups.create("Order 17", [&anna, &boris]).greeting("Welcome!").send().await?;
/// // Not there yet after 20 seconds? Then it is in the queue of actions, or among the chats.
/// if let Some(group) = made.chat_id {
///     groups.promote(group, &anna).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    client: &'a Client,
}

impl<'a> Groups<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Makes a group of these people, without the instance's own number (`group`, grade A).
    ///
    /// The answer waits up to 20 seconds for the group to exist and tells its chat and its
    /// invitation only if it does by then. Never repeated unasked: look among the
    /// [chats](super::Chats::list) before you make it again.
    pub fn create<M: Into<Recipient>>(
        &self,
        name: impl Into<String>,
        members: impl IntoIterator<Item = M>,
    ) -> Prepared<CreateGroup> {
        Prepared::new(&self.client.gateway, group(name, members.into_iter().map(Into::into)))
    }

    /// Adds a person to a group (`addGroupParticipant`, grade A). The instance must be an
    /// administrator of the group.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn add(&self, group: impl Into<ChatId>, person: impl Into<Recipient>) -> Result<()> {
        let call = AddGroupParticipant::new(group, person);
        self.client.gateway.call(&call).await.map(drop)
    }

    /// Removes a person from a group (`removeGroupParticipant`, grade A). The instance must be an
    /// administrator of the group.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn remove(
        &self,
        group: impl Into<ChatId>,
        person: impl Into<Recipient>,
    ) -> Result<()> {
        let call = RemoveGroupParticipant::new(group, person);
        self.client.gateway.call(&call).await.map(drop)
    }

    /// Makes a member an administrator of the group (`promoteGroupParticipant`, grade A). The
    /// instance must be one itself.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn promote(
        &self,
        group: impl Into<ChatId>,
        person: impl Into<Recipient>,
    ) -> Result<()> {
        let call = PromoteGroupParticipant::new(group, person);
        self.client.gateway.call(&call).await.map(drop)
    }

    /// Makes an administrator of the group a member again (`demoteGroupParticipant`, grade A). The
    /// instance must be an administrator itself.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn demote(
        &self,
        group: impl Into<ChatId>,
        person: impl Into<Recipient>,
    ) -> Result<()> {
        let call = DemoteGroupParticipant::new(group, person);
        self.client.gateway.call(&call).await.map(drop)
    }

    /// Joins a group by the address of its invitation, or by the code at its end (`joinGroup`, grade
    /// B). The answer tells the group's chat. What is answered where the instance is in the group
    /// already, is unknown.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn join(&self, invitation: impl Into<String>) -> Result<Joined> {
        self.client.gateway.call(&JoinGroup::new(invitation)).await
    }

    /// Leaves a group (`leaveGroup`, grade C). Only an invitation brings the instance back, and a
    /// second call is refused because the group is gone.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn leave(&self, group: impl Into<ChatId>) -> Result<()> {
        self.client.gateway.call(&LeaveGroup::new(group.into())).await.map(drop)
    }
}

/// The vendor takes phones or chats, not both: where somebody is named by chat, all are.
fn group(name: impl Into<String>, members: impl Iterator<Item = Recipient>) -> CreateGroup {
    let members: Vec<_> = members.collect();
    let phones = members.iter().map(|member| match member {
        Recipient::Phone(phone) => Some(phone.clone()),
        _ => None,
    });
    match phones.collect::<Option<Vec<_>>>() {
        Some(phones) => CreateGroup::new(name, phones),
        None => CreateGroup::of_chats(name, members.iter().map(Recipient::chat)),
    }
}

impl Prepared<CreateGroup> {
    /// Sends a first message.
    pub fn greeting(self, text: impl Into<String>) -> Self {
        self.map(|call| call.greeting(text))
    }

    /// Gives it a picture of 640 pixels and its preview of 96, both in base64 (grade C).
    pub fn picture(self, avatar640: impl Into<String>, preview96: impl Into<String>) -> Self {
        self.map(|call| call.picture(avatar640, preview96))
    }
}
