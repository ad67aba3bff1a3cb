// Gives fetch options that are others at each look.
// expect: ends|thrown
let looks = 0
const init = {
    get method() {
        return looks++ % 2 ? 'CONNECT' : 'POST'
    },
    get body() {
        return looks++ % 2 ? 'a' : { toString: () => 'b'.repeat(10) }
    },
    get headers() {
        return { [`a${looks}`]: looks++ }
    },
}
for (let count = 0; count < 10; count++) await fetch(`${server}bytes/1`, init).catch(() => {})
