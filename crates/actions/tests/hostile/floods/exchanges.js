// Takes part in more exchanges than it may.
// expect: limit|thrown
for (let count = 0; count < 31; count++)
    await Lit.Actions.broadcastAndCollect({ name: `n${count}`, value: 'v' })
