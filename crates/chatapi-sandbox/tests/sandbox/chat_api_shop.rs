//! Products and orders.

use crate::wire::{PHONE, ask, exchange, member, with_instance};

#[test]
fn the_catalogue_is_that_of_the_profile() {
    let sandbox = with_instance();
    let cup = r#"{"id":"1001","name":"Sample cup","price":990,"currency":"EUR"}"#;
    let products = ask(&sandbox, "getProducts", "");
    assert!(products.starts_with(&format!("200 {{\"products\":[{cup},")), "{products}");
    assert_eq!(ask(&sandbox, "getProduct", "productId=1001"), format!("200 {cup}"));
    let none = r#"200 {"error":"Product 9 not found"}"#;
    assert_eq!(ask(&sandbox, "getProduct", "productId=9"), none);
    assert!(ask(&sandbox, "getProduct", "").starts_with("400"));
}

#[test]
fn an_order_is_read_by_what_stands_in_its_message() {
    let sandbox = with_instance();
    sandbox.instance("123").contact_orders(PHONE, &["1001", "1002", "none"]).unwrap();
    let messages = exchange(&sandbox, "GET /instance123/messages?token=token");
    let messages = std::str::from_utf8(messages.body()).unwrap();
    assert!(messages.contains(r#""type":"order""#), "{messages}");
    assert_eq!(member(messages, "sellerJid"), "79990000001@c.us");
    let (id, token) = (member(messages, "orderId"), member(messages, "orderToken"));
    assert_eq!(
        ask(&sandbox, "getOrder", &format!("orderId={id}&orderToken={token}")),
        r#"200 {"id":"1","subtotal":2480,"tax":0,"total":2480,"createdAt":1600000000,"products":[{"id":"1001","name":"Sample cup","price":990,"currency":"EUR"},{"id":"1002","name":"Sample plate","price":1490,"currency":"EUR"}]}"#
    );
    let wrong = ask(&sandbox, "getOrder", &format!("orderId={id}&orderToken=x"));
    assert_eq!(wrong, r#"200 {"error":"Order 1 not found"}"#);
    assert!(ask(&sandbox, "getOrder", "").starts_with("400"));
}
