//! The manifests: each kustomization rendered, held against the rules, and each service's configuration given to the
//! service itself to read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::manifest::yaml::Yaml;
use crate::manifest::{self, Rendering, Repository, Workload};
use crate::process;
use crate::tools::{Tool, Tools};

/// Stands for what a Secret will hold. Nothing connects to it: `--check` reads the configuration and ends.
const SECRET: &str = "redis://redis.invalid:6379";

/// What a service prints when it can use its configuration.
const ACCEPTED: &str = "ok";

pub(super) fn check(tools: &Tools) -> Result<String, Failure> {
    let repository = repository()?;
    build_services()?;
    let mut problems = Vec::new();
    let mut configurations = 0;
    let folders = kustomizations()?;
    for folder in &folders {
        let name = folder.strip_prefix(process::root()).unwrap_or(folder).display().to_string();
        let rendering = render(tools, folder, &name)?;
        let mut found = manifest::problems(&rendering, &repository);
        for workload in rendering.workloads() {
            for container in workload.containers() {
                if let Some(refusal) = service_refuses(&rendering, &workload, container, &name)? {
                    found.push(format!("{}: {refusal}", workload.title()));
                }
                configurations += usize::from(manifest::program(container).is_some());
            }
        }
        problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    if problems.is_empty() {
        return Ok(format!("{} kustomizations, {configurations} configurations", folders.len()));
    }
    Err(Failure::list(&problems, "mend the manifests; k8s/README.md says what they decide and why"))
}

/// The base and every overlay.
fn kustomizations() -> Result<Vec<PathBuf>, Failure> {
    let k8s = process::root().join("k8s");
    let unreadable = |error| Failure::new(format!("cannot read k8s/overlays: {error}"), "");
    let mut folders = vec![k8s.join("base")];
    for entry in fs::read_dir(k8s.join("overlays")).map_err(unreadable)? {
        folders.push(entry.map_err(unreadable)?.path());
    }
    folders.sort();
    Ok(folders)
}

/// Renders; a warning is a failure too, for it says what the next kubectl will refuse.
fn render(tools: &Tools, folder: &Path, name: &str) -> Result<Rendering, Failure> {
    let answer = process::ask(tools.command(Tool::Kubectl)?.arg("kustomize").arg(folder))?;
    if !answer.ok || !answer.err.trim().is_empty() {
        return Err(Failure::new(format!("{name}: {}", answer.err.trim()), "mend the kustomization"));
    }
    Rendering::read(&answer.out)
        .map_err(|refused| Failure::new(format!("{name}, rendered: {refused}"), "mend the kustomization"))
}

fn build_services() -> Result<(), Failure> {
    process::show(process::cargo().args(["build", "--quiet", "--workspace", "--bins"]), "mend what rustc names above")
}

/// What a service says against the configuration that a container gives it; nothing for containers that are not ours.
fn service_refuses(
    rendering: &Rendering,
    workload: &Workload<'_>,
    container: &Yaml,
    kustomization: &str,
) -> Result<Option<String>, Failure> {
    let Some(program) = manifest::program(container) else {
        return Ok(None);
    };
    // That there is none is said by the rules.
    let Some((file, text)) = rendering.configuration(workload, container) else {
        return Ok(None);
    };
    let folder = process::target().join("manifests").join(kustomization);
    let path = folder.join(&file);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display()), ""))?;
    let mut check = process::command(process::target().join("debug").join(program));
    check.arg("--config").arg(&path).arg("--check").envs(environment(container));
    let answer = process::ask(&mut check)?;
    // The word is asked for too: a program that does nothing at all also ends well.
    let accepted = answer.ok && answer.out.trim() == ACCEPTED;
    Ok((!accepted).then(|| format!("{program} refuses {file}: {}", answer.all())))
}

/// The variables that a container is given, with a stand-in for what comes from a Secret.
fn environment(container: &Yaml) -> Vec<(String, String)> {
    let variable = |variable: &Yaml| {
        let value = if variable.at("valueFrom.secretKeyRef").is_null() { variable.get("value").text() } else { SECRET };
        (variable.get("name").text().to_owned(), value.to_owned())
    };
    container.get("env").items().iter().map(variable).collect()
}

fn repository() -> Result<Repository, Failure> {
    let root = process::root();
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display()), ""))
    };
    let manifest = read(&root.join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let mut grpc_services = Vec::new();
    let mut folders = vec![root.join("proto")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .map_err(|error| Failure::new(format!("cannot read {}: {error}", folder.display()), ""))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                grpc_services.extend(declared_services(&read(&path)?));
            }
        }
    }
    let dockerfile = read(&root.join("k8s/Dockerfile"))?;
    Ok(Repository { version: version.unwrap_or_default().to_owned(), grpc_services, dockerfile })
}

/// The full names of the services that a proto file declares.
fn declared_services(proto: &str) -> Vec<String> {
    let after = |keyword: &str| {
        let keyword = keyword.to_owned();
        proto.lines().filter_map(move |line| {
            let name = line.strip_prefix(&keyword)?;
            name.split([';', ' ', '{']).next().map(str::to_owned)
        })
    };
    let package = after("package ").next().unwrap_or_default();
    after("service ").map(|service| format!("{package}.{service}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_in_protos() {
        let proto =
            "syntax = \"proto3\";\n\npackage a.b.v1;\n\n// service Comment {\nservice One {\n}\nservice Two {}\n";
        assert_eq!(declared_services(proto), ["a.b.v1.One", "a.b.v1.Two"]);
    }

    #[test]
    fn the_repository_tells_its_version_and_services() {
        let repository = repository().unwrap();
        assert_eq!(repository.version, env!("CARGO_PKG_VERSION"));
        assert!(repository.grpc_services.contains(&"leadhand.router.v1.RouterService".to_owned()));
    }

    #[test]
    fn a_container_is_given_its_variables_and_a_stand_in_for_secrets() {
        let container = "env:\n- name: A\n  value: \"1\"\n- name: B\n  valueFrom:\n    secretKeyRef:\n      key: url\n      name: s\n";
        let container = crate::manifest::yaml::read(container).unwrap().remove(0);
        let pairs = [("A", "1"), ("B", SECRET)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(environment(&container), pairs);
    }
}
