//! The parameters of webhooks. `Filters` is given once per event type.

use serde::Deserialize;

use crate::twilio::conversations::HookChange;

#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct HookForm(Vec<(String, String)>);

impl HookForm {
    pub(super) fn one(&self, name: &str) -> Option<String> {
        let given = self.0.iter().find(|(own, _)| own == name);
        given.map(|(_, value)| value.clone())
    }

    /// The webhook's fields: the URL by its name, and the method and the filters behind a prefix.
    pub(super) fn change(&self, url: &str, prefix: &str) -> HookChange {
        let name = format!("{prefix}Filters");
        let filters = self.0.iter().filter(|(own, _)| *own == name);
        let filters: Vec<String> = filters.map(|(_, value)| value.clone()).collect();
        HookChange {
            url: self.one(url),
            method: self.one(&format!("{prefix}Method")),
            filters: Some(filters).filter(|filters| !filters.is_empty()),
        }
    }
}
