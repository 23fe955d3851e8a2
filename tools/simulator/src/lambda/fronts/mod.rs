//! The services in front of the functions. They turn HTTP requests into events.

mod api_gateway;
mod function_url;
mod headers;
mod http_api;
mod load_balancer;
mod payload_2_0;
mod proxy;
mod response_2_0;
mod rest_api;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use super::registry::Registry;
use crate::loopback::serve;
use function_url::FunctionUrl;
use http_api::HttpApi;
use load_balancer::LoadBalancer;
use rest_api::RestApi;

pub use api_gateway::{ApiGateway, CustomDomain};

/// A service in front of the functions. A function with [`Trigger::Http`](super::Trigger::Http) is reached at its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Front {
    /// An API Gateway HTTP API. Sends payload format 2.0.
    HttpApi(ApiGateway),
    /// An API Gateway REST API. Sends payload format 1.0. The default stage is `prod`.
    RestApi(ApiGateway),
    /// A function's URL. All paths reach the function.
    FunctionUrl { function: String },
    /// An Application Load Balancer, with a rule and a target group for each function.
    LoadBalancer {
        domain_name: String,
        /// The attribute `lambda.multi_value_headers.enabled` of the target groups.
        multi_value_headers: bool,
    },
}

/// The public and local address of a front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The public host name, which callers sign.
    pub domain_name: String,
    /// The part of the public path before the functions' own, from a stage or base path. Often empty.
    pub base_path: String,
    /// The address that serves this host in plain HTTP.
    pub address: SocketAddr,
}

impl Endpoint {
    /// The public URL of a path, such as `/task-events`.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{}{path}", self.domain_name, self.base_path)
    }
}

impl Front {
    /// Binds a free loopback port for the front. Returns the front's addresses and server.
    pub(super) async fn open(
        self,
        functions: Arc<Registry>,
    ) -> io::Result<(Endpoint, impl Future<Output = ()> + use<>)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (router, domain_name, base_path) = self.router(functions);
        let endpoint = Endpoint {
            domain_name,
            base_path,
            address: listener.local_addr()?,
        };
        Ok((endpoint, serve(listener, router)))
    }

    /// The front's routes, its domain name and its base path.
    fn router(self, functions: Arc<Registry>) -> (Router, String, String) {
        match self {
            Self::HttpApi(gateway) => {
                let api = gateway.open();
                let (domain_name, base_path) = (api.domain_name.clone(), api.base_path.clone());
                (proxy::router(functions, HttpApi(api)), domain_name, base_path)
            }
            Self::RestApi(mut gateway) => {
                gateway.stage.get_or_insert_with(|| "prod".to_owned());
                let api = gateway.open();
                let (domain_name, base_path) = (api.domain_name.clone(), api.base_path.clone());
                (proxy::router(functions, RestApi(api)), domain_name, base_path)
            }
            Self::FunctionUrl { function } => {
                let url = FunctionUrl::new(function);
                let domain_name = url.domain_name.clone();
                (proxy::router(functions, url), domain_name, String::new())
            }
            Self::LoadBalancer {
                domain_name,
                multi_value_headers,
            } => {
                let balancer = LoadBalancer { multi_value_headers };
                (proxy::router(functions, balancer), domain_name, String::new())
            }
        }
    }
}
