//! `getProducts`, `getProduct`, `getOrder`. Of the first two no answer was ever seen: theirs is our
//! choice (grade D).

use chatapi_types::chat_api::{MessageKind, Order, ReadOrder, ReadProduct, Unspecified};
use chatapi_types::{ChatId, List, MessageId, RawJson, UnixTime};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::chat_api::queue::raw;
use crate::http::{Answer, Question};
use crate::inbound::Circumstances;
use crate::profile::Product;
use crate::world::Scene;

/// An order that a contact has sent.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Ordered {
    id: String,
    token: String,
    products: Vec<Product>,
    at: UnixTime,
}

/// A product in an answer; prices in hundredths.
fn shown(product: &Product) -> Option<RawJson> {
    #[derive(Serialize)]
    struct Shown<'a> {
        id: &'a str,
        name: &'a str,
        price: u64,
        currency: &'a str,
    }
    let Product { id, name, price, currency } = product;
    raw(&Shown { id, name, price: *price, currency })
}

pub(super) fn products(_: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    #[derive(Serialize)]
    struct Products {
        products: Vec<RawJson>,
    }
    let products = scene.profile.chat_api.products.iter().filter_map(shown).collect();
    own(raw(&Products { products }))
}

pub(super) fn product(_: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let id = match question.args.read() {
        Ok(ReadProduct { product_id, .. }) => product_id,
        Err(error) => return Answer::bad_argument(&error),
    };
    match scene.profile.chat_api.products.iter().find(|product| product.id == id) {
        Some(product) => own(shown(product)),
        None => Answer::error(200, format!("Product {id} not found")),
    }
}

fn own(json: Option<RawJson>) -> Answer {
    match json {
        Some(json) => Answer::of(&Unspecified::new(json)),
        None => Answer::error(500, "the answer cannot be written"),
    }
}

/// Amounts in hundredths, the time in seconds, no tax (grade D; the names are grade C).
pub(super) fn order(instance: &mut Instance, _: &mut Scene, question: &Question) -> Answer {
    let call: ReadOrder = match question.args.read() {
        Ok(call) => call,
        Err(error) => return Answer::bad_argument(&error),
    };
    let is_meant = |order: &&Ordered| order.id == call.order_id && order.token == call.order_token;
    let Some(order) = instance.orders.iter().find(is_meant) else {
        return Answer::error(200, format!("Order {} not found", call.order_id));
    };
    let total: u64 = order.products.iter().map(|product| product.price).sum();
    let products: List<RawJson> = order.products.iter().filter_map(shown).collect();
    let mut reply = Order::new(&*order.id, products);
    reply.subtotal = raw(&total);
    reply.tax = raw(&0);
    reply.total = raw(&total);
    reply.created_at = raw(&order.at);
    Answer::of(&reply)
}

impl Instance {
    /// The contact orders products of the catalogue, each once; unknown ones are left out. Gives
    /// back the message, whose metadata has what `getOrder` wants (§4.5, grade C).
    pub(crate) fn contact_orders(
        &mut self,
        chat: ChatId,
        products: &[&str],
        scene: &mut Scene,
    ) -> MessageId {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata<'a> {
            seller_jid: String,
            order_id: &'a str,
            order_token: &'a str,
        }
        let catalogue = &scene.profile.chat_api.products;
        let ordered = catalogue.iter().filter(|product| products.contains(&&*product.id));
        let order = Ordered {
            id: format!("{}", self.orders.len() + 1),
            products: ordered.cloned().collect(),
            token: scene.random.token(),
            at: scene.unix().into(),
        };
        let mut content = Content::new(MessageKind::Order, &*order.id);
        content.metadata = raw(&Metadata {
            seller_jid: format!("{}@c.us", self.phone.number),
            order_id: &order.id,
            order_token: &order.token,
        });
        self.orders.push(order);
        self.contact_says(chat, content, Circumstances::default(), scene)
    }
}
