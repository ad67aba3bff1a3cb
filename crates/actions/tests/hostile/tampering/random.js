// Has randomness return nothing.
// expect: ends|thrown
Math.random = () => 0
const { getRandomValues } = crypto
crypto.getRandomValues = (array) => array.fill(0)
const bytes = getRandomValues.call(crypto, new Uint8Array(64))
if (bytes.every((byte) => byte === 0)) Lit.Actions.setResponse({ response: 'ESCAPED' })
