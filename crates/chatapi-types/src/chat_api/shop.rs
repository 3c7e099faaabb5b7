//! Products and orders of a business account.

use serde::{Deserialize, Serialize};

use super::declare::call_without_arguments;
use super::limits::check_given;
use super::{ChatApi, Limits, Recipient, Sent, Unspecified};
use crate::{BadArg, Call, ChatId, Grade, JsonReply, List, Phone, RawJson, Repeat, Verb, json};

/// `POST /sendProduct`: sends a product of the account's catalogue. For business accounts. Chat API
/// §4.2, grade C (since 2021).
///
/// What `body` holds is not said; beside a file name it is most likely the product's picture, as
/// in [`SendFile`](super::SendFile) (grade D), so nothing is checked but that it is given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendProduct {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// The product.
    pub product_id: String,
    /// Its picture, by address or as data URI (grade D).
    pub body: String,
    /// The picture's name.
    pub filename: String,
}

impl SendProduct {
    /// Sends a product to a phone or a chat.
    pub fn new(
        to: impl Into<Recipient>,
        product: impl Into<String>,
        body: impl Into<String>,
        filename: impl Into<String>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        Self {
            chat_id,
            phone,
            product_id: product.into(),
            body: body.into(),
            filename: filename.into(),
        }
    }
}

impl std::fmt::Debug for SendProduct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A data URI would fill the screen.
        f.debug_struct("SendProduct")
            .field("chat_id", &self.chat_id)
            .field("phone", &self.phone)
            .field("product_id", &self.product_id)
            .field("body", &format_args!("{} B", self.body.len()))
            .field("filename", &self.filename)
            .finish()
    }
}

impl Call for SendProduct {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendProduct";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::C;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        check_given("productId", &self.product_id)?;
        check_given("body", &self.body)?;
        check_given("filename", &self.filename)
    }
}

call_without_arguments! {
    /// `GET /getProducts`: the products of the account's catalogue. For business accounts.
    ///
    /// Arguments and answer were never seen; the answer is kept as it comes. Chat API §4.6, grade C.
    ListProducts = Get "getProducts" -> Unspecified, Safe, C
}

/// `GET /getProduct`: one product. For business accounts. The answer was never seen and is kept as
/// it comes. Chat API §4.6, grade C.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadProduct {
    /// The product. That the argument is named as in [`SendProduct`] is our inference (grade D).
    pub product_id: String,
}

impl ReadProduct {
    /// Reads a product.
    pub fn new(product: impl Into<String>) -> Self {
        Self { product_id: product.into() }
    }
}

impl Call for ReadProduct {
    type Dialect = ChatApi;
    type Reply = Unspecified;
    const NAME: &'static str = "getProduct";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::C;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("productId", &self.product_id)
    }
}

/// `GET /getOrder`: an order that a customer has sent. For business accounts. Chat API §4.6, grade C.
///
/// Id, token and seller stand in the `metadata` of a [`Message`](super::Message) of the kind
/// [`Order`](super::MessageKind::Order).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadOrder {
    /// The order.
    pub order_id: String,
    /// The token that came with it.
    pub order_token: String,
    /// The seller. The clients that know the call differ on whether it is wanted; that it is named
    /// as in the message's metadata is our inference (grade D).
    pub seller_jid: Option<ChatId>,
}

impl ReadOrder {
    /// Reads an order.
    pub fn new(order: impl Into<String>, token: impl Into<String>) -> Self {
        Self { order_id: order.into(), order_token: token.into(), seller_jid: None }
    }

    /// Names the seller.
    #[must_use]
    pub fn seller(mut self, seller: impl Into<ChatId>) -> Self {
        self.seller_jid = Some(seller.into());
        self
    }
}

impl Call for ReadOrder {
    type Dialect = ChatApi;
    type Reply = Order;
    const NAME: &'static str = "getOrder";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::C;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("orderId", &self.order_id)?;
        check_given("orderToken", &self.order_token)
    }
}

/// An order. Chat API §4.6, grade C.
///
/// Only the names of its members are known, neither their types nor the unit of the amounts: they
/// are kept as they came. [`RawJson::read`] reads one as what you know it to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Order {
    /// Its id.
    pub id: String,
    /// The amount before tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<RawJson>,
    /// The tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<RawJson>,
    /// The amount to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<RawJson>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<RawJson>,
    /// What was ordered.
    #[serde(default, deserialize_with = "json::or_default")]
    pub products: List<RawJson>,
}

impl Order {
    /// An order of which nothing more is known.
    pub fn new(id: impl Into<String>, products: List<RawJson>) -> Self {
        Self { id: id.into(), subtotal: None, tax: None, total: None, created_at: None, products }
    }
}

impl JsonReply for Order {}
