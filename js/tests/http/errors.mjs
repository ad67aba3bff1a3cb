// What docs/errors.md promises, and the check that an answer keeps it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "conclave-test-harness/devnet.mjs";

const ROW = /^\| `(?<code>\w+)` \| (?<status>\d+) \| (?<kind>\w+) \| .* \| (?<retry>yes|no) \|$/;

/** The documented codes. */
export const catalogue = new Map(
  readFileSync(join(repository, "docs/errors.md"), "utf8")
    .split("\n")
    .map((line) => ROW.exec(line)?.groups)
    .filter(Boolean)
    .map(({ code, status, kind, retry }) => [
      code,
      { status: Number(status), kind, retryable: retry === "yes" },
    ]),
);

/** Checks every field of a refusal; `field` is what its message must begin with. */
export function assertRefused({ status, body, id }, code, field = "") {
  const documented = catalogue.get(code);
  assert.ok(documented, `${code} is documented`);
  const told = JSON.stringify(body);
  assert.equal(body.errorCode, code, told);
  assert.deepEqual({ status, kind: body.errorKind, retryable: body.retryable }, documented, told);
  assert.equal(body.status, status, told);
  assert.ok(
    body.message.length > 0 && body.message.startsWith(field),
    `the message begins with "${field}": ${told}`,
  );
  assert.ok(
    Array.isArray(body.details) && body.details.every((detail) => typeof detail === "string"),
    told,
  );
  if (/^[\w.-]{1,128}$/.test(id ?? "")) assert.equal(body.correlationId, id, told);
}

/** The same for the answers of all nodes. */
export function assertAllRefused(answers, code, field) {
  for (const answer of answers) assertRefused(answer, code, field);
}

/** An action that failed: what old clients read of it stands beside the code. */
export function assertActionFailed(answers, code, { error, logs } = {}) {
  assertAllRefused(answers, code);
  for (const { body } of answers) {
    assert.equal(body.success, false);
    assert.equal(typeof body.logs, "string");
    if (error) assert.match(body.error, error);
    if (logs) assert.match(body.logs, logs);
  }
}
