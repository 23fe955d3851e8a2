//! Faults of a single request.

use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::body::{Bytes, Frame, SizeHint};
use simulator::exchange::{Answer, Upstream};

/// A fault of one request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Fault {
    /// The connection is refused.
    Refused,
    Reset(Applied),
    /// The request is never answered.
    Hang(Applied),
    /// The request is never answered. It is applied after this many more requests or after [`LATEST`]. Only the session
    /// API does this, since other writes are conditional or looked for.
    Late(usize),
    /// The answer has another status, and `Retry-After` has this many seconds.
    Status(u16, Option<u32>, Applied),
    /// The upstream's answer has another body.
    Body(Body),
    /// The function is killed.
    Killed(Applied),
}

/// A request that is applied late is applied within this time.
pub(crate) const LATEST: Duration = Duration::from_secs(45);

/// Whether the upstream applies the request before the fault.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Applied {
    No,
    Yes,
}

/// A fault of an answer's body.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Body {
    CutOff,
    NotJson,
    /// Longer than any function may read.
    Huge,
    /// JSON of another shape.
    WrongShape,
    /// The status of the task or reservation is unknown to every function.
    UnknownStatus,
    /// A proxy has weakened the ETag.
    WeakEtag,
}

impl Fault {
    pub(crate) fn all() -> Vec<Self> {
        use Applied::{No, Yes};
        let mut all = vec![Self::Refused];
        for applied in [No, Yes] {
            all.extend([Self::Reset(applied), Self::Hang(applied), Self::Killed(applied)]);
            all.extend([500, 502, 503, 504].map(|status| Self::Status(status, None, applied)));
        }
        // Of these six, only 412 can follow an applied request: a proxy may have sent the request twice.
        all.extend([403, 408, 409, 412, 425, 429].map(|status| Self::Status(status, None, No)));
        all.push(Self::Status(412, None, Yes));
        // A second is over soon. The hour is over only after the function's end.
        all.extend([(429, 1), (429, 3_600), (503, 1)].map(|(status, after)| Self::Status(status, Some(after), No)));
        all.extend([1, 3, 6, 10, 20].map(Self::Late));
        all.extend([Body::CutOff, Body::NotJson, Body::Huge, Body::WrongShape].map(Self::Body));
        all.extend([Body::UnknownStatus, Body::WeakEtag].map(Self::Body));
        all
    }

    /// Whether the fault can happen at an upstream.
    pub(crate) fn can_happen_at(self, upstream: Upstream) -> bool {
        match self {
            Self::Late(_) => upstream == Upstream::SessionApi,
            // Flex's requests have no condition that a second copy could miss.
            Self::Status(412, _, Applied::Yes) => upstream != Upstream::Flex,
            Self::Body(Body::UnknownStatus | Body::WeakEtag) => upstream == Upstream::TaskRouter,
            _ => true,
        }
    }

    /// Whether the fault is transient. The run that meets a transient fault can still finish.
    pub(crate) fn passes(self) -> bool {
        match self {
            // A status that is unknown twice ends a run.
            Self::Killed(_) | Self::Body(Body::UnknownStatus) => false,
            Self::Refused | Self::Reset(_) | Self::Hang(_) | Self::Late(_) | Self::Body(_) => true,
            Self::Status(status, after, _) => {
                matches!(status, 408 | 409 | 425 | 429 | 500..) && after.is_none_or(|after| after < 60)
            }
        }
    }

    /// Whether the request takes the upstream's time or makes the function wait.
    pub(crate) fn takes_time(self) -> bool {
        matches!(
            self,
            Self::Hang(_) | Self::Late(_) | Self::Killed(_) | Self::Status(_, Some(_), _)
        )
    }

    /// Whether the request never reaches the upstream.
    pub(crate) fn is_before(self) -> bool {
        match self {
            Self::Refused => true,
            Self::Reset(applied) | Self::Hang(applied) | Self::Status(_, _, applied) | Self::Killed(applied) => {
                applied == Applied::No
            }
            Self::Late(_) | Self::Body(_) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, applied) = match self {
            Self::Refused => ("refused".to_owned(), Applied::No),
            Self::Reset(applied) => ("reset".to_owned(), *applied),
            Self::Hang(applied) => ("hang".to_owned(), *applied),
            Self::Late(requests) => (format!("late-by-{requests}"), Applied::Yes),
            Self::Killed(applied) => ("killed".to_owned(), *applied),
            Self::Status(status, None, applied) => (status.to_string(), *applied),
            Self::Status(status, Some(after), applied) => (format!("{status}-after-{after}"), *applied),
            Self::Body(body) => (format!("{body:?}").to_lowercase(), Applied::Yes),
        };
        let when = match (self, applied) {
            (Self::Refused | Self::Late(_) | Self::Body(_), _) => "",
            (_, Applied::No) => "-before",
            (_, Applied::Yes) => "-after",
        };
        write!(formatter, "{what}{when}")
    }
}

/// The answer that a fault of this status makes.
pub(crate) fn status(status: u16, retry_after: Option<u32>) -> Answer {
    let body = format!(r#"{{"code":{status}00,"message":"a fault","more_info":"","status":{status}}}"#);
    let answer = Answer::status(status)
        .header(CONTENT_TYPE.as_str(), "application/json")
        .body(body);
    match retry_after {
        Some(seconds) => answer.header(RETRY_AFTER.as_str(), &seconds.to_string()),
        None => answer,
    }
}

/// An answer with an unknown status or a weak ETag.
pub(crate) fn rewritten(mut answer: Answer, fault: Body) -> Answer {
    match fault {
        Body::UnknownStatus => {
            let text = ["assignment_status", "reservation_status"]
                .iter()
                .fold(answer.text(), |text, name| {
                    text.replace(&format!("\"{name}\":\""), &format!("\"{name}\":\"x"))
                });
            answer.body(text)
        }
        Body::WeakEtag => {
            if let Some(etag) = answer.headers.get("etag").and_then(|etag| etag.to_str().ok()) {
                let weak = format!("W/{etag}");
                answer = answer.header("ETag", &weak);
            }
            answer
        }
        Body::CutOff | Body::NotJson | Body::Huge | Body::WrongShape => answer,
    }
}

/// The pieces of a changed body, and whether the body breaks off after them. Only the AWS SDK may read the last piece
/// of a huge body.
pub(crate) fn pieces(answer: &Answer, fault: Option<Body>, is_awss: bool) -> Pieces {
    // More than a function reads. The length is not announced.
    static SPACES: [u8; 1 << 20] = [b' '; 1 << 20];
    static QUOTE: &[u8] = b"\"";
    let own = answer.body.clone();
    let (pieces, breaks) = match fault {
        None | Some(Body::UnknownStatus | Body::WeakEtag) => (vec![own], false),
        Some(Body::CutOff) => (vec![own.slice(..own.len() / 2)], true),
        Some(Body::NotJson) => (
            vec![Bytes::from_static(b"<html><body>Bad Gateway</body></html>")],
            false,
        ),
        Some(Body::WrongShape) => (
            vec![Bytes::from_static(br#"{"sid":7,"meta":[],"attributes":{"x":1}}"#)],
            false,
        ),
        Some(Body::Huge) => {
            let spaces = std::iter::repeat_n(Bytes::from_static(&SPACES), 5);
            let quotes = Bytes::from_static(QUOTE);
            (
                [quotes.clone()].into_iter().chain(spaces).chain([quotes]).collect(),
                false,
            )
        }
    };
    Pieces {
        pieces: pieces.into_iter(),
        breaks,
        is_bounded: fault == Some(Body::Huge) && !is_awss,
    }
}

/// A body, piece by piece.
pub(crate) struct Pieces {
    pieces: std::vec::IntoIter<Bytes>,
    breaks: bool,
    is_bounded: bool,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        assert!(!self.is_bounded || self.pieces.len() > 1, "it reads on and on");
        let next = match self.pieces.next() {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None if std::mem::take(&mut self.breaks) => Some(Err(std::io::ErrorKind::ConnectionReset.into())),
            None => None,
        };
        std::task::Poll::Ready(next)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
