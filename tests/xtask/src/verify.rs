//! `cargo verify`: the steps in their order, the progress, the summary.
//!
//! What is quick and says much comes first, what needs the binaries last. The first failure stops the run.

mod code;
mod links;
mod manifests;
mod protos;
mod repository;
mod tally;

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::tools::{self, Tool, Tools};

/// One step: what it is called, what it does, which tools it needs, and the doing. The doing answers with a few words for
/// the summary.
struct Step {
    name: &'static str,
    does: &'static str,
    tools: &'static [Tool],
    run: fn(&Tools) -> Result<String, Failure>,
}

const STEPS: [Step; 9] = [
    Step {
        name: "tools",
        does: "everything the steps below need is there, installed if missing",
        tools: &Tool::ALL,
        run: versions,
    },
    Step {
        name: "repository",
        does: "nothing unexpected at the top, no file too long, every link in a README leads somewhere",
        tools: &[],
        run: repository::check,
    },
    Step { name: "format", does: "cargo fmt --all --check", tools: &[], run: code::format },
    Step {
        name: "protos",
        does: "buf lint, buf format, and buf breaking against the last release",
        tools: &[Tool::Buf],
        run: protos::check,
    },
    Step {
        name: "clippy",
        does: "cargo clippy --workspace --all-targets -- -D warnings",
        tools: &[],
        run: code::clippy,
    },
    Step { name: "docs", does: "cargo doc --workspace --no-deps, warnings as errors", tools: &[], run: code::docs },
    Step { name: "build", does: "cargo build --workspace --bins", tools: &[], run: code::build },
    Step {
        name: "test",
        does: "cargo test --workspace",
        tools: &[Tool::RedisServer, Tool::Buf, Tool::Python],
        run: code::test,
    },
    Step {
        name: "manifests",
        does: "k8s/ rendered, held against its rules, and each configuration in it read by its service",
        tools: &[Tool::Kubectl],
        run: manifests::check,
    },
];

/// How a step ended.
enum Outcome {
    Ok(String),
    Failed,
    NotRun,
}

/// Runs all steps, or those named. The failure is that of the first step that failed.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if arguments.iter().any(|argument| argument == "--list") {
        for step in &STEPS {
            println!("{:<12} {}", step.name, step.does);
        }
        return Ok(());
    }
    let steps = chosen(arguments)?;
    let began = Instant::now();
    let mut tools = Tools::default();
    let mut lines = Vec::new();
    let mut failure = None;
    for (number, step) in steps.iter().enumerate() {
        if failure.is_some() {
            lines.push(line(step.name, &Outcome::NotRun, Duration::ZERO));
            continue;
        }
        let place = format!("[{}/{}] {}", number + 1, steps.len(), step.name);
        println!("\n{place}: {}", step.does);
        let since = Instant::now();
        let outcome = match carry_out(step, &mut tools) {
            Ok(note) => Outcome::Ok(note),
            Err(found) => {
                failure = Some(found);
                Outcome::Failed
            }
        };
        let took = since.elapsed();
        println!("{place}: {} after {}", word(&outcome), seconds(took));
        lines.push(line(step.name, &outcome, took));
    }
    println!("\n{}", lines.join("\n"));
    println!("{:<12} {:<8} {:>9}", "all", "", seconds(began.elapsed()));
    failure.map_or(Ok(()), Err)
}

fn carry_out(step: &Step, tools: &mut Tools) -> Result<String, Failure> {
    let missing = step.tools.iter().filter_map(|&tool| tools.ensure(tool).err()).collect();
    match Failure::all(missing) {
        Some(failure) => Err(failure),
        None => (step.run)(tools),
    }
}

/// The steps of those names, in the order of the full run; all when there is no name.
fn chosen(names: &[String]) -> Result<Vec<&'static Step>, Failure> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let known = STEPS.map(|step| step.name).join(", ");
        return Err(Failure::usage(format!("there is no step `{unknown}`; the steps are {known}")));
    }
    Ok(STEPS.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)).collect())
}

fn versions(tools: &Tools) -> Result<String, Failure> {
    code::components()?;
    let said = tools.programs().map(|(tool, program)| {
        let version = tools::version_of(tool, program);
        format!("{} {}", tool.name(), version.map_or("?".to_owned(), |version| version.to_string()))
    });
    Ok(said.collect::<Vec<_>>().join(", "))
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Ok(_) => "ok",
        Outcome::Failed => "FAILED",
        Outcome::NotRun => "not run",
    }
}

fn line(name: &str, outcome: &Outcome, took: Duration) -> String {
    let note = if let Outcome::Ok(note) = outcome { note.as_str() } else { "" };
    let took = if matches!(outcome, Outcome::NotRun) { String::new() } else { seconds(took) };
    format!("{name:<12} {:<8} {took:>9}  {note}", word(outcome)).trim_end().to_owned()
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Result<Vec<&'static str>, Failure> {
        let arguments: Vec<_> = arguments.iter().map(|&name| name.to_owned()).collect();
        Ok(chosen(&arguments)?.iter().map(|step| step.name).collect())
    }

    #[test]
    fn without_a_name_every_step_runs() {
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
    }

    #[test]
    fn named_steps_run_in_the_order_of_the_full_run() {
        assert_eq!(names(&["test", "format"]).unwrap(), ["format", "test"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_known_ones() {
        let failure = names(&["test", "lint"]).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.to_string().contains("no step `lint`; the steps are tools, repository"));
    }

    #[test]
    fn the_summary_shows_result_time_and_note() {
        let ok = Outcome::Ok("12 files".to_owned());
        assert_eq!(line("format", &ok, Duration::from_millis(1540)), "format       ok           1.5 s  12 files");
        assert_eq!(line("test", &Outcome::NotRun, Duration::ZERO), "test         not run");
    }
}
