// Fetches fifty times from a server that never answers.
// expect: timeout
await Promise.all(Array.from({ length: 50 }, () => fetch(`${server}never`)))
