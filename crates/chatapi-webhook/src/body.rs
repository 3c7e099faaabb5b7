//! A request whose body is still on its way.

use std::error::Error;
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::{Clock as _, TokioClock};
use futures_util::future::{Either, select};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::{Admission, Receiver};

/// How long a body may take unless said otherwise.
pub(crate) const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Judges the head, and only then reads the body: to its limit, and for so long. `admitted` is
/// called in between.
pub(crate) async fn answer<B>(
    receiver: &Receiver,
    peer: Option<IpAddr>,
    request: Request<B>,
    within: Duration,
    admitted: impl FnOnce() + Send,
) -> Response<Bytes>
where
    B: Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let admission = match receiver.admit(peer, &head) {
        Ok(admission) => admission,
        Err(answer) => return answer,
    };
    admitted();
    match read(&admission, body, within).await {
        Ok(body) => admission.accept(body).await,
        Err(answer) => answer,
    }
}

async fn read<B>(admission: &Admission, body: B, within: Duration) -> Result<Bytes, Response<Bytes>>
where
    B: Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let body = pin!(Limited::new(body, admission.limit()).collect());
    // Sockets live in the machine's time, whatever clock the receiver has.
    let clock = TokioClock::new();
    match select(body, clock.sleep(within)).await {
        Either::Left((Ok(body), _)) => Ok(body.to_bytes()),
        Either::Left((Err(error), _)) if error.is::<LengthLimitError>() => {
            Err(admission.too_long())
        }
        Either::Left((Err(_), _)) => Err(admission.broken_off()),
        Either::Right(_) => Err(admission.too_slow()),
    }
}
