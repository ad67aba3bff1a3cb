// Wraps a proxy in a proxy without end.
// expect: memory|thrown
let proxy = {}
while (true) proxy = new Proxy(proxy, {})
