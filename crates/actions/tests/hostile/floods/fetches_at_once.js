// Fetches a thousand times at once and catches every refusal.
// expect: ends|limit
await Promise.allSettled(Array.from({ length: 999 }, () => fetch(`${server}bytes/1`)))
