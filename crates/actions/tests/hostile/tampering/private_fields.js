// Calls methods of the Web's classes on objects that are none of theirs.
// expect: ends
const strangers = [
    {},
    null,
    1,
    [],
    new Proxy(new URL('http://x/'), {}),
    Object.create(Headers.prototype),
]
let worked = 0
for (const type of [URL, URLSearchParams, Headers, Response, TextDecoder]) {
    for (const [name, { value, get }] of Object.entries(
        Object.getOwnPropertyDescriptors(type.prototype),
    )) {
        for (const stranger of strangers) {
            try {
                const result = (get ?? value).call(stranger, 'a', 'b')
                if (typeof result?.catch === 'function') result.catch(() => {})
            } catch {
                worked++
            }
        }
    }
}
console.log(worked)
