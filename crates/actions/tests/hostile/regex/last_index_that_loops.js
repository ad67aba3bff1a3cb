// Moves lastIndex by an object that loops.
// expect: timeout
const regex = /a/g
regex.lastIndex = {
    valueOf() {
        while (true) {}
    },
}
regex.test('a')
