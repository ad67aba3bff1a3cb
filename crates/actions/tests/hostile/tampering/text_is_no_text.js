// Has the methods of texts return what is none.
// expect: thrown|ends
String.prototype.toWellFormed = () => ({})
String.prototype.trim = String.prototype.toLowerCase = String.prototype.slice = () => Symbol()
globalThis.String = () => 1
console.log('x')
Lit.Actions.setResponse({ response: 'x' })
