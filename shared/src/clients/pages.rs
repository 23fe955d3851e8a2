//! Twilio's paged lists.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use url::Url;

use crate::invocation::Invocation;
use crate::upstream::Upstream;
use crate::upstream::answer::{Answer, CallError};
use crate::upstream::request::Request;

/// The longest list that is read. Conversations allows 1,000 participants, and this is ten times as many at 100 a page.
/// Between an AI's reservation and its handoff, a conversation gets fewer messages than that.
const MAX_PAGES: u32 = 100;

/// The unread pages of a list.
///
/// The next page is requested at the list's own URL with the query of `next_page_url`. The host of `next_page_url` is
/// ignored, so that credentials go to no other host.
pub(crate) struct Pages {
    step: &'static str,
    url: Url,
    key: &'static str,
    query: Option<String>,
    read: u32,
}

impl Pages {
    /// A list with its items under `key`.
    pub(crate) fn new(step: &'static str, url: Url, key: &'static str, query: &[(&str, &str)]) -> Self {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        Self {
            step,
            url,
            key,
            query: Some(query),
            read: 0,
        }
    }

    /// Reads the items of the next page. `None` after the last page.
    ///
    /// # Errors
    /// As [`Upstream::call`]. A list that doesn't end counts as unreadable.
    pub(crate) async fn next<T: DeserializeOwned>(
        &mut self,
        upstream: &Upstream,
        invocation: &Invocation,
    ) -> Result<Option<Vec<T>>, CallError> {
        let Some(query) = self.query.take() else {
            return Ok(None);
        };
        if self.read == MAX_PAGES {
            return Err(CallError::UNREADABLE);
        }
        self.read += 1;
        self.url.set_query(Some(&query));
        let request = Request::get(self.step, self.url.clone());
        let (items, next) = upstream
            .call(invocation, &request, |answer| read_page(answer, self.key))
            .await?;
        self.query = next;
        Ok(Some(items))
    }

    /// Reads the items of all remaining pages.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(crate) async fn rest<T: DeserializeOwned>(
        mut self,
        upstream: &Upstream,
        invocation: &Invocation,
    ) -> Result<Vec<T>, CallError> {
        let mut items = Vec::new();
        while let Some(page) = self.next(upstream, invocation).await? {
            items.extend(page);
        }
        Ok(items)
    }
}

/// An item of a list. `None` if the item has another shape, so that a single odd item doesn't make its page unreadable.
pub(crate) struct Item<T>(pub(crate) Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(json.get()).ok()))
    }
}

#[derive(Deserialize, Default)]
struct Meta {
    next_page_url: Option<String>,
}

/// The items of a page, and the query of the next page. A next page that can't be requested makes this page unreadable.
/// Otherwise the list would seem to end here.
fn read_page<T: DeserializeOwned>(answer: &Answer, key: &str) -> Option<(Vec<T>, Option<String>)> {
    let page: HashMap<String, Box<RawValue>> = answer.json()?;
    let items = serde_json::from_str(page.get(key)?.get()).ok()?;
    let meta: Meta = match page.get("meta") {
        Some(meta) => serde_json::from_str(meta.get()).ok()?,
        None => Meta::default(),
    };
    let next = match meta.next_page_url {
        Some(url) => Some(Url::parse(&url).ok()?.query()?.to_owned()),
        None => None,
    };
    Some((items, next))
}
