// Fetches once more than it may.
// expect: thrown|limit
for (let count = 0; count < 51; count++) await fetch(`${server}bytes/1`)
