// Races half a million promises.
// expect: timeout|memory|ends|null
const never = () => new Promise(() => {})
Promise.race(Array.from({ length: 500000 }, never))
