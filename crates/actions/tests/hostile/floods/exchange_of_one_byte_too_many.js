// Gives the other nodes a value of one byte more than the greatest.
// expect: thrown
await Lit.Actions.broadcastAndCollect({ name: 'n', value: 'x'.repeat(16 * 1024 + 1) })
