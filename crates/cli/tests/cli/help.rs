use super::support::conclave;

const COMMANDS: [&[&str]; 12] = [
    &["devnet"],
    &["node", "init"],
    &["node", "run"],
    &["mint"],
    &["grant"],
    &["revoke"],
    &["transfer"],
    &["sign"],
    &["run"],
    &["status"],
    &["action", "add"],
    &[],
];

#[test]
fn every_command_has_help_with_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in COMMANDS {
        let called = conclave(folder.path(), &[words, &["--help"]].concat());
        assert_eq!(called.code, 0, "{words:?}");
        let example = ["  conclave", words.first().copied().unwrap_or("devnet")].join(" ");
        assert!(
            called.stdout.contains(&example),
            "{words:?} shows no `{example}`:\n{}",
            called.stdout
        );
    }
}

#[test]
fn the_exit_codes_are_documented_in_the_help_and_in_the_handbook() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = conclave(folder.path(), &["--help"]).stdout;
    let handbook = include_str!("../../../../docs/cli.md");
    for code in ["0", "1", "2", "3"] {
        assert!(help.contains(&format!("\n  {code}  ")), "{code} is missing in\n{help}");
        assert!(handbook.contains(&format!("| {code} |")), "{code} is missing in the handbook");
    }
    for words in COMMANDS.iter().filter(|words| !words.is_empty()) {
        let title = format!("conclave {}", words.join(" "));
        assert!(handbook.contains(&title), "{title} is missing in the handbook");
    }
}

#[test]
fn no_command_takes_a_private_key_as_an_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in COMMANDS {
        let help = conclave(folder.path(), &[words, &["--help"]].concat()).stdout;
        assert!(!help.contains("--private-key") && !help.contains("--key <"), "{words:?}");
    }
}
