//! Paging of Twilio's lists.

use std::borrow::Cow;

use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

/// The paging parameters of a query.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct PageQuery {
    page_size: Option<usize>,
    /// Only echoed in the answer. The page's start depends only on the token.
    page: usize,
    page_token: Option<String>,
}

/// A list to take a page of.
pub(crate) struct List<'a> {
    /// The product's public base URL.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// The list's member in the answer.
    pub(crate) key: &'a str,
    /// The query's filters. The next page's URL repeats them.
    pub(crate) filters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(crate) max_page_size: usize,
    /// Each resource with its number. Numbers rise, or fall if `descending`. Tokens refer to these numbers, so a page
    /// starts at the right place even if resources have come or gone meanwhile.
    pub(crate) items: Vec<(usize, Value)>,
    pub(crate) descending: bool,
}

const DEFAULT_PAGE_SIZE: usize = 50;

/// The paging parameters. They are not filters.
const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

/// A query's parameters except the paging parameters.
pub(crate) fn filters(uri: &Uri) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let parameters = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    parameters
        .filter(|(name, _)| !PAGING.contains(&name.as_ref()))
        .collect()
}

/// The start of a page, encoded in the token: `PA7` begins after item 7, `PB7` ends before item 7 and `PB` ends with
/// the last item.
enum Start {
    First,
    After(usize),
    Before(usize),
    Last,
}

impl Start {
    /// An unknown token gives the first page.
    fn of(token: Option<&str>) -> Self {
        if token == Some("PB") {
            return Self::Last;
        }
        let number = |text: &str| text.parse().ok();
        let after = token
            .and_then(|token| token.strip_prefix("PA"))
            .and_then(number)
            .map(Self::After);
        let before = token
            .and_then(|token| token.strip_prefix("PB"))
            .and_then(number)
            .map(Self::Before);
        after.or(before).unwrap_or(Self::First)
    }
}

impl List<'_> {
    /// The requested page, with Twilio's `meta`.
    pub(crate) fn page(mut self, query: &PageQuery) -> Value {
        let size = query
            .page_size
            .unwrap_or(DEFAULT_PAGE_SIZE)
            .clamp(1, self.max_page_size);
        let start = match Start::of(query.page_token.as_deref()) {
            Start::First => 0,
            Start::After(number) => self.place_of(number) + usize::from(self.holds(number)),
            Start::Before(number) => self.place_of(number).saturating_sub(size),
            Start::Last => self.items.len().saturating_sub(size),
        };
        let end = (start + size).min(self.items.len());
        let next = (end < self.items.len()).then(|| {
            self.url(
                size,
                query.page.saturating_add(1),
                Some(format!("PA{}", self.items[end - 1].0)),
            )
        });
        let previous = (start > 0).then(|| {
            // The next items may have been deleted since.
            let first = self.items.get(start);
            let token = first.map_or("PB".to_owned(), |(number, _)| format!("PB{number}"));
            self.url(size, query.page.saturating_sub(1), Some(token))
        });
        let meta = json!({
            "first_page_url": self.url(size, 0, None),
            "key": self.key,
            "next_page_url": next,
            "page": query.page,
            "page_size": size,
            "previous_page_url": previous,
            "url": self.url(size, query.page, query.page_token.clone()),
        });
        let items: Vec<Value> = self.items.drain(start..end).map(|(_, item)| item).collect();
        json!({ "meta": meta, self.key: items })
    }

    /// The number of items before the item with this number, even if the item was deleted.
    fn place_of(&self, number: usize) -> usize {
        self.items.partition_point(|(item, _)| {
            if self.descending {
                *item > number
            } else {
                *item < number
            }
        })
    }

    fn holds(&self, number: usize) -> bool {
        self.items.iter().any(|(item, _)| *item == number)
    }

    fn url(&self, size: usize, page: usize, token: Option<String>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query
            .append_pair("PageSize", &size.to_string())
            .append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", &token);
        }
        format!("{}{}?{}", self.host, self.path, query.finish())
    }
}
