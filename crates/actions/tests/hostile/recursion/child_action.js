// Calls itself as a child, until the depth is used up.
// expect: thrown|limit
await Lit.Actions.call({ ipfsId: 'recursive', params: {} })
