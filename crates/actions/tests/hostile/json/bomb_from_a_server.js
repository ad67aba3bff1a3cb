// Reads a response as JSON that is none, and long.
// expect: thrown|memory
await (await fetch(`${server}bytes/3000000`)).json()
