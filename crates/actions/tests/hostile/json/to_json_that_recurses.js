// Prints an object whose toJSON prints it.
// expect: thrown
const object = { toJSON: () => JSON.stringify(object) }
JSON.stringify(object)
