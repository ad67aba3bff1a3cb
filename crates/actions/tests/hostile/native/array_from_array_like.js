// Makes an array of an object that claims the greatest length.
// expect: timeout|memory|thrown
while (true) Array.from({ length: 2 ** 32 - 1 })
