//! How an answer says no before its reply does.

use serde::Deserialize;
use serde_json::Value;

use crate::{Answer, RawJson, json};

/// The vendor's words for a no: `error` on any status (Chat API §1.2, grade C for 200); `message`
/// and short plain text only when the status already says no (grade C; a successor answers "not
/// paid" in plain text). Shared with the admin functions, which complain alike.
pub(crate) fn complaint(answer: &Answer<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        error: Option<RawJson>,
        #[serde(default)]
        message: Option<RawJson>,
    }
    let declined = !(200..300).contains(&answer.status);
    if !declined && !std::str::from_utf8(answer.body).is_ok_and(|body| body.contains("\"error\"")) {
        return None;
    }
    match json::from_slice::<Envelope>(answer.body) {
        Ok(envelope) => envelope
            .error
            .and_then(spoken)
            .or_else(|| envelope.message.filter(|_| declined).and_then(spoken)),
        Err(_) if declined && !answer.is_html() => {
            let text = std::str::from_utf8(answer.body).ok()?.trim();
            let is_sentence =
                !text.is_empty() && text.len() <= 300 && !text.starts_with(['{', '[']);
            is_sentence.then(|| text.to_owned())
        }
        Err(_) => None,
    }
}

/// The words of an error member; `None` for what means "no error".
fn spoken(member: RawJson) -> Option<String> {
    match serde_json::from_str(member.get()) {
        Ok(Value::Null | Value::Bool(false)) => None,
        Ok(Value::String(text)) if text.trim().is_empty() => None,
        Ok(Value::String(text)) => Some(text),
        Ok(Value::Number(number)) if number.as_i64() == Some(0) => None,
        // An object; or text with half a character in it, which is a complaint all the same.
        Ok(_) | Err(_) => Some(member.get().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_found_wherever_they_stand() {
        let complaint = |status, body: &str| complaint(&Answer::new(status, None, body.as_bytes()));
        assert_eq!(complaint(200, r#"{"error":"not paid"}"#).as_deref(), Some("not paid"));
        assert_eq!(complaint(200, r#"{"error":{"code":1}}"#).as_deref(), Some(r#"{"code":1}"#));
        assert_eq!(complaint(200, r#"{"error":null,"sent":true}"#), None);
        assert_eq!(complaint(200, r#"{"error":"","sent":true}"#), None);
        assert_eq!(complaint(200, r#"{"sent":false,"message":"no"}"#), None);
        assert_eq!(complaint(400, r#"{"message":"no"}"#).as_deref(), Some("no"));
        assert_eq!(complaint(200, r#"{"error":"cut \ud83d"}"#).as_deref(), Some(r#""cut \ud83d""#));
        assert_eq!(complaint(403, "Not paid").as_deref(), Some("Not paid"));
        assert_eq!(complaint(502, "<html>Bad Gateway</html>"), None);
        assert_eq!(complaint(200, "<html>"), None);
        assert_eq!(complaint(500, r#"{"err"#), None);
    }
}
