// Rejects a hundred thousand promises that nobody looks at.
// expect: thrown|memory|timeout
for (let count = 0; count < 100000; count++) Promise.reject(count)
