// Breaks Reflect and Proxy.
// expect: ends|thrown
for (const name of Object.getOwnPropertyNames(Reflect)) Reflect[name] = () => null
globalThis.Reflect = globalThis.Proxy = null
console.log(new URL('http://x/?a=1').searchParams.get('a'))
await fetch(`${server}bytes/1`)
