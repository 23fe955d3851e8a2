//! Twilio's lists, page by page.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use crate::invocation::Invocation;
use crate::upstream::{CallError, Request, Upstream};

/// The pages of a list that are still to be read.
///
/// A next page is asked for at the list's own URL with the query of `next_page_url`, whatever host that names:
/// credentials go to no other.
pub(crate) struct Pages {
    step: &'static str,
    url: String,
    key: &'static str,
    query: Option<String>,
}

#[derive(Deserialize, Default)]
struct Meta {
    next_page_url: Option<String>,
}

impl Pages {
    /// A list whose items are under `key`.
    pub(crate) fn new(step: &'static str, url: String, key: &'static str, query: &[(&str, &str)]) -> Self {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        Self {
            step,
            url,
            key,
            query: Some(query),
        }
    }

    /// The items of the next page; `None` past the last one.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub(crate) async fn next<T: DeserializeOwned>(
        &mut self,
        upstream: &Upstream,
        invocation: &Invocation,
    ) -> Result<Option<Vec<T>>, CallError> {
        let Some(query) = self.query.take() else {
            return Ok(None);
        };
        let request = Request::get(self.step, format!("{}?{query}", self.url));
        let (items, next) = upstream
            .call(invocation, &request, |answer| read_page(&answer.body, self.key))
            .await?;
        // A page that names itself as the next one would never end.
        self.query = next.filter(|next| *next != query);
        Ok(Some(items))
    }
}

/// The items of a page and the query of the next one.
fn read_page<T: DeserializeOwned>(body: &[u8], key: &str) -> Option<(Vec<T>, Option<String>)> {
    let mut page: HashMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
    let items = serde_json::from_str(page.remove(key)?.get()).ok()?;
    let meta: Meta = match page.remove("meta") {
        Some(meta) => serde_json::from_str(meta.get()).ok()?,
        None => Meta::default(),
    };
    let next = meta.next_page_url.map(|url| Url::parse(&url)).transpose().ok()?;
    Some((items, next.and_then(|url| url.query().map(str::to_owned))))
}
