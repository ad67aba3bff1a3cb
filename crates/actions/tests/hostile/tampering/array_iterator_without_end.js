// Has every array iterate without end.
// expect: timeout|memory|thrown|ends
const prototype = Object.getPrototypeOf([][Symbol.iterator]())
prototype.next = () => ({ value: 1, done: false })
console.log(...[1])
await fetch(`${server}bytes/1`, { headers: [['a', 'b']] })
