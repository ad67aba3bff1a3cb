// Sets a response of the greatest length without end.
// expect: timeout
const response = 'x'.repeat(100 * 1024)
while (true) Lit.Actions.setResponse({ response })
