// Prints an object whose values always have another.
// expect: thrown|memory
const endless = () => ({ toJSON: () => ({ next: endless() }) })
JSON.stringify(endless())
