// Starting and stopping what the quickstart and the long tests need: free ports, a devnet, a price
// server, single commands.
import { execFile, spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { join } from "node:path";

const CONCLAVE = join(import.meta.dirname, "../target/debug/conclave");
const READY_LIMIT_MS = 300_000;
const STOP_LIMIT_MS = 30_000;

function isFree(port) {
  return new Promise((resolve) => {
    const server = createTcpServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

// A base from which all the ports of a devnet are free, and a port for its chain.
export async function freePorts(nodes) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 20_000 + 1_000 * Math.floor(Math.random() * 20);
    const wanted = [base + 200, base + 300];
    for (let node = 0; node < nodes; node += 1) wanted.push(base + node, base + 100 + node);
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return { base, rpc: base + 300 };
  }
  throw new Error("no free ports were found");
}

// Serves {"price": N}; `set` changes N.
export function priceServer(price) {
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify({ price }));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const host = `127.0.0.1:${server.address().port}`;
      resolve({
        host,
        url: `http://${host}/`,
        set: (next) => (price = next),
        close: () => server.close(),
      });
    });
  });
}

// Runs `conclave devnet` until it says that it is ready.
export function startDevnet(args) {
  const child = spawn(CONCLAVE, ["devnet", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const said = [];
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const ready = new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`the network was not ready in time:\n${said.join("")}`)),
      READY_LIMIT_MS,
    );
    const read = (chunk) => {
      said.push(chunk);
      if (!/^ready/m.test(chunk)) return;
      clearTimeout(limit);
      resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", read);
    child.once("exit", () => reject(new Error(`the network did not start:\n${said.join("")}`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
    const late = setTimeout(() => killGroup(child.pid), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
    killGroup(child.pid);
  };
  return { ready, stop };
}

// The devnet leads a process group of its own: nothing that it started survives this.
function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

// Runs one command with --json. Resolves to its result, or rejects with what it said.
export function conclave(...args) {
  return new Promise((resolve, reject) => {
    execFile(CONCLAVE, ["--json", ...args], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (!error) return resolve(JSON.parse(stdout));
      reject(Object.assign(new Error(stderr.trim()), { exitCode: error.code }));
    });
  });
}

export function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true) || socket.destroy()).once(
      "error",
      () => resolve(false),
    );
  });
}
