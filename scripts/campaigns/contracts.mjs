// The contract tests with far more fuzz cases and longer invariant runs.
import { spawnSync } from "node:child_process";

export const title = "Contracts";
export const parts = () => [long];

function long() {
  const forge = spawnSync("make", ["--no-print-directory", "test-contracts"], {
    env: { ...process.env, FOUNDRY_PROFILE: "long" },
    encoding: "utf8",
  });
  const summary = /(\d+) tests? passed, (\d+) failed/.exec(forge.stdout ?? "");
  const count = summary ? Number(summary[1]) + Number(summary[2]) : 0;
  return {
    what: "contract tests and invariants, long profile",
    count,
    result: summary?.[0] ?? "did not run",
    passed: forge.status === 0,
  };
}
