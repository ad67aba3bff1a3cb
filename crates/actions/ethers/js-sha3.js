// The runner defines this global before it loads the bundle and removes it afterwards. It takes and
// gives bytes as hex.
const primitives = globalThis.__primitives

/** ethers takes nothing but this one function from js-sha3, and always hands it a Uint8Array. */
export default { keccak_256: (bytes) => primitives.keccak256(bytes.toHex()) }
