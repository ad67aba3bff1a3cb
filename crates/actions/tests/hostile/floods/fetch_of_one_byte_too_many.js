// Fetches a response of one byte more than the greatest.
// expect: thrown
await fetch(`${server}bytes/4194305`)
