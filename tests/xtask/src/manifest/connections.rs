//! What holds between objects: selectors that select something, ports that are there.

use super::Rendering;
use super::yaml::Yaml;

pub(super) fn problems(rendering: &Rendering) -> Vec<String> {
    let mut problems = selectors(rendering);
    for service in rendering.of_kind("Service") {
        problems.extend(targets(rendering, service));
    }
    for workload in rendering.workloads() {
        let mut policies = rendering.of_kind("NetworkPolicy");
        if !policies.any(|policy| workload.is_selected_by(policy.at("spec.podSelector.matchLabels"))) {
            problems.push(format!("{}: no NetworkPolicy holds for it", workload.title()));
        }
    }
    problems
}

fn selectors(rendering: &Rendering) -> Vec<String> {
    let mut problems = Vec::new();
    for (kind, path) in [
        ("Service", "spec.selector"),
        ("PodDisruptionBudget", "spec.selector.matchLabels"),
        ("NetworkPolicy", "spec.podSelector.matchLabels"),
        ("Deployment", "spec.selector.matchLabels"),
        ("StatefulSet", "spec.selector.matchLabels"),
    ] {
        for object in rendering.of_kind(kind) {
            let labels = object.at(path);
            let workloads = rendering.workloads();
            if labels.is_null() || !workloads.iter().any(|workload| workload.is_selected_by(labels)) {
                problems.push(format!("{kind} {}: selects no pod", object.at("metadata.name").text()));
            }
        }
    }
    problems
}

/// Each port of a service leads to a port of that name in every pod it selects.
fn targets(rendering: &Rendering, service: &Yaml) -> Vec<String> {
    let mut problems = Vec::new();
    let selected = |workload: &super::Workload<'_>| workload.is_selected_by(service.at("spec.selector"));
    for workload in rendering.workloads().into_iter().filter(selected) {
        for target in service.at("spec.ports").items().iter().map(|port| port.get("targetPort").text()) {
            if !workload.containers().any(|container| super::port(container, target).is_some()) {
                let service = service.at("metadata.name").text();
                let workload = workload.title();
                problems.push(format!("Service {service}: {workload} has no port named `{target}`"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::example;

    #[test]
    fn the_example_is_in_order() {
        assert_eq!(super::problems(&example::rendering()), Vec::<String>::new());
    }

    #[test]
    fn a_port_that_leads_nowhere_is_said() {
        let rendering = example::rendering_with("targetPort: grpc", "targetPort: http");
        assert_eq!(super::problems(&rendering), ["Service pool: Deployment pool has no port named `http`"]);
    }

    #[test]
    fn selectors_that_select_nothing_are_said() {
        let rendering = example::rendering_with(
            "    metadata:\n      labels:\n        app: pool",
            "    metadata:\n      labels:\n        app: other",
        );
        assert_eq!(
            super::problems(&rendering),
            [
                "Service pool: selects no pod",
                "PodDisruptionBudget pool: selects no pod",
                "NetworkPolicy pool: selects no pod",
                "Deployment pool: selects no pod",
                "Deployment pool: no NetworkPolicy holds for it",
            ]
        );
    }
}
