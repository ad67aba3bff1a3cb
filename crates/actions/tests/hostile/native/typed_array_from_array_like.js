// Makes a typed array of an object that claims to be long.
// expect: timeout|memory|thrown
Uint8Array.from({ length: 2 ** 31 })
