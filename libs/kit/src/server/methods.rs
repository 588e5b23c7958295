//! Which methods there are and which of them stream, read from the compiled protos.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use leadhand_proto::status::code_name;
use opentelemetry::KeyValue;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Code;

/// How a method's messages flow; what its deadline covers follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One request, one response: the deadline covers the whole call.
    Unary,
    /// One request, a stream back: the deadline covers the way to the stream's beginning.
    ServerStreaming,
    /// The caller streams: it may have nothing to say for hours, so only its own deadline counts.
    ClientStreaming,
}

/// A method that calls are counted under.
#[derive(Debug)]
pub(super) struct Method {
    /// E.g. `leadhand.pool.v1.PoolService/ClaimLead`.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether it is the server's own (health, reflection): never refused for load, and its streams end with the server.
    pub(super) own: bool,
    /// The metric's labels, one set a status code, made when first needed.
    labels: [OnceLock<[KeyValue; 3]>; 17],
}

impl Method {
    pub(super) fn new(name: String, kind: Kind, own: bool) -> Arc<Method> {
        Arc::new(Method { name, kind, own, labels: Default::default() })
    }

    pub(super) fn labels(&self, code: Code) -> &[KeyValue; 3] {
        // The codes are the numbers 0 to 16.
        self.labels[code as usize].get_or_init(|| {
            [
                KeyValue::new("rpc.system.name", "grpc"),
                KeyValue::new("rpc.method", self.name.clone()),
                KeyValue::new("rpc.response.status_code", code_name(code)),
            ]
        })
    }
}

/// The methods of the gRPC services in `served`, by path, or the first service that no proto describes.
pub(super) fn table(served: &[&str]) -> Result<HashMap<String, Arc<Method>>, String> {
    let mut methods = HashMap::new();
    let mut missing: Vec<&str> = served.to_vec();
    let sets = [
        (leadhand_proto::FILE_DESCRIPTOR_SET, false),
        (tonic_health::pb::FILE_DESCRIPTOR_SET, true),
        (tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET, true),
    ];
    for (set, own) in sets {
        // They are compiled into this program by the same library that reads them here.
        let set = FileDescriptorSet::decode(set).expect("a compiled file descriptor set");
        for file in &set.file {
            for service in &file.service {
                let full = format!("{}.{}", file.package(), service.name());
                if !own && !missing.contains(&full.as_str()) {
                    continue;
                }
                missing.retain(|name| *name != full);
                for method in &service.method {
                    let kind = match (method.client_streaming(), method.server_streaming()) {
                        (true, _) => Kind::ClientStreaming,
                        (false, true) => Kind::ServerStreaming,
                        (false, false) => Kind::Unary,
                    };
                    let name = format!("{full}/{}", method.name());
                    methods.insert(format!("/{name}"), Method::new(name, kind, own));
                }
            }
        }
    }
    match missing.first() {
        Some(name) => Err((*name).to_owned()),
        None => Ok(methods),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protos_say_which_methods_stream() {
        let methods = table(&["leadhand.pool.v1.PoolService", "leadhand.notification.v1.NotificationService"])
            .expect("described");
        let kind = |path: &str| methods.get(path).map(|method| method.kind);
        assert_eq!(kind("/leadhand.pool.v1.PoolService/ClaimLead"), Some(Kind::Unary));
        assert_eq!(kind("/leadhand.notification.v1.NotificationService/Subscribe"), Some(Kind::ServerStreaming));
        assert_eq!(kind("/grpc.health.v1.Health/Watch"), Some(Kind::ServerStreaming));
        assert_eq!(kind("/leadhand.router.v1.RouterService/RouteLead"), None, "not served here");
        assert_eq!(table(&["nobody.v1.Nothing"]).expect_err("undescribed"), "nobody.v1.Nothing");
    }
}
