// Reads from stacks where the runner lies.
// expect: ends
const stacks = []
for (const attempt of [
    () => new URL('x'),
    () => JSON.parse('x'),
    () => new TextDecoder('x'),
    () => ethers.utils.keccak256('x'),
]) {
    try {
        attempt()
    } catch (error) {
        stacks.push(error.stack)
    }
}
await fetch('x').catch((error) => stacks.push(error.stack))
const told = /\/(home|root|tmp|usr|target|work|src)\//.test(stacks.join())
Lit.Actions.setResponse({ response: told ? `ESCAPED ${stacks}` : 'nothing' })
