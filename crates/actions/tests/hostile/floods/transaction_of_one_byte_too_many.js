// Calls a contract by a transaction of one byte more than the greatest.
// expect: thrown
await Lit.Actions.callContract({ chain: 'ethereum', txn: 'f'.repeat(256 * 1024 + 1) })
