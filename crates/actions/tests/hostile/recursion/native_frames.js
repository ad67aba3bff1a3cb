// Recurses through native functions that take much stack.
// expect: thrown
const deep = () =>
    JSON.stringify({
        toJSON: () => 'x'.replace(/x/, () => [1].map(() => Reflect.apply(deep, null, []))),
    })
deep()
