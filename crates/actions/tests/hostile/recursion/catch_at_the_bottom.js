// Catches running out of stack at the bottom and goes down again.
// expect: timeout|thrown
const deep = () => {
    try {
        deep()
    } catch {
        deep()
    }
}
deep()
