//! Products and orders of a business account.

use chatapi_transport::Result;
use chatapi_types::ChatId;
use chatapi_types::chat_api::{ListProducts, ReadOrder, ReadProduct, Unspecified};

use super::Client;
use crate::prepared::Prepared;

/// Products and orders of a business account; see [`Client::catalogue`]. A product is sent with
/// [`messages().send_product`](super::Messages::send_product).
///
/// An order comes as a message of the kind
/// [`Order`](chatapi_types::chat_api::MessageKind::Order), in whose `metadata` stand its id, its
/// token and the seller (grade C).
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chatapi_types::chat_api::MessageKind;
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let instance = sandbox.add_instance("12345", "token");
/// # let client = Client::over(instance.gateway());
/// # instance.contact_orders("79000000001", &["1001"]);
/// let page = client.messages().list().newest().send().await?;
/// let orders = page.messages.known().filter(|message| message.kind == MessageKind::Order);
/// for metadata in orders.filter_map(|message| message.metadata.as_ref()) {
///     let about: BTreeMap<String, String> = metadata.read()?;
///     let order = client.catalogue().order(&about["orderId"], &about["orderToken"]);
///     assert_eq!(order.send().await?.products.len(), 1);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    client: &'a Client,
}

impl<'a> Catalogue<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The products (`getProducts`, grade C). The answer was never seen and is kept as it comes:
    /// [`Unspecified::read`] reads it as what you know it to be.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn products(&self) -> Result<Unspecified> {
        self.client.gateway.call(&ListProducts::new()).await
    }

    /// One product (`getProduct`, grade C; the name of its argument: grade D). The answer was never
    /// seen and is kept as it comes.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn product(&self, product: impl Into<String>) -> Result<Unspecified> {
        self.client.gateway.call(&ReadProduct::new(product)).await
    }

    /// An order, by the id and the token that came with its message (`getOrder`, grade C). Only the
    /// names of its members are known, neither their types nor the unit of the amounts.
    pub fn order(&self, order: impl Into<String>, token: impl Into<String>) -> Prepared<ReadOrder> {
        Prepared::new(&self.client.gateway, ReadOrder::new(order, token))
    }
}

impl Prepared<ReadOrder> {
    /// Names the seller, as the message's metadata do. The clients that know the call differ on
    /// whether it is wanted; its name is our inference (grade D).
    pub fn seller(self, seller: impl Into<ChatId>) -> Self {
        self.map(|call| call.seller(seller))
    }
}
