// Has a timer evaluate text.
// expect: thrown|ends
setTimeout('Lit.Actions.setResponse({response: "ESCAPED"})', 1)
