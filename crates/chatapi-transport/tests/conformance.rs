//! The conformance suites: our transports pass them, wrong ones do not.

use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::conformance::{check, check_decorator};
use chatapi_transport::{
    Fate, Rate, RateLimit, Request, ReqwestTransport, Response, Retry, RetryPolicy, Transport,
    TransportError,
};
use tokio::task::JoinSet;

#[tokio::test]
async fn reqwest_conforms() {
    let transport = ReqwestTransport::new().unwrap();
    check(|| transport.clone()).await.unwrap();
}

#[tokio::test]
async fn reqwest_conforms_without_kept_connections() {
    let options = ReqwestTransport::options().idle_for(Duration::ZERO);
    let transport = options.direct().build().unwrap();
    check(|| transport.clone()).await.unwrap();
}

#[tokio::test]
async fn the_decorators_conform() {
    let plenty = Rate::new(u32::MAX, Duration::from_secs(1));
    check_decorator(|inner| Retry::new(inner, RetryPolicy::never())).await.unwrap();
    check_decorator(|inner| RateLimit::new(inner, plenty)).await.unwrap();
    // Decorated, a transport still conforms.
    let transport = ReqwestTransport::new().unwrap();
    check(|| RateLimit::new(Retry::new(transport.clone(), RetryPolicy::never()), plenty))
        .await
        .unwrap();
}

/// Breaks one rule each.
#[derive(Debug)]
enum Wrong {
    /// Repeats what got no answer.
    Eager,
    /// Calls every error certain.
    Optimist,
    /// Calls no error certain.
    Pessimist,
    /// Puts the address into its errors.
    Talkative,
    /// Takes errors of HTTP for errors of the exchange.
    Strict,
    /// Cuts answers.
    Greedy,
}

#[derive(Debug)]
struct Broken {
    wrong: Wrong,
    inner: Arc<dyn Transport>,
}

#[async_trait::async_trait]
impl Transport for Broken {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let again = request.clone();
        let end = self.inner.exchange(request).await;
        match (&self.wrong, end) {
            (Wrong::Eager, Err(_)) => self.inner.exchange(again).await,
            (Wrong::Optimist, Err(_)) => Err(TransportError::no_connection()),
            (Wrong::Pessimist, Err(_)) => Err(TransportError::broken()),
            (Wrong::Talkative, Err(error)) => {
                let address = again.expose().map(|exposed| exposed.uri().to_string());
                Err(error.because(address.unwrap_or_default()))
            }
            (Wrong::Strict, Ok(answer)) if !answer.status().is_success() => {
                Err(TransportError::other(Fate::Unknown, "bad status"))
            }
            (Wrong::Greedy, Ok(answer)) => {
                let body = answer.body().slice(..answer.body().len().min(5));
                Ok(Response::new(answer.status(), answer.headers().clone(), body))
            }
            (_, end) => end,
        }
    }
}

#[tokio::test]
async fn wrong_transports_are_told_which_rule_they_broke() {
    let inner: Arc<dyn Transport> = Arc::new(ReqwestTransport::new().unwrap());
    let mut checks = JoinSet::new();
    for (wrong, rule) in [
        ((|| Wrong::Eager) as fn() -> Wrong, "one exchange is one request: 2 exchanges were "),
        (|| Wrong::Optimist, "leaves the fate unknown: NotSent instead of Unknown"),
        (|| Wrong::Pessimist, "known not to have been sent: Unknown instead of NotSent"),
        (|| Wrong::Talkative, "no source: in an error's text"),
        (
            || Wrong::Strict,
            "any HTTP status is an answer: an error instead of an answer: bad status",
        ),
        (
            || Wrong::Greedy,
            "bodies arrive intact, both ways: 65547 B were answered, other 5 B came back",
        ),
    ] {
        let inner = Arc::clone(&inner);
        checks.spawn(async move {
            let make = || Broken { wrong: wrong(), inner: Arc::clone(&inner) };
            let failed = check(make).await.unwrap_err().to_string();
            assert!(failed.contains(rule), "{:?}: {failed}", wrong());
        });
    }
    while let Some(check) = checks.join_next().await {
        check.unwrap();
    }
}

#[tokio::test]
async fn wrong_decorators_are_told_too() {
    let wrong =
        |wrong: fn() -> Wrong| check_decorator(move |inner| Broken { wrong: wrong(), inner });
    for (wrong, rule) in [
        (wrong(|| Wrong::Pessimist), "an error comes out with its fate"),
        (wrong(|| Wrong::Strict), "an answer of any status comes out unchanged"),
        (wrong(|| Wrong::Talkative), "the secret shows in no Debug"),
    ] {
        let failed = wrong.await.unwrap_err().to_string();
        assert!(failed.contains(rule), "{failed}");
    }
    // A retry that repeats has something to add.
    let failed = check_decorator(|inner| Retry::new(inner, RetryPolicy::new())).await;
    let failed = failed.unwrap_err().to_string();
    assert!(failed.contains("attempts: 4"), "{failed}");
}
