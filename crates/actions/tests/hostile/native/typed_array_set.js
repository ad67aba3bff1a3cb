// Sets a typed array from an object that claims its length.
// expect: timeout
const bytes = new Uint8Array(1 << 24)
while (true) bytes.set({ length: 1 << 24 })
