// Prints an object that holds itself.
// expect: thrown
const object = {}
object.self = object
JSON.stringify(object)
