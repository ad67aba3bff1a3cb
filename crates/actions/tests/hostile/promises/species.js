// Makes every derived promise an own one that swallows what happens.
// expect: timeout|ends
class Greedy extends Promise {
    static get [Symbol.species]() {
        return function (executor) {
            executor(
                () => {},
                () => {},
            )
            return new Promise(() => {})
        }
    }
}
Promise.prototype.constructor = Greedy
const wait = fetch(`${server}bytes/1`)
await wait.then(() => {})
