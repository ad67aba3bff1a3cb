// Throws what the engine throws when it has no memory.
// expect: memory|thrown
const error = new InternalError('out of memory')
throw error
