// Throws another error in place of a refusal, with the refusal's words.
// expect: thrown
try {
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'refused', sigName: 's' })
} catch (error) {
    throw Object.assign(new Error(error.message), { code: error.code, retryable: true })
}
