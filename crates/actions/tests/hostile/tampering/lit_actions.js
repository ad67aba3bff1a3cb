// Tries to change what Lit.Actions and Lit.Auth say.
// expect: ends
const attempts = [
    () => (Lit.Actions.signEcdsa = () => 'forged'),
    () => (Lit.Auth.authSigAddress = '0x0000000000000000000000000000000000000001'),
    () => Lit.Auth.actionIpfsIds.push('QmForged'),
    () => Object.defineProperty(Lit.Auth, 'actionIpfsIds', { value: ['QmForged'] }),
    () => Object.setPrototypeOf(Lit.Auth, { forged: true }),
    () => delete Lit.Actions.signEcdsa,
    () => (Lit.Actions = {}),
]
for (const attempt of attempts) {
    try {
        attempt()
    } catch {}
}
const { actionIpfsIds, authSigAddress, forged } = Lit.Auth
const changed =
    actionIpfsIds.length !== 1 || actionIpfsIds[0] === 'QmForged' || authSigAddress || forged
Lit.Actions.setResponse({ response: changed ? 'ESCAPED' : 'unchanged' })
