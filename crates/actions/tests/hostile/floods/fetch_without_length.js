// Fetches a response that does not say how long it is, and never ends.
// expect: thrown|timeout
await fetch(`${server}endless`)
