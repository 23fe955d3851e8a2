//! AWS identifiers: the account, the region, and generated ids.

use std::iter::repeat_with;

/// The account that AWS's own documentation uses.
pub(crate) const ACCOUNT_ID: &str = "123456789012";

/// The region of all resources.
pub(crate) const REGION: &str = "eu-west-1";

pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}")
}

/// A random UUID (version 4), the format of request ids and message ids.
pub(crate) fn request_id() -> String {
    let [a, b, c, d, e] = [hex(8), hex(4), hex(3), hex(3), hex(12)];
    format!("{a}-{b}-4{c}-8{d}-{e}")
}

/// `Root=1-{seconds}-{96 bits};…`, X-Ray's tracing header.
pub(crate) fn trace_id(seconds: i64) -> String {
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", hex(24), hex(16))
}

pub(crate) fn domain_name() -> String {
    let api_id: String = repeat_with(fastrand::alphanumeric).take(10).collect();
    format!("{}.execute-api.{REGION}.amazonaws.com", api_id.to_ascii_lowercase())
}

/// Random hexadecimal digits.
pub(crate) fn hex(digits: usize) -> String {
    repeat_with(|| fastrand::digit(16)).take(digits).collect()
}
