//! What holds for every pod, ours or not: what it may do on its node, what it is given, how it is watched.

use super::yaml::Yaml;
use super::{Rendering, Workload};

/// The Secret that is the operator's to make where no rendering contains it.
const SECRET_OF_THE_OPERATOR: &str = "leadhand-redis";

pub(super) fn problems(rendering: &Rendering) -> Vec<String> {
    let mut problems = Vec::new();
    for workload in rendering.workloads() {
        let mut say = |what: &str| problems.push(format!("{}: {what}", workload.title()));
        identity(rendering, &workload, &mut say);
        volumes(rendering, &workload, &mut say);
        for container in workload.containers() {
            let name = container.get("name").text().to_owned();
            let mut say = |what: &str| say(&format!("container {name}: {what}"));
            rights(container, &mut say);
            resources(container, &mut say);
            watched(container, &mut say);
            inputs(rendering, &workload, container, &mut say);
        }
    }
    problems
}

fn identity(rendering: &Rendering, workload: &Workload<'_>, say: &mut impl FnMut(&str)) {
    let pod = workload.pod();
    let account = rendering.named("ServiceAccount", pod.get("serviceAccountName").text());
    if account.is_none() {
        say("has no ServiceAccount of its own");
    }
    let token = |from: &Yaml| from.get("automountServiceAccountToken").text() != "false";
    if token(pod) || account.is_some_and(token) {
        say("is given a token for the Kubernetes API, which it does not need");
    }
    if pod.at("securityContext.runAsNonRoot").text() != "true" {
        say("may run as root");
    }
    if pod.at("securityContext.seccompProfile.type").text() != "RuntimeDefault" {
        say("has no seccomp profile");
    }
}

fn volumes(rendering: &Rendering, workload: &Workload<'_>, say: &mut impl FnMut(&str)) {
    for volume in workload.pod().get("volumes").items() {
        let map = volume.at("configMap.name").text();
        if !map.is_empty() && rendering.named("ConfigMap", map).is_none() {
            say(&format!("mounts the ConfigMap {map}, which is not there"));
        }
    }
}

fn rights(container: &Yaml, say: &mut impl FnMut(&str)) {
    let context = container.get("securityContext");
    if context.get("allowPrivilegeEscalation").text() != "false" {
        say("may gain privileges");
    }
    if context.get("readOnlyRootFilesystem").text() != "true" {
        say("may write to its image");
    }
    if !context.at("capabilities.drop").items().iter().any(|capability| capability.text() == "ALL") {
        say("keeps capabilities");
    }
}

/// No limit on the processor is asked for: it would throttle a service that the node has room for, and show as latency.
fn resources(container: &Yaml, say: &mut impl FnMut(&str)) {
    for wanted in ["requests.cpu", "requests.memory", "limits.memory"] {
        if container.get("resources").at(wanted).is_null() {
            say(&format!("has no resources.{wanted}"));
        }
    }
}

fn watched(container: &Yaml, say: &mut impl FnMut(&str)) {
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        if container.get(probe).is_null() {
            say(&format!("has no {probe}"));
        }
    }
}

fn inputs(rendering: &Rendering, workload: &Workload<'_>, container: &Yaml, say: &mut impl FnMut(&str)) {
    let image = container.get("image").text();
    // A colon before the last slash belongs to a registry's port.
    match image.rsplit('/').next().and_then(|name| name.split_once([':', '@'])) {
        None | Some((_, "" | "latest")) => say(&format!("runs `{image}`, which may be anything tomorrow")),
        Some(_) => {}
    }
    for variable in container.get("env").items() {
        let secret = variable.at("valueFrom.secretKeyRef.name").text();
        let known = secret == SECRET_OF_THE_OPERATOR || rendering.named("Secret", secret).is_some();
        if !secret.is_empty() && !known {
            say(&format!("reads the Secret {secret}, which is not there"));
        }
    }
    let claimed = workload.0.at("spec.volumeClaimTemplates").items().iter().map(|claim| claim.at("metadata.name"));
    let named = workload.pod().get("volumes").items().iter().map(|volume| volume.get("name"));
    let volumes: Vec<_> = claimed.chain(named).collect();
    for mount in container.get("volumeMounts").items() {
        if !volumes.contains(&mount.get("name")) {
            say(&format!("mounts the volume {}, which is not there", mount.get("name").text()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;

    /// What is said when `old` in the example is replaced.
    fn said(old: &str, new: &str) -> Vec<String> {
        super::problems(&example::rendering_with(old, new))
    }

    #[test]
    fn the_example_is_in_order() {
        assert_eq!(super::problems(&example::rendering()), Vec::<String>::new());
    }

    #[test]
    fn each_broken_rule_is_said() {
        for (old, new, wanted) in [
            ("serviceAccountName: pool", "serviceAccountName: other", "has no ServiceAccount of its own"),
            ("automountServiceAccountToken: false", "automountServiceAccountToken: true", "is given a token"),
            ("runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
            ("type: RuntimeDefault", "type: Unconfined", "has no seccomp profile"),
            ("        name: pool-config-1", "        name: other", "mounts the ConfigMap other"),
            ("allowPrivilegeEscalation: false", "x: y", "container pool: may gain privileges"),
            ("readOnlyRootFilesystem: true", "x: y", "container pool: may write to its image"),
            ("- ALL", "- NET_RAW", "container pool: keeps capabilities"),
            ("cpu: 250m", "x: y", "has no resources.requests.cpu"),
            ("startupProbe:", "x:", "has no startupProbe"),
            ("image: leadhand:0.1.0", "image: localhost:5000/leadhand", "which may be anything tomorrow"),
            ("image: leadhand:0.1.0", "image: leadhand:latest", "which may be anything tomorrow"),
            ("name: leadhand-redis", "name: other", "reads the Secret other"),
            (
                "- mountPath: /etc/leadhand\n          name: config",
                "- mountPath: /x\n          name: other",
                "mounts the volume other",
            ),
        ] {
            let said = said(old, new);
            assert!(
                said.iter().any(|line| line.starts_with("Deployment pool: ") && line.contains(wanted)),
                "{old}: {said:?}"
            );
        }
    }
}
