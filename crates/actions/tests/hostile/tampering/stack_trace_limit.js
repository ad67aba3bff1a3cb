// Asks for stack traces of the greatest length.
// expect: thrown
Error.stackTraceLimit = Infinity
const deep = (depth) => {
    if (depth === 0) throw new Error('deep')
    deep(depth - 1)
}
deep(1000)
