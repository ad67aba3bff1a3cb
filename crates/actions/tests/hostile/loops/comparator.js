// Sorts by a comparator that never answers.
// expect: timeout
const numbers = [2, 1]
numbers.sort(() => {
    while (true) {}
})
