// Calls a hundred children that loop, at once.
// expect: timeout|thrown|limit
await Promise.all(
    Array.from({ length: 100 }, () => Lit.Actions.call({ ipfsId: 'loop', params: {} })),
)
