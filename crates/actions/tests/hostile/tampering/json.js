// Breaks JSON.
// expect: thrown
JSON.parse = JSON.stringify = () => ({
    get length() {
        throw 1
    },
})
console.log({ a: 1 })
throw { a: 1 }
