// Calls more children than it may.
// expect: limit|thrown
while (true) await Lit.Actions.call({ ipfsId: 'plain', params: {} })
