// Logs where no stack is left.
// expect: thrown|limit|ends|timeout
const deep = () => {
    try {
        console.log('deep')
    } catch {}
    deep()
}
deep()
