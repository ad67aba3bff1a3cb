// Prints itself by printing itself.
// expect: thrown
const object = {
    toString() {
        return `${this}`
    },
}
String(object)
