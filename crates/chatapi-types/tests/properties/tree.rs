//! JSON as a tree that keeps the order of members, to be damaged at will.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// Text, number, flag or null, as JSON.
    Scalar(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Tree {
    pub(crate) fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Scalar(serde_json::to_string(text).unwrap())
    }

    /// Compact, or with this behind every comma and colon.
    pub(crate) fn write(&self, blank: &str) -> String {
        let mut out = String::new();
        self.write_to(&mut out, blank);
        out
    }

    fn write_to(&self, out: &mut String, blank: &str) {
        match self {
            Self::Scalar(json) => out.push_str(json),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        let _ = write!(out, ",{blank}");
                    }
                    item.write_to(out, blank);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        let _ = write!(out, ",{blank}");
                    }
                    let _ = write!(out, "{}:{blank}", serde_json::to_string(name).unwrap());
                    value.write_to(out, blank);
                }
                out.push('}');
            }
        }
    }

    /// All nodes, itself first, each with the name under which it stands. What is kept to the letter
    /// anyway (`metadata`) is left alone.
    pub(crate) fn visit(&mut self, name: &str, visit: &mut impl FnMut(&str, &mut Self)) {
        if name == "metadata" {
            return;
        }
        visit(name, self);
        match self {
            Self::Scalar(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.visit(name, visit)),
            Self::Object(members) => {
                members.iter_mut().for_each(|(name, value)| value.visit(name, visit));
            }
        }
    }

    /// Changes one of the nodes that `wanted` wants, the `nth` of them, going round.
    pub(crate) fn change(
        &mut self,
        nth: usize,
        wanted: impl Fn(&str, &Self) -> bool,
        change: impl FnOnce(&mut Self),
    ) {
        let mut count = 0;
        self.visit("", &mut |name, node| count += usize::from(wanted(name, node)));
        let mut left = nth.checked_rem(count);
        let mut change = Some(change);
        self.visit("", &mut |name, node| {
            if !wanted(name, node) {
                return;
            }
            match left {
                Some(0) => {
                    left = None;
                    change.take().unwrap()(node);
                }
                Some(n) => left = Some(n - 1),
                None => {}
            }
        });
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar("null".into()))
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
                Ok(Tree::Scalar(flag.to_string()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
                Ok(Tree::Scalar(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
                Ok(Tree::Scalar(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
                Ok(Tree::Scalar(number.to_string()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::text(text))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Any JSON.
pub(crate) fn any_json() -> impl Strategy<Value = Tree> {
    let scalar = prop_oneof![
        Just(Tree::Scalar("null".into())),
        any::<bool>().prop_map(|flag| Tree::Scalar(flag.to_string())),
        any::<i64>().prop_map(|number| Tree::Scalar(number.to_string())),
        any::<u64>().prop_map(|number| Tree::Scalar(number.to_string())),
        Just(Tree::Scalar("1.50e2".into())),
        crate::text().prop_map(|text| Tree::text(&text)),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        let member = (crate::text(), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Tree::List),
            proptest::collection::vec(member, 0..4).prop_map(Tree::Object),
        ]
    })
}
