//! The system's package manager.
//!
//! Used only when it needs no password: as root, with a `sudo` that asks for none, or through Homebrew. Otherwise the
//! failure is the very command to run.

use std::env::consts;

use crate::failure::Failure;
use crate::process;

/// A program by the names under which package managers know it.
pub(crate) struct Package<'a> {
    /// What people call it.
    pub(crate) name: &'a str,
    /// Debian's and Ubuntu's packages; none when theirs will not do.
    pub(crate) apt: &'a [&'a str],
    /// Homebrew's packages.
    pub(crate) brew: &'a [&'a str],
}

/// Installs with what there is. What Debian's package would start or enable as a daemon is neither started nor enabled:
/// the program is wanted, not the service.
pub(crate) fn install(package: &Package<'_>) -> Result<(), Failure> {
    let mut command = match Manager::of_this_machine() {
        Manager::Apt(rights) if !package.apt.is_empty() => {
            let mut command = match rights {
                Rights::Root => process::command("sh"),
                Rights::Sudo => {
                    let mut command = process::command("sudo");
                    command.args(["-n", "sh"]);
                    command
                }
                Rights::None => return Err(missing(package, consts::OS)),
            };
            command.args(["-c", APT, "sh"]).args(package.apt);
            command
        }
        Manager::Brew => {
            let mut command = process::command("brew");
            command.arg("install").args(package.brew);
            command
        }
        Manager::Apt(_) | Manager::None => return Err(missing(package, consts::OS)),
    };
    println!("installing {} with the system's package manager", package.name);
    process::quietly(&mut command, &by_hand(package, consts::OS))
}

/// The failure for a program that cannot be installed from here.
pub(crate) fn missing(package: &Package<'_>, os: &str) -> Failure {
    let found = format!("{} is missing, and cannot be installed without you", package.name);
    Failure::new(found, by_hand(package, os))
}

/// A policy that answers 101 forbids packages to start daemons; one that is already there knows better and stays.
const APT: &str = r#"
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update
apt-get install -y --no-install-recommends "$@"
for package in "$@"; do
  if [ -e "/etc/init.d/$package" ]; then update-rc.d "$package" disable; fi
done
"#;

fn by_hand(package: &Package<'_>, os: &str) -> String {
    let names = |names: &[&str]| names.join(" ");
    match os {
        "macos" => format!("brew install {}", names(package.brew)),
        "linux" if !package.apt.is_empty() => {
            let packages = names(package.apt);
            format!("sudo apt-get update && sudo apt-get install -y {packages} (or the like of your distribution)")
        }
        _ => format!("install {} and put it on the PATH", package.name),
    }
}

enum Manager {
    Apt(Rights),
    Brew,
    None,
}

enum Rights {
    Root,
    Sudo,
    None,
}

impl Manager {
    fn of_this_machine() -> Self {
        if process::on_path("apt-get").is_some() {
            Self::Apt(Rights::of_this_user())
        } else if process::on_path("brew").is_some() {
            Self::Brew
        } else {
            Self::None
        }
    }
}

impl Rights {
    fn of_this_user() -> Self {
        let answers = |program: &str, arguments: &[&str]| {
            process::ask(process::command(program).args(arguments)).is_ok_and(|answer| answer.ok)
        };
        let root = process::ask(process::command("id").arg("-u"));
        if root.is_ok_and(|answer| answer.out.trim() == "0") {
            Self::Root
        } else if answers("sudo", &["-n", "true"]) {
            Self::Sudo
        } else {
            Self::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIS: Package<'_> = Package { name: "redis-server", apt: &["redis-server"], brew: &["redis"] };

    #[test]
    fn what_cannot_be_installed_is_said_as_a_command() {
        let said = missing(&REDIS, "linux").to_string();
        assert!(said.contains("sudo apt-get install -y redis-server"), "{said}");
        assert!(missing(&REDIS, "macos").to_string().ends_with("brew install redis"));
        let no_apt = Package { apt: &[], ..REDIS };
        assert!(missing(&no_apt, "linux").to_string().ends_with("put it on the PATH"));
    }

    #[test]
    fn the_apt_script_is_a_shell_script() {
        let mut check = process::command("sh");
        assert!(process::ask(check.args(["-n", "-c", APT])).unwrap().ok);
    }
}
