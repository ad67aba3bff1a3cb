// What clients do with the refusals that docs/errors.md calls passing: they ask again. With more
// nodes than the machine has cores, some node is now and then too late for a signature.

/** How often a request is sent before its refusal counts. */
const ATTEMPTS = 4;

/** Refusals that say nothing about the request. */
const PASSING = new Set(["ConclaveRetry", "ConclavePoolEmpty"]);

const isPassing = (code) => PASSING.has(code);

/** Calls until what comes of it is no passing refusal: one that the SDK throws, or one of the codes in a result. */
export async function patiently(call, codesOf = () => []) {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    try {
      const result = await call();
      if (last || !codesOf(result).some(isPassing)) return result;
    } catch (error) {
      if (last || !isPassing(error.info?.errorCode)) throw error;
    }
  }
}
