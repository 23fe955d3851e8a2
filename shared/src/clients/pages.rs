//! Twilio's lists, page by page.

use url::Url;

use crate::attributes::json::{Kind, Value};
use crate::invocation::Invocation;
use crate::upstream::{CallError, Request, Upstream};

/// A list of more pages is not believed: ten times Conversations' 1,000 participants, at 100 a page, and as many
/// messages as no conversation gets between an AI's reservation and its handoff.
const MAX_PAGES: u32 = 100;

/// The pages of a list that are still to be read.
///
/// A next page is asked for at the list's own URL with the query of `next_page_url`, whatever host that names:
/// credentials go to no other.
pub(crate) struct Pages {
    step: &'static str,
    url: Url,
    key: &'static str,
    query: Option<String>,
    read: u32,
}

impl Pages {
    /// A list whose items are under `key`.
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

    /// What `read` makes of the items of the next page; `None` past the last one.
    ///
    /// # Errors
    /// As [`Upstream::call`]; [`CallError::UNREADABLE`] if the list doesn't end.
    pub(crate) async fn next<T>(
        &mut self,
        upstream: &Upstream,
        invocation: &Invocation,
        read: impl Fn(Value<'_, '_>) -> Option<T>,
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
            .call(invocation, &request, |answer| {
                answer.json(|page| Some((items(page, self.key, &read)?, next_query(page)?)))
            })
            .await?;
        self.query = next;
        Ok(Some(items))
    }
}

fn items<T>(page: Value<'_, '_>, key: &str, read: impl Fn(Value<'_, '_>) -> Option<T>) -> Option<Vec<T>> {
    let list = page.member(key).filter(|list| list.kind() == Kind::Array)?;
    list.children().map(read).collect()
}

/// The query of the next page, `Some(None)` on the last one. A next page that can't be asked for makes the page
/// unreadable, since the list would seem to end there.
fn next_query(page: Value<'_, '_>) -> Option<Option<String>> {
    let next = page.member("meta").and_then(|meta| meta.member("next_page_url"));
    match next.filter(|url| url.kind() != Kind::Null) {
        None => Some(None),
        Some(url) => Some(Some(Url::parse(&url.as_string()?).ok()?.query()?.to_owned())),
    }
}
