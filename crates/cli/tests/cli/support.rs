use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What came of one call of the program.
#[derive(Debug)]
pub struct Called {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Calls `conclave` in a folder, with no account in its environment.
pub fn conclave(folder: &Path, arguments: &[&str]) -> Called {
    call(command(folder).args(arguments))
}

pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conclave"));
    command.current_dir(folder).env_remove("CONCLAVE_PRIVATE_KEY").env_remove("RUST_LOG");
    command
}

pub fn call(command: &mut Command) -> Called {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Called {
        code: status.code().expect("an exit code"),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

/// A folder with a file.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, text).expect("written");
    path
}

/// The description of a devnet whose chain nobody serves.
pub fn dead_devnet(folder: &Path) {
    let address = |byte: u8| format!("0x{}", hex::encode([byte; 20]));
    // Port 1 belongs to nobody on any machine that runs tests.
    let text = format!(
        r#"{{"rpcUrl":"http://127.0.0.1:1","chainId":31337,"threshold":2,"nodes":["http://127.0.0.1:1"],"pids":[1],
        "contracts":{{"Staking":"{}","PKPNFT":"{}","PKPPermissions":"{}","PubkeyRouter":"{}","PKPHelper":"{}","ContractResolver":"{}"}},
        "abiDir":"abi","accounts":[{{"address":"{}","privateKey":"0x{}"}}],"ipfsGateway":"http://127.0.0.1:1"}}"#,
        address(1),
        address(2),
        address(3),
        address(4),
        address(5),
        address(6),
        address(7),
        "42".repeat(32),
    );
    write(folder, ".conclave/devnet.json", &text);
}

pub const KEY: &str = "171";
pub const ADDRESS: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
