// Asks for one buffer of eight gigabytes.
// expect: memory|thrown
new ArrayBuffer(8 * 2 ** 30)
