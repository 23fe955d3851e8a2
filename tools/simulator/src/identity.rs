//! AWS identifiers: the account, the region, and generated ids.

use std::iter::repeat_with;

/// The account in AWS's own documentation.
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

/// The id of an API: ten letters and digits.
pub(crate) fn api_id() -> String {
    letters_and_digits(10)
}

pub(crate) fn domain_name(api_id: &str) -> String {
    format!("{api_id}.execute-api.{REGION}.amazonaws.com")
}

/// The id of a function URL: 32 letters and digits.
pub(crate) fn function_url_id() -> String {
    letters_and_digits(32)
}

pub(crate) fn function_url_domain_name(url_id: &str) -> String {
    format!("{url_id}.lambda-url.{REGION}.on.aws")
}

/// The target group of the function at a path.
pub(crate) fn target_group_arn(path: &str) -> String {
    let name = path.trim_matches('/').replace('/', "-");
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:targetgroup/{name}/6d0ecf831eec9f09")
}

fn letters_and_digits(count: usize) -> String {
    let random: String = repeat_with(fastrand::alphanumeric).take(count).collect();
    random.to_ascii_lowercase()
}

/// Random hexadecimal digits.
pub(crate) fn hex(digits: usize) -> String {
    repeat_with(|| fastrand::digit(16)).take(digits).collect()
}
