// Has the runner hash a megabyte for ever.
// expect: timeout
const bytes = new Uint8Array(1 << 18)
while (true) ethers.utils.keccak256(bytes)
