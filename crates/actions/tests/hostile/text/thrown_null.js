// Throws null, as the engine does when no room for an error is left.
// expect: null
throw null
