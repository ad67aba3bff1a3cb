// Answers on standard output, a line each, what stock ethers makes of the cases of a primitive:
// node primitives.mjs <seed> <primitive>=<count>...

import { createHmac, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { Script, createContext } from "node:vm";
import aes from "aes-js";
import { ethers } from "ethers";

const cases = new URL("../../../crates/actions/tests/ethers/primitives.js", import.meta.url);
const script = new Script(readFileSync(cases));
const { utils, Wallet } = ethers;

/** Wallets that pbkdf2 keeps, which stock ethers opens but does not write. */
function walletsOf(seed, count) {
  let drawn = 0;
  const bytes = (length) => {
    const key = createHmac("sha512", `${seed} ${drawn++}`).digest();
    return key.subarray(0, length);
  };
  return Array.from({ length: count }, () => {
    const [key, salt, iv, noise] = [bytes(32), bytes(1 + (bytes(1)[0] % 60)), bytes(16), bytes(3)];
    const password = bytes(noise[0] % 50).toString("hex");
    const hash = noise[1] % 2 ? "sha256" : "sha512";
    const rounds = 1 + (noise[2] % 9);
    const derived = pbkdf2Sync(password, salt, rounds, 32, hash);
    const ciphertext = new aes.ModeOfOperation.ctr(
      derived.subarray(0, 16),
      new aes.Counter(iv),
    ).encrypt(key);
    const hex = (data) => utils.hexlify(data).slice(2);
    const crypto = {
      cipher: "aes-128-ctr",
      cipherparams: { iv: hex(iv) },
      ciphertext: hex(ciphertext),
      kdf: "pbkdf2",
      kdfparams: { c: rounds, dklen: 32, prf: `hmac-${hash}`, salt: hex(salt) },
      mac: utils.keccak256(utils.concat([derived.subarray(16, 32), ciphertext])).slice(2),
    };
    const address = new Wallet(key).address.slice(2).toLowerCase();
    return [
      JSON.stringify({ version: 3, id: "01020304-0506-4708-890a-0b0c0d0e0f10", address, crypto }),
      password,
    ];
  });
}

const [seed, ...wanted] = process.argv.slice(2);
for (const [primitive, count] of wanted.map((each) => each.split("="))) {
  const given = primitive === "pbkdf2" ? walletsOf(seed, Number(count)) : [];
  const results = await new Promise((resolve) => {
    const Lit = { Actions: { setResponse: ({ response }) => resolve(JSON.parse(response)) } };
    script.runInContext(
      createContext({
        ethers,
        Lit,
        primitive,
        seed: Number(seed),
        count: Number(count),
        given,
        Uint8Array,
      }),
    );
  });
  process.stdout.write(JSON.stringify({ primitive, given, results }) + "\n");
}
