// Keeps every response of many fetches.
// expect: memory|thrown|limit
const all = []
while (true) all.push(await (await fetch(`${server}bytes/4000000`)).text())
