// Asks chains more often than it may.
// expect: limit|thrown
for (let count = 0; count < 31; count++)
    await Lit.Actions.getLatestNonce({ chain: 'ethereum', address: '0x' })
