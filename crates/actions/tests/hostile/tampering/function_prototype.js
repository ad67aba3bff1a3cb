// Breaks how functions are called, applied and bound.
// expect: thrown|timeout
Function.prototype.call =
    Function.prototype.apply =
    Function.prototype.bind =
        () => {
            throw 1
        }
Function.prototype[Symbol.hasInstance] = undefined
new TextEncoder().encode('x')
fetch(`${server}bytes/1`).catch(() => {})
throw new Error('x')
