//! What the figures were measured with.

use std::process::Command;
use std::time::SystemTime;

/// The packages of the lock file whose versions are shown.
const PEERS: [&str; 7] = ["matrixmultiply", "gemm", "faer", "nalgebra", "candle-core", "burn", "burn-flex"];

/// Date, processor, how busy it is, system and compiler.
pub fn machine() -> String {
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let field = |name: &str| {
        let line = processor.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(": ")).map_or("?", |(_, value)| value).to_string()
    };
    format!(
        "{}; {} (family {}, model {}), {} threads, load {}; {}; {}",
        &date[..10],
        field("model name"),
        field("cpu family"),
        field("model\t"),
        std::thread::available_parallelism().map_or(1, usize::from),
        load.split(' ').next().unwrap_or("?"),
        output("uname", "-sr"),
        output("rustc", "-V"),
    )
}

/// Instruction sets that this program was built for, if it was told any.
pub fn build() -> &'static str {
    if cfg!(target_feature = "avx512f") {
        "built for AVX-512"
    } else if cfg!(target_feature = "avx2") {
        "built for AVX2"
    } else {
        "default build"
    }
}

/// The versions of the peers that are crates, if they are built.
pub fn versions() -> Option<String> {
    let lock = include_str!("../Cargo.lock").split("[[package]]").filter_map(|package| {
        let field = |name: &str| Some(package.split_once(&format!("\n{name} = \""))?.1.split_once('"')?.0);
        Some((field("name")?, field("version")?))
    });
    let newest = lock.collect::<std::collections::BTreeMap<_, _>>();
    cfg!(feature = "peers").then(|| PEERS.map(|peer| format!("{peer} {}", newest.get(peer).unwrap_or(&"?"))).join(", "))
}

fn output(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or(String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_string())
}
