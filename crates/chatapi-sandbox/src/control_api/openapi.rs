//! The OpenAPI document, written from the routes.

use serde_json::{Map, Value, json};

use super::examples;
use super::routes::{Input, ROUTES, Route};

/// The document. `prefix` is what the addresses of the world begin with that was asked.
pub(super) fn document(prefix: &str) -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.verb.as_str().to_ascii_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "chatapi sandbox: control API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Looks at an emulated gateway and disturbs it. Every address belongs to \
                one world: the main one, that of the header X-Sandbox-World, or that of the path \
                prefix /_world/{name}. POST needs Content-Type: application/json.",
        },
        "servers": [{ "url": if prefix.is_empty() { "/" } else { prefix } }],
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": { "error": { "type": "string" } },
                },
            },
            "responses": {
                "Refused": {
                    "description": "It was refused, and nothing has changed.",
                    "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Error" } },
                    },
                },
            },
            "parameters": {
                "World": {
                    "name": "X-Sandbox-World",
                    "in": "header",
                    "required": false,
                    "description": "The world; made on first use. The main one unless given.",
                    "schema": { "type": "string" },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters = vec![json!({ "$ref": "#/components/parameters/World" })];
    parameters.extend(names(route.path).map(|name| {
        let mut schema = json!({ "type": "string" });
        if let ("action", Input::Action(actions)) = (name, route.input) {
            schema["enum"] = actions.iter().map(|(action, _)| *action).collect();
        }
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    }));
    parameters.extend(route.query.iter().map(|(name, description)| {
        json!({
            "name": name, "in": "query", "required": false, "description": description,
            "schema": { "type": "string" },
        })
    }));
    let status = if route.path == "/_sandbox/worlds" && route.verb.as_str() == "POST" {
        "201"
    } else {
        "200"
    };
    let kind =
        if route.path == "/_sandbox/events" { "text/event-stream" } else { "application/json" };
    let mut operation = json!({
        "operationId": id(route),
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            status: { "description": "Done.", "content": { kind: {} } },
            "4XX": { "$ref": "#/components/responses/Refused" },
        },
    });
    if let Some(body) = body(route.input)
        && let Some(operation) = operation.as_object_mut()
    {
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

fn body(input: Input) -> Option<Value> {
    let object = json!({ "schema": { "type": "object" } });
    let with = |examples: Map<String, Value>| json!({ "application/json": { "schema": { "type": "object" }, "examples": examples } });
    let content = match input {
        Input::Nothing => return None,
        Input::Object(example) => {
            let example: Value = serde_json::from_str(example).unwrap_or_default();
            json!({ "application/json": { "schema": { "type": "object" }, "example": example } })
        }
        Input::Kinds(kinds) | Input::Action(kinds) => with(examples::named(kinds)),
        Input::Command => with(examples::commands()),
        Input::Scenario => json!({ "application/yaml": object, "application/json": object }),
        Input::Snapshot => json!({ "application/json": object }),
    };
    Some(json!({ "required": true, "content": content }))
}

/// The names in the braces.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// A name for the operation: its verb and the words of its path.
fn id(route: &Route) -> String {
    let mut id = route.verb.as_str().to_ascii_lowercase();
    let words = route.path.trim_start_matches("/_sandbox/").split(['/', '.']);
    for word in words.map(|word| word.trim_matches(['{', '}'])) {
        let word = if word.is_empty() { "index" } else { word };
        let mut letters = word.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}
