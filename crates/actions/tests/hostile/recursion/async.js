// Awaits itself, in the same turn.
// expect: thrown|memory
const deep = async () => await deep()
await deep()
