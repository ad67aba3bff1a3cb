// Clears every timer from within each, and sets them anew.
// expect: timeout
const all = () => {
    for (let number = 0; number < 1000; number++) clearTimeout(number)
    for (let count = 0; count < 10; count++) setTimeout(all, 1)
}
all()
