// Has every type claim to be every other.
// expect: ends|thrown
for (const type of [
    ArrayBuffer,
    Error,
    Map,
    Set,
    DataView,
    URLSearchParams,
    URL,
    Headers,
    Response,
]) {
    Object.defineProperty(type, Symbol.hasInstance, { value: () => true })
}
console.log(1, 'a', {}, null)
await fetch(`${server}bytes/1`, { method: 'POST', body: {} }).catch(() => {})
throw 1
