//! Rendered manifests, and the rules that hold for them.
//!
//! [`problems`] says in whole sentences what breaks a rule, naming the object; an empty list is a pass.

mod connections;
mod pods;
mod suite;
pub(crate) mod yaml;

#[cfg(test)]
mod example;

use yaml::Yaml;

/// What one kustomization renders to.
pub(crate) struct Rendering {
    documents: Vec<Yaml>,
}

/// What the rules need to know of the rest of the repository.
pub(crate) struct Repository {
    /// The workspace's version, which is the image's tag.
    pub(crate) version: String,
    /// Full names of the gRPC services that the protos declare, `leadhand.pool.v1.PoolService`.
    pub(crate) grpc_services: Vec<String>,
    /// The text of the file that the image is built by.
    pub(crate) dockerfile: String,
}

/// Everything that breaks a rule.
pub(crate) fn problems(rendering: &Rendering, repository: &Repository) -> Vec<String> {
    let mut problems = pods::problems(rendering);
    problems.extend(connections::problems(rendering));
    problems.extend(suite::problems(rendering, repository));
    problems
}

impl Rendering {
    /// Reads what `kubectl kustomize` wrote.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        yaml::read(text).map(|documents| Self { documents })
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Yaml> {
        self.documents.iter().filter(move |document| document.get("kind").text() == kind)
    }

    fn named(&self, kind: &str, name: &str) -> Option<&Yaml> {
        self.of_kind(kind).find(|document| document.at("metadata.name").text() == name)
    }

    /// Whatever makes pods.
    pub(crate) fn workloads(&self) -> Vec<Workload<'_>> {
        let makes_pods = |document: &&Yaml| !document.at("spec.template.spec.containers").is_null();
        self.documents.iter().filter(makes_pods).map(Workload).collect()
    }

    /// The configuration that a container of the suite is started with, by its `--config` argument: the file's name and
    /// its text in the ConfigMap mounted there.
    pub(crate) fn configuration(&self, workload: &Workload<'_>, container: &Yaml) -> Option<(String, String)> {
        let arguments: Vec<_> = container.get("args").items().iter().map(Yaml::text).collect();
        let path = arguments.windows(2).find(|pair| pair[0] == "--config")?[1];
        let (folder, file) = path.rsplit_once('/')?;
        let mounts = container.get("volumeMounts").items();
        let mount = mounts.iter().find(|mount| mount.get("mountPath").text() == folder)?;
        let volumes = workload.pod().get("volumes").items();
        let volume = volumes.iter().find(|volume| volume.get("name") == mount.get("name"))?;
        let map = self.named("ConfigMap", volume.at("configMap.name").text())?;
        let text = map.get("data").get(file).text();
        (!text.is_empty()).then(|| (file.to_owned(), text.to_owned()))
    }
}

/// A Deployment, StatefulSet or the like.
#[derive(Clone, Copy)]
pub(crate) struct Workload<'a>(&'a Yaml);

impl<'a> Workload<'a> {
    /// Kind and name, as `Deployment pool`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.0.get("kind").text(), self.0.at("metadata.name").text())
    }

    fn pod(&self) -> &'a Yaml {
        self.0.at("spec.template.spec")
    }

    fn labels(&self) -> &'a Yaml {
        self.0.at("spec.template.metadata.labels")
    }

    /// Its containers, those that only run at the start included.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Yaml> {
        let lists = [self.pod().get("initContainers"), self.pod().get("containers")];
        lists.into_iter().flat_map(|list| list.items())
    }

    /// Whether labels of a selector are all among those of its pods; an empty selector selects everything.
    fn is_selected_by(&self, labels: &Yaml) -> bool {
        labels.entries().iter().all(|(key, value)| self.labels().get(key) == value)
    }
}

/// The program of a container of the suite, `leadhand-pool`; none for other containers.
pub(crate) fn program(container: &Yaml) -> Option<&str> {
    let path = container.get("command").items().first()?.text();
    path.rsplit('/').next().filter(|name| name.starts_with("leadhand"))
}

/// The number of a container's port of that name.
pub(crate) fn port(container: &Yaml, name: &str) -> Option<u64> {
    let ports = container.get("ports").items();
    ports.iter().find(|port| port.get("name").text() == name)?.get("containerPort").number()
}
