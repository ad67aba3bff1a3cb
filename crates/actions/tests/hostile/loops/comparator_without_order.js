// Sorts by a comparator that contradicts itself, again and again.
// expect: timeout
const numbers = Array.from({ length: 10000 }, Math.random)
while (true) numbers.sort(() => Math.random() - 0.5)
