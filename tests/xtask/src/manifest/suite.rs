//! What holds for the suite's own services: how they are reached, probed, spread and ended.

use super::yaml::{self, Yaml};
use super::{Rendering, Repository, Workload, port, program};

/// The health service that says no more than that the process answers: it never looks at Redis, or an outage of Redis
/// would restart every service.
const LIVENESS: &str = "liveness";

/// What telemetry may still take after the server has shut down, by its default (`telemetry.export_timeout_ms`).
const LAST_EXPORT_MS: u64 = 2_000;

pub(super) fn problems(rendering: &Rendering, repository: &Repository) -> Vec<String> {
    let mut problems = Vec::new();
    for workload in rendering.workloads() {
        for container in workload.containers() {
            let Some(program) = program(container) else { continue };
            let mut say = |what: String| problems.push(format!("{}: {what}", workload.title()));
            if !repository.dockerfile.split_whitespace().any(|word| word.ends_with(&format!("/{program}"))) {
                say(format!("runs {program}, which the image does not contain"));
            }
            probes(container, repository, &mut say);
            around(rendering, &workload, &mut say);
            let image = container.get("image").text();
            if !image.ends_with(&format!(":{}", repository.version)) && !image.contains("@sha256:") {
                say(format!("runs {image}, and the workspace is {}", repository.version));
            }
            match rendering.configuration(&workload, container) {
                None => say("its --config names no file of a ConfigMap mounted there".to_owned()),
                Some((file, text)) => match yaml::read(&text) {
                    Ok(documents) => {
                        let config = documents.first().unwrap_or(&Yaml::Null);
                        configuration(&workload, container, config, &mut |what| say(format!("{file}: {what}")));
                    }
                    Err(refused) => say(format!("{file}: {refused}")),
                },
            }
        }
    }
    problems
}

fn probes(container: &Yaml, repository: &Repository, say: &mut impl FnMut(String)) {
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let grpc = container.get(probe).get("grpc");
        if grpc.is_null() || grpc.get("port").number() != port(container, "grpc") {
            say(format!("its {probe} is no gRPC probe of the port named grpc"));
        }
        let service = grpc.get("service").text();
        if probe == "readinessProbe" {
            if !repository.grpc_services.iter().any(|known| known == service) {
                say(format!("its {probe} asks for `{service}`, which no proto declares"));
            }
        } else if service != LIVENESS {
            say(format!("its {probe} asks for `{service}` instead of `{LIVENESS}`"));
        }
    }
}

fn around(rendering: &Rendering, workload: &Workload<'_>, say: &mut impl FnMut(String)) {
    let selected = |object: &&Yaml| {
        let selector = object.at("spec.selector");
        let labels = selector.get("matchLabels");
        workload.is_selected_by(if labels.is_null() { selector } else { labels })
    };
    if rendering.of_kind("PodDisruptionBudget").find(selected).is_none() {
        say("has no PodDisruptionBudget".to_owned());
    }
    let service = rendering.of_kind("Service").find(selected);
    let protocol = |port: &Yaml| port.get("name").text() != "grpc" || port.get("appProtocol").text() == "grpc";
    if !service.is_some_and(|service| service.at("spec.ports").items().iter().all(protocol)) {
        say("has no Service whose port grpc says that it speaks gRPC".to_owned());
    }
    if workload.pod().get("topologySpreadConstraints").items().is_empty() {
        say("may have all its replicas on one node".to_owned());
    }
}

/// The configuration agrees with the manifest around it. Whether the service accepts it is for the service to say.
fn configuration(workload: &Workload<'_>, container: &Yaml, config: &Yaml, say: &mut impl FnMut(String)) {
    for (key, name) in [("server.listen", "grpc"), ("server.metrics_listen", "metrics")] {
        let address = config.at(key).text();
        let configured = address.strip_prefix("0.0.0.0:").and_then(|port| port.parse().ok());
        if configured.is_none() || configured != port(container, name) {
            say(format!("{key} is `{address}`, which is not the port named {name} on every address"));
        }
    }
    let limit = config.at("server.shutdown_grace_ms").number();
    let pause = container.at("lifecycle.preStop.sleep.seconds").number();
    let patience = workload.pod().get("terminationGracePeriodSeconds").number();
    match (limit, pause, patience) {
        (Some(limit), Some(pause), Some(patience)) => {
            if patience * 1000 < pause * 1000 + limit + LAST_EXPORT_MS {
                say(format!(
                    "{patience} s to end in are less than preStop, shutdown_grace_ms and the last export need"
                ));
            }
        }
        _ => say("server.shutdown_grace_ms, a preStop sleep or terminationGracePeriodSeconds is not said".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;

    fn said(old: &str, new: &str) -> Vec<String> {
        super::problems(&example::rendering_with(old, new), &example::repository())
    }

    #[test]
    fn the_example_is_in_order() {
        assert_eq!(super::problems(&example::rendering(), &example::repository()), Vec::<String>::new());
    }

    #[test]
    fn each_broken_rule_is_said() {
        for (old, new, wanted) in [
            (
                "livenessProbe:\n          grpc:",
                "livenessProbe:\n          http:",
                "its livenessProbe is no gRPC probe",
            ),
            ("service: liveness", "service: leadhand.pool.v1.PoolService", "its startupProbe asks for"),
            ("service: leadhand.pool.v1.PoolService", "service: x.Y", "which no proto declares"),
            ("containerPort: 7600", "containerPort: 7601", "is no gRPC probe of the port named grpc"),
            ("containerPort: 7600", "containerPort: 7601", "server.listen is `0.0.0.0:7600`, which is not the port"),
            ("metrics_listen: 0.0.0.0", "metrics_listen: 127.0.0.1", "server.metrics_listen is `127.0.0.1:9464`"),
            ("bin/leadhand-pool", "bin/leadhand-other", "runs leadhand-other, which the image does not contain"),
            ("kind: PodDisruptionBudget", "kind: Other", "has no PodDisruptionBudget"),
            ("appProtocol: grpc", "appProtocol: http", "has no Service whose port grpc"),
            ("topologySpreadConstraints:", "x:", "may have all its replicas on one node"),
            ("image: leadhand:0.1.0", "image: leadhand:0.0.9", "runs leadhand:0.0.9, and the workspace is 0.1.0"),
            ("- /etc/leadhand/pool.yaml", "- /etc/leadhand/other.yaml", "its --config names no file"),
            ("      listen: 0.0", "      listen: *x 0.0", "pool.yaml: "),
            ("shutdown_grace_ms: 15000", "shutdown_grace_ms: 25000", "30 s to end in are less than"),
            ("shutdown_grace_ms: 15000", "x: y", "is not said"),
        ] {
            let said = said(old, new);
            assert!(
                said.iter().any(|line| line.starts_with("Deployment pool: ") && line.contains(wanted)),
                "{new}: {said:?}"
            );
        }
    }
}
