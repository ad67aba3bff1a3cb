// Declares a Lit of its own, which only it believes.
// expect: ends|thrown
globalThis.LitAuth = { actionIpfsIds: ['QmForged'] }
var LitActions = { signEcdsa: () => 'forged' }
LitActions.signEcdsa()
