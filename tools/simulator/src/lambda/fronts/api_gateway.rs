//! The parts that API Gateway's HTTP APIs and REST APIs share: stages, custom domains and paths.

use crate::identity;

/// The stage and domain of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiGateway {
    /// The name of the stage. None for an HTTP API's `$default`, which doesn't appear in paths.
    pub stage: Option<String>,
    /// The account's own domain, in place of `{id}.execute-api.{region}.amazonaws.com`.
    pub custom_domain: Option<CustomDomain>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomDomain {
    pub name: String,
    /// The key of the HTTP API's API mapping or the REST API's base path mapping, without slashes.
    pub base_path: Option<String>,
}

/// An API after its identifiers were chosen.
pub(super) struct PublicApi {
    pub(super) domain_name: String,
    /// The path before the routes: `/{stage}` at API Gateway's own domain and `/{base path}` at a custom domain. May be
    /// empty.
    pub(super) base_path: String,
    pub(super) api_id: String,
    pub(super) stage: Option<String>,
    pub(super) has_custom_domain: bool,
}

impl ApiGateway {
    /// An API with a named stage at API Gateway's own domain.
    pub fn staged(stage: &str) -> Self {
        Self {
            stage: Some(stage.to_owned()),
            custom_domain: None,
        }
    }

    pub(super) fn open(self) -> PublicApi {
        let api_id = identity::api_id();
        let has_custom_domain = self.custom_domain.is_some();
        let (domain_name, prefix) = match self.custom_domain {
            Some(domain) => (domain.name, domain.base_path),
            None => (identity::domain_name(&api_id), self.stage.clone()),
        };
        PublicApi {
            domain_name,
            base_path: prefix.map(|prefix| format!("/{prefix}")).unwrap_or_default(),
            api_id,
            stage: self.stage,
            has_custom_domain,
        }
    }
}

impl PublicApi {
    /// The path of a request after the stage or the base path. None for a request elsewhere.
    pub(super) fn route<'a>(&self, path: &'a str) -> Option<&'a str> {
        let route = path.strip_prefix(&*self.base_path)?;
        route.starts_with('/').then_some(route)
    }

    /// The first label of the domain.
    pub(super) fn domain_prefix(&self) -> &str {
        self.domain_name.split('.').next().unwrap_or_default()
    }
}
